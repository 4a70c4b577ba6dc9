import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CRON_JOBS, type CronJob, JOBS, type Job } from '../../kinds.ts';
import { made, type SimulatedMember, simulatedMember } from '../../simulated-member.ts';
import { dueTimes } from './times.ts';

const key = { namespace: 'default', name: 'tick' };
const MINUTE = 60_000;
const cronJob = (spec: Record<string, unknown> = {}, seconds = 1): CronJob =>
  made({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: key,
    spec: {
      schedule: '* * * * *',
      jobTemplate: {
        spec: {
          template: {
            metadata: { annotations: { 'flotilla.io/run-seconds': String(seconds) } },
            spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox:1' }] },
          },
        },
      },
      ...spec,
    },
  });

describe('a CronJob in a member', () => {
  let m: SimulatedMember;
  beforeEach(async () => {
    m = await simulatedMember();
  });
  afterEach(() => m.close());
  const read = (): Promise<CronJob> => m.client.get(CRON_JOBS, key);
  const jobs = async (): Promise<readonly Job[]> => (await m.client.list(JOBS, { namespace: 'default' })).items;

  it('makes a Job each minute, named by the minute, and keeps as many finished ones as it says', async () => {
    await m.client.create(CRON_JOBS, cronJob({ successfulJobsHistoryLimit: 2 }));
    await m.pass(MINUTE);
    const first = await m.until('the first has run', async () => {
      const cron = await read();
      return cron.status?.lastSuccessfulTime !== undefined && cron;
    });
    const minute = Math.floor(Date.parse(first.status?.lastScheduleTime ?? '') / MINUTE);
    expect((await jobs()).map(j => j.metadata.name)).toEqual([`tick-${minute}`]);
    expect((await jobs())[0]?.metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp']).toBe(
      first.status?.lastScheduleTime,
    );
    expect(first.status?.active).toBeUndefined();
    await m.pass(4 * MINUTE);
    expect((await jobs()).map(j => j.metadata.name)).toEqual([`tick-${minute + 3}`, `tick-${minute + 4}`]);
  });

  it('starts no second Job beside one that runs with Forbid', async () => {
    await m.client.create(CRON_JOBS, cronJob({ concurrencyPolicy: 'Forbid' }, 600));
    await m.pass(5 * MINUTE);
    expect(await jobs()).toHaveLength(1);
    expect((await read()).status?.active).toHaveLength(1);
  });

  it('replaces a Job that still runs with Replace', async () => {
    await m.client.create(CRON_JOBS, cronJob({ concurrencyPolicy: 'Replace' }, 600));
    await m.pass(MINUTE);
    const [before] = await jobs();
    await m.pass(MINUTE + 5000);
    const after = await jobs();
    expect(after).toHaveLength(1);
    expect(after[0]?.metadata.name).not.toBe(before?.metadata.name);
  });

  it('does nothing while suspended', async () => {
    await m.client.create(CRON_JOBS, cronJob({ suspend: true }));
    await m.pass(3 * MINUTE);
    expect(await jobs()).toHaveLength(0);
  });
});

describe('due times', () => {
  const at = (text: string): number => Date.parse(text);
  const stored = (schedule: string, spec: Record<string, unknown>, last: string): CronJob =>
    ({ ...cronJob({ schedule, ...spec }), status: { lastScheduleTime: last } }) as CronJob;

  it('follow the time zone', () => {
    const due = dueTimes(stored('0 9 * * *', { timeZone: 'Asia/Tokyo' }, '2026-03-01T00:00:00Z'), at('2026-03-01T00:30:00Z'));
    expect(new Date(due.next ?? 0).toISOString()).toBe('2026-03-02T00:00:00.000Z');
  });

  it('forget what is later than the starting deadline', () => {
    const due = dueTimes(stored('0 * * * *', { startingDeadlineSeconds: 60 }, '2026-03-01T00:00:00Z'), at('2026-03-01T05:10:00Z'));
    expect(due.missed).toBeUndefined();
    expect(due.count).toBe(0);
  });

  it('find the last of very many missed ones soon', () => {
    const due = dueTimes(stored('* * * * *', {}, '2020-01-01T00:00:00Z'), at('2026-03-01T05:10:30Z'));
    expect(new Date(due.missed ?? 0).toISOString()).toBe('2026-03-01T05:10:00.000Z');
    expect(due.count).toBeGreaterThan(100);
  });
});
