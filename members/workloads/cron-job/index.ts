// CronJobs: a Job each time the schedule says so, as far as the ones before allow it; a few finished ones are kept.
import { createHash } from 'node:crypto';
import {
  errorText,
  fromInformer,
  getOrUndefined,
  isStatusError,
  parseKey,
  type Runnable,
  timeMillis,
  timestamp,
} from '../../../kube/index.ts';
import { loop, type MemberContext } from '../../context.ts';
import { CRON_JOBS, type CronJob, JOBS, type Job } from '../../kinds.ts';
import { ownedBy, ownerKeys } from '../../owners.ts';
import { deleteObject, writeStatus } from '../../writing.ts';
import { conditionOf, isFinished } from '../job/outcome.ts';
import { dueTimes } from './times.ts';

type Again = { readonly requeueAfterMs?: number };
const SCHEDULED = 'batch.kubernetes.io/cronjob-scheduled-timestamp';
const MANY_MISSED = 100;

export function cronJobController(c: MemberContext): Runnable {
  const jobs = c.children(JOBS);
  return loop(c, {
    name: 'cronjob',
    sources: [fromInformer(c.informer(CRON_JOBS)), fromInformer(c.informer(JOBS), { keys: ({ object }) => ownerKeys(object, 'CronJob') })],
    async reconcile(key, signal) {
      const cron = await getOrUndefined(c.client, CRON_JOBS, parseKey(key), { signal });
      if (!cron || cron.metadata.deletionTimestamp) return {};
      const owned = jobs.of(cron.metadata.uid);
      const seen = await observe(c, cron, owned);
      await trim(c, cron, owned);
      return seen.spec.suspend ? {} : serve(c, seen, owned);
    },
  });
}

/** Brings the list of active Jobs and the last success up to date. */
async function observe(c: MemberContext, cron: CronJob, owned: readonly Job[]): Promise<CronJob> {
  const before = cron.status?.active ?? [];
  for (const job of owned) {
    if (!before.some(a => a.uid === job.metadata.uid) || !isFinished(job)) continue;
    const how = conditionOf(job, 'Complete') ? 'Complete' : 'Failed';
    c.events.event(cron, 'Normal', 'SawCompletedJob', `Saw completed job: ${job.metadata.name}, condition: ${how}`);
  }
  const active = owned.filter(job => !isFinished(job)).map(reference);
  const ends = owned.filter(job => conditionOf(job, 'Complete')).map(job => job.status?.completionTime ?? '');
  const lastSuccessfulTime = [cron.status?.lastSuccessfulTime ?? '', ...ends].sort().at(-1);
  const status = {
    ...(active.length > 0 ? { active } : {}),
    ...(cron.status?.lastScheduleTime ? { lastScheduleTime: cron.status.lastScheduleTime } : {}),
    ...(lastSuccessfulTime ? { lastSuccessfulTime } : {}),
  };
  await writeStatus(c.client, CRON_JOBS, cron, status);
  return getOrUndefined(c.client, CRON_JOBS, { namespace: cron.metadata.namespace ?? '', name: cron.metadata.name ?? '' }).then(
    now => now ?? cron,
  );
}

const reference = (job: Job) => {
  const { name = '', namespace = '', uid = '', resourceVersion = '' } = job.metadata;
  return { apiVersion: 'batch/v1', kind: 'Job', name, namespace, uid, resourceVersion };
};

async function trim(c: MemberContext, cron: CronJob, owned: readonly Job[]): Promise<void> {
  const { successfulJobsHistoryLimit = 3, failedJobsHistoryLimit = 1 } = cron.spec;
  const started = (job: Job): number => timeMillis(job.status?.startTime ?? job.metadata.creationTimestamp) ?? 0;
  for (const [type, limit] of [
    ['Complete', successfulJobsHistoryLimit],
    ['Failed', failedJobsHistoryLimit],
  ] as const) {
    const ended = owned.filter(job => conditionOf(job, type)).sort((a, b) => started(a) - started(b));
    for (const job of ended.slice(0, Math.max(0, ended.length - limit))) await remove(c, cron, job);
  }
}

async function remove(c: MemberContext, cron: CronJob, job: Job): Promise<void> {
  await deleteObject(c.client, JOBS, job);
  c.events.event(cron, 'Normal', 'SuccessfulDelete', `Deleted job ${job.metadata.name}`);
}

async function serve(c: MemberContext, cron: CronJob, owned: readonly Job[]): Promise<Again> {
  const nowMs = c.clock.now();
  let due: ReturnType<typeof dueTimes>;
  try {
    due = dueTimes(cron, nowMs);
  } catch (error) {
    c.events.event(
      cron,
      'Warning',
      'UnparseableSchedule',
      `unparseable schedule: ${JSON.stringify(cron.spec.schedule)} : ${errorText(error)}`,
    );
    return {};
  }
  const again = due.next === undefined ? {} : { requeueAfterMs: due.next - nowMs };
  if (due.missed === undefined) return again;
  if (due.count > MANY_MISSED) {
    const text = 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew';
    c.events.event(cron, 'Warning', 'TooManyMissedTimes', text);
  }
  if (await mayStart(c, cron, owned)) await start(c, cron, due.missed);
  return again;
}

/** What the concurrency policy says about Jobs that still run. */
async function mayStart(c: MemberContext, cron: CronJob, owned: readonly Job[]): Promise<boolean> {
  const active = owned.filter(job => !isFinished(job) && !job.metadata.deletionTimestamp);
  if (active.length === 0 || (cron.spec.concurrencyPolicy ?? 'Allow') === 'Allow') return true;
  if (cron.spec.concurrencyPolicy === 'Replace') {
    for (const job of active) await remove(c, cron, job);
    return true;
  }
  const text = 'Not starting job because prior execution is running and concurrency policy is Forbid';
  c.events.event(cron, 'Normal', 'JobAlreadyActive', text);
  return false;
}

/** The name is that of the minute, so that no minute is served twice. */
async function start(c: MemberContext, cron: CronJob, timeMs: number): Promise<void> {
  const { name = '', namespace = '' } = cron.metadata;
  const { metadata, spec } = cron.spec.jobTemplate;
  const at = timestamp(timeMs);
  try {
    const job = await c.client.create(JOBS, {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name: nameOf(name, timeMs),
        namespace,
        labels: metadata?.labels ?? {},
        annotations: { ...metadata?.annotations, [SCHEDULED]: at },
        ownerReferences: [ownedBy(cron)],
      },
      spec,
    });
    c.events.event(cron, 'Normal', 'SuccessfulCreate', `Created job ${job.metadata.name}`);
    const active = [...(cron.status?.active ?? []), reference(job)];
    await writeStatus(c.client, CRON_JOBS, cron, { ...cron.status, active, lastScheduleTime: at });
  } catch (error) {
    if (isStatusError(error, 'AlreadyExists')) return writeStatus(c.client, CRON_JOBS, cron, { ...cron.status, lastScheduleTime: at });
    c.events.event(cron, 'Warning', 'FailedCreate', `Error creating job: ${errorText(error)}`);
    throw error;
  }
}

const NAME_MAX = 63;

function nameOf(cron: string, timeMs: number): string {
  const minute = Math.floor(timeMs / 60_000);
  const name = `${cron}-${minute}`;
  if (name.length <= NAME_MAX) return name;
  const hash = createHash('sha256').update(cron).digest('hex').slice(0, 8);
  return `${cron.slice(0, NAME_MAX - String(minute).length - hash.length - 2)}-${hash}-${minute}`;
}
