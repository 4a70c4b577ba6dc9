// Jobs: pods until enough have succeeded or too many failed; suspended and resumed.
import { fromInformer, getOrUndefined, keyOf, parseKey, type Runnable, timestamp } from '../../../kube/index.ts';
import { loop, type MemberContext } from '../../context.ts';
import { JOBS, type Job, type JobCondition, PODS, type Pod } from '../../kinds.ts';
import { candidates, claim, controllerOf, ownerKeys } from '../../owners.ts';
import { withCondition, writeStatus } from '../../writing.ts';
import { type Account, accountOf, TRACKING } from './account.ts';
import { formatIndexes } from './indexes.ts';
import { conditionOf, deadlineInMs, FINAL, isFinished, type Outcome, outcomeOf } from './outcome.ts';
import { manage, removePod } from './pods.ts';

type Again = { readonly requeueAfterMs?: number };

export function jobController(c: MemberContext): Runnable {
  const jobs = c.children(JOBS);
  return loop(c, {
    name: 'job',
    sources: [
      fromInformer(c.informer(JOBS)),
      fromInformer(c.informer(PODS), {
        keys: ({ object }) =>
          controllerOf(object) ? ownerKeys(object, 'Job') : candidates(object, jobs.in(object.metadata.namespace ?? '')),
      }),
    ],
    async reconcile(key, signal) {
      const job = await getOrUndefined(c.client, JOBS, parseKey(key), { signal });
      if (!job) return {};
      const pods = await claim(c, PODS, job);
      if (job.metadata.deletionTimestamp || isFinished(job)) return release(c, pods);
      return settle(c, job, pods);
    },
  });
}

/** A Job that is over, or on its way out, holds no pods back. */
async function release(c: MemberContext, pods: readonly Pod[]): Promise<Again> {
  for (const pod of pods) {
    const finalizers = pod.metadata.finalizers ?? [];
    if (!finalizers.includes(TRACKING)) continue;
    const body = { metadata: { uid: pod.metadata.uid, finalizers: finalizers.filter(f => f !== TRACKING) } };
    await c.client.patch(PODS, keyOf(pod), { type: 'merge', body });
  }
  return {};
}

async function settle(c: MemberContext, job: Job, pods: readonly Pod[]): Promise<Again> {
  const account = accountOf(job, pods);
  const outcome = outcomeOf(job, account, c.clock);
  let waitMs: number | undefined;
  if (outcome || job.spec.suspend) for (const pod of account.active) await removePod(c, job, pod);
  else waitMs = (await manage(c, job, { pods, account })).waitMs;
  const now = c.children(PODS).of(job.metadata.uid);
  const counted = accountOf(job, now);
  const conditions = conditionsOf(c, job, { outcome, account: counted });
  await writeStatus(c.client, JOBS, job, statusOf(c, job, { account: counted, conditions }));
  tell(c, job, conditions);
  await release(c, [...counted.pending.succeeded, ...counted.pending.failed]);
  const waits = outcome ? [] : [waitMs, deadlineInMs(job, c.clock)].filter(x => x !== undefined);
  return waits.length > 0 ? { requeueAfterMs: Math.min(...waits) } : {};
}

interface Found {
  readonly outcome: Outcome | undefined;
  readonly account: Account;
}

function conditionsOf(c: MemberContext, job: Job, { outcome, account }: Found): JobCondition[] {
  const now = timestamp(c.clock.now());
  let all: JobCondition[] = [...(job.status?.conditions ?? [])];
  const set = (type: string, status: string, reason: string, message: string): void => {
    const present = all.find(x => x.type === type);
    if (present?.status !== status) all = withCondition(all, { type, status, reason, message, lastProbeTime: now }, now);
  };
  if (outcome) {
    set(outcome.type, 'True', outcome.reason, outcome.message);
    const stopped = account.active.length === 0 && account.terminating === 0;
    if (stopped) set(FINAL[outcome.type], 'True', outcome.reason, outcome.message);
  } else if (job.spec.suspend) set('Suspended', 'True', 'JobSuspended', 'Job suspended');
  else if (conditionOf(job, 'Suspended')) set('Suspended', 'False', 'JobResumed', 'Job resumed');
  return all;
}

function statusOf(
  c: MemberContext,
  job: Job,
  { account: a, conditions }: { readonly account: Account; readonly conditions: readonly JobCondition[] },
): Job['status'] {
  const now = timestamp(c.clock.now());
  const suspended = conditions.some(x => x.type === 'Suspended' && x.status === 'True');
  const over = conditions.some(x => (x.type === 'Complete' || x.type === 'Failed') && x.status === 'True');
  const complete = conditions.some(x => x.type === 'Complete' && x.status === 'True');
  const uids = (pods: readonly Pod[]): string[] => pods.map(pod => pod.metadata.uid ?? '').sort();
  const pending = { succeeded: uids(a.pending.succeeded), failed: uids(a.pending.failed) };
  const indexed = job.spec.completionMode === 'Indexed';
  return {
    ...(conditions.length > 0 ? { conditions } : {}),
    ...(suspended ? {} : { startTime: job.status?.startTime ?? now }),
    ...(complete ? { completionTime: job.status?.completionTime ?? now } : {}),
    ...(a.active.length > 0 ? { active: a.active.length } : {}),
    ...(a.succeeded > 0 ? { succeeded: a.succeeded } : {}),
    ...(a.failed > 0 ? { failed: a.failed } : {}),
    terminating: a.terminating,
    ...(indexed && a.completedIndexes.size > 0 ? { completedIndexes: formatIndexes(a.completedIndexes) } : {}),
    ...(indexed && job.spec.backoffLimitPerIndex !== undefined ? { failedIndexes: formatIndexes(a.failedIndexes) } : {}),
    uncountedTerminatedPods: over
      ? {}
      : {
          ...(pending.succeeded.length > 0 ? { succeeded: pending.succeeded } : {}),
          ...(pending.failed.length > 0 ? { failed: pending.failed } : {}),
        },
    ready: a.ready,
  };
}

/** What has just become true, as Events. */
function tell(c: MemberContext, job: Job, conditions: readonly JobCondition[]): void {
  for (const condition of conditions) {
    const before = job.status?.conditions?.find(x => x.type === condition.type);
    if (before?.status === condition.status) continue;
    const { type, status, reason = '', message = '' } = condition;
    if (type === 'Complete') c.events.event(job, 'Normal', 'Completed', 'Job completed');
    else if (type === 'Failed') c.events.event(job, 'Warning', reason, message);
    else if (type === 'Suspended') c.events.event(job, 'Normal', status === 'True' ? 'Suspended' : 'Resumed', message);
  }
}
