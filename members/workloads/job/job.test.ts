import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { getOrUndefined } from '../../../kube/index.ts';
import { JOBS, type Job, PODS, type Pod } from '../../kinds.ts';
import { made, type SimulatedMember, simulatedMember } from '../../simulated-member.ts';
import { formatIndexes, parseIndexes } from './indexes.ts';

let m: SimulatedMember;
beforeEach(async () => {
  m = await simulatedMember();
});
afterEach(() => m.close());

const key = { namespace: 'default', name: 'work' };
const job = (spec: Record<string, unknown> = {}, command = ['true'], restartPolicy = 'Never'): Job =>
  made({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: key,
    spec: { template: { spec: { restartPolicy, containers: [{ name: 'c', image: 'busybox:1', command }] } }, ...spec },
  });
const read = (): Promise<Job> => m.client.get(JOBS, key);
const pods = async (): Promise<readonly Pod[]> => (await m.client.list(PODS, { namespace: 'default' })).items;
const has = (j: Job, type: string, status = 'True') => j.status?.conditions?.find(c => c.type === type && c.status === status);
const until = (what: string, type: string, withinMs?: number): Promise<Job> =>
  m.until(
    what,
    async () => {
      const now = await read();
      return has(now, type) !== undefined && now;
    },
    withinMs,
  );

describe('a Job', () => {
  it('is complete when enough pods have succeeded, in the words of Kubernetes', async () => {
    await m.client.create(JOBS, job({ completions: 3, parallelism: 2 }));
    let most = 0;
    const done = await m.until('it is complete', async () => {
      most = Math.max(most, (await pods()).filter(p => p.status?.phase === 'Running').length);
      const now = await read();
      return has(now, 'Complete') !== undefined && now;
    });
    expect(most).toBe(2);
    expect(done.status).toMatchObject({ succeeded: 3, ready: 0, terminating: 0, uncountedTerminatedPods: {} });
    expect(done.status?.conditions?.map(c => [c.type, c.reason, c.message])).toEqual([
      ['SuccessCriteriaMet', 'CompletionsReached', 'Reached expected number of succeeded pods'],
      ['Complete', 'CompletionsReached', 'Reached expected number of succeeded pods'],
    ]);
    expect(done.status?.completionTime).toBeDefined();
    await m.pass(1000);
    expect((await pods()).flatMap(p => p.metadata.finalizers ?? [])).toEqual([]);
  });

  it('fails when more pods fail than backoffLimit allows', async () => {
    await m.client.create(JOBS, job({ backoffLimit: 2 }, ['sh', '-c', 'exit 3']));
    const failed = await until('it has failed', 'Failed', 120_000);
    expect(failed.status).toMatchObject({ failed: 3 });
    expect(has(failed, 'FailureTarget')).toMatchObject({ reason: 'BackoffLimitExceeded' });
    expect(has(failed, 'Failed')).toMatchObject({ reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' });
  });

  it('counts restarts within a pod as failures with OnFailure', async () => {
    await m.client.create(JOBS, job({ backoffLimit: 1 }, ['false'], 'OnFailure'));
    await m.until(
      'the container has been started again',
      async () => ((await pods())[0]?.status?.containerStatuses?.[0]?.restartCount ?? 0) > 0,
    );
    await until('it has failed', 'Failed', 120_000);
  });

  it('stops after activeDeadlineSeconds', async () => {
    await m.client.create(JOBS, job({ activeDeadlineSeconds: 5, template: withRunSeconds(600) }));
    const failed = await until('it has failed', 'Failed');
    expect(has(failed, 'Failed')).toMatchObject({ reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' });
    await m.until('its pod is gone', async () => (await pods()).length === 0);
  });

  it('takes its pods away while suspended, and starts anew when resumed', async () => {
    await m.client.create(JOBS, job({ template: withRunSeconds(20) }));
    await m.until('it runs', async () => (await read()).status?.active === 1);
    await m.client.patch(JOBS, key, { type: 'merge', body: { spec: { suspend: true } } });
    const suspended = await until('it is suspended', 'Suspended');
    expect(has(suspended, 'Suspended')).toMatchObject({ reason: 'JobSuspended', message: 'Job suspended' });
    await m.until('no pod is left', async () => (await pods()).length === 0);
    expect((await read()).status?.startTime).toBeUndefined();
    expect((await read()).status?.failed).toBeUndefined();
    await m.client.patch(JOBS, key, { type: 'merge', body: { spec: { suspend: false } } });
    const done = await until('it is complete', 'Complete');
    expect(has(done, 'Suspended', 'False')).toMatchObject({ reason: 'JobResumed', message: 'Job resumed' });
  });

  it('gives every index one success with Indexed', async () => {
    await m.client.create(JOBS, job({ completions: 3, parallelism: 3, completionMode: 'Indexed' }));
    const done = await until('it is complete', 'Complete');
    expect(done.status).toMatchObject({ succeeded: 3, completedIndexes: '0-2' });
    const all = await pods();
    expect(all.map(p => p.metadata.annotations?.['batch.kubernetes.io/job-completion-index']).sort()).toEqual(['0', '1', '2']);
    expect(all.every(p => /^work-\d-/.test(p.metadata.name ?? ''))).toBe(true);
    expect(all[0]?.spec.containers[0]?.env?.at(-1)?.name).toBe('JOB_COMPLETION_INDEX');
  });

  it('keeps the index readable in the names of the pods of a Job with a long name', async () => {
    const name = 'w'.repeat(60);
    await m.client.create(JOBS, { ...job({ completionMode: 'Indexed', completions: 2, parallelism: 2 }), metadata: { ...key, name } });
    const made = await m.until('both indexes have a pod', async () => (await pods()).length >= 2 && pods());
    expect(made.map(p => p.metadata.name?.slice(0, 58)).sort()).toEqual([`${'w'.repeat(55)}-0-`, `${'w'.repeat(55)}-1-`]);
  });

  it('gives indexes up one by one with backoffLimitPerIndex', async () => {
    await m.client.create(JOBS, job({ completions: 2, parallelism: 2, completionMode: 'Indexed', backoffLimitPerIndex: 0 }, ['false']));
    const failed = await until('it has failed', 'Failed');
    expect(failed.status).toMatchObject({ failedIndexes: '0,1' });
    expect(has(failed, 'Failed')).toMatchObject({ reason: 'FailedIndexes', message: 'Job has failed indexes' });
  });

  it('fails at once where a rule of the failure policy says so', async () => {
    const podFailurePolicy = { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }] };
    await m.client.create(JOBS, job({ podFailurePolicy }, ['sh', '-c', 'exit 42']));
    const failed = await until('it has failed', 'Failed');
    expect(has(failed, 'Failed')).toMatchObject({ reason: 'PodFailurePolicy' });
    expect(has(failed, 'Failed')?.message).toMatch(
      /^Container c for pod default\/work-\w+ failed with exit code 42 matching FailJob rule at index 0$/,
    );
  });

  it('is done when its success policy is met, whatever the other indexes do', async () => {
    const successPolicy = { rules: [{ succeededCount: 1 }] };
    await m.client.create(JOBS, job({ completions: 4, parallelism: 1, completionMode: 'Indexed', successPolicy }));
    const done = await until('it is complete', 'Complete');
    expect(has(done, 'Complete')).toMatchObject({ reason: 'SuccessPolicy', message: 'Matched rules at index 0' });
    expect(done.status?.succeeded).toBe(1);
  });

  it('goes with its pods when its time after the end is over', async () => {
    await m.client.create(JOBS, job({ ttlSecondsAfterFinished: 10 }));
    await until('it is complete', 'Complete');
    await m.pass(5000);
    expect(await getOrUndefined(m.client, JOBS, key)).toBeDefined();
    await m.until('it is gone', async () => (await getOrUndefined(m.client, JOBS, key)) === undefined && (await pods()).length === 0);
  });

  it('replaces a pod that somebody deletes, and counts it as failed once', async () => {
    await m.client.create(JOBS, job({ template: withRunSeconds(10) }));
    await m.until('it runs', async () => (await read()).status?.active === 1 && (await pods())[0]?.status?.phase === 'Running');
    await m.client.delete(PODS, { namespace: 'default', name: (await pods())[0]?.metadata.name ?? '' });
    const done = await until('it is complete', 'Complete');
    expect(done.status).toMatchObject({ succeeded: 1, failed: 1 });
  });
});

const withRunSeconds = (seconds: number): Record<string, unknown> => ({
  metadata: { annotations: { 'flotilla.io/run-seconds': String(seconds) } },
  spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox:1' }] },
});

describe('completion indexes', () => {
  it.each([
    ['0-2,4', [0, 1, 2, 4]],
    ['1,2', [1, 2]],
    ['', []],
  ])('are written as %j', (text, numbers) => {
    expect(formatIndexes(new Set(numbers))).toBe(text);
    expect([...parseIndexes(text)]).toEqual(numbers);
  });
});
