// How many pods of a Job run now: made up to its parallelism, later after failures, taken away where there are too many.
import { type Clock, timeMillis } from '../../../kube/index.ts';
import type { MemberContext } from '../../context.ts';
import { type Job, PODS, type Pod } from '../../kinds.ts';
import { deleteObject } from '../../writing.ts';
import { byWorth, isTerminating } from '../pod-state.ts';
import { podFrom } from '../template.ts';
import { type Account, hasFailed, TRACKING } from './account.ts';
import { indexMark, indexOf } from './indexes.ts';

const BACK_OFF_MS = 1000;
const MAX_BACK_OFF_MS = 60_000;
const BURST = 500;

/** Brings the number of active pods where it should be; how long until the next may be made. */
export async function manage(
  c: MemberContext,
  job: Job,
  o: { readonly pods: readonly Pod[]; readonly account: Account },
): Promise<{ waitMs?: number }> {
  const { active } = o.account;
  const wanted = wantedActive(job, o.account);
  const surplus = [...active].sort(byWorth).slice(0, Math.max(0, active.length - wanted));
  for (const pod of surplus) await removePod(c, job, pod);
  const missing = Math.min(wanted - active.length - (job.spec.podReplacementPolicy === 'Failed' ? o.account.terminating : 0), BURST);
  if (missing <= 0) return {};
  const waitMs = backOffMs(job, o.pods, c.clock);
  if (waitMs > 0) return { waitMs };
  const indexes =
    job.spec.completionMode === 'Indexed' ? freeIndexes(job, o.account, missing) : Array.from({ length: missing }, () => undefined);
  await Promise.all(indexes.map(index => createPod(c, job, index)));
  return {};
}

export async function removePod(c: MemberContext, job: Job, pod: Pod): Promise<void> {
  await deleteObject(c.client, PODS, pod);
  c.events.event(job, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
}

function wantedActive(job: Job, a: Account): number {
  const { parallelism = 1, completions } = job.spec;
  if (completions === undefined) return a.succeeded > 0 ? a.active.length : parallelism;
  return Math.min(parallelism, Math.max(0, completions - a.succeeded - a.failedIndexes.size));
}

function freeIndexes(job: Job, a: Account, count: number): number[] {
  const taken = new Set(a.active.map(indexOf));
  const free: number[] = [];
  for (let i = 0; i < (job.spec.completions ?? 0) && free.length < count; i++)
    if (!taken.has(i) && !a.completedIndexes.has(i) && !a.failedIndexes.has(i)) free.push(i);
  return free;
}

/** After failures in a row the next pod waits: one second, doubled each time, a minute at most. */
function backOffMs(job: Job, pods: readonly Pod[], clock: Clock): number {
  const endOf = (pod: Pod): number =>
    timeMillis(pod.metadata.deletionTimestamp) ??
    Math.max(0, ...(pod.status?.containerStatuses ?? []).map(s => timeMillis(s.state?.terminated?.finishedAt) ?? 0));
  const lastSuccess = Math.max(0, ...pods.filter(pod => pod.status?.phase === 'Succeeded').map(endOf));
  const failures = pods.filter(pod => hasFailed(job, pod) && !isTerminating(pod)).map(endOf);
  const inRow = failures.filter(at => at >= lastSuccess).length;
  if (inRow === 0) return 0;
  const delay = Math.min(MAX_BACK_OFF_MS, BACK_OFF_MS * 2 ** (inRow - 1));
  return Math.max(0, Math.max(...failures) + delay - clock.now());
}

async function createPod(c: MemberContext, job: Job, index: number | undefined): Promise<void> {
  const mark = index === undefined ? {} : indexMark(index);
  const pod = podFrom(job.spec.template, job, { labels: mark, annotations: mark });
  const finalizers = [...(pod.metadata.finalizers ?? []), TRACKING];
  const { name = '' } = job.metadata;
  const identity = index === undefined ? {} : { generateName: generatedWith(name, index) };
  const spec = index === undefined ? pod.spec : indexedSpec(pod, `${name}-${index}`, index);
  try {
    const made = await c.client.create(PODS, { ...pod, metadata: { ...pod.metadata, ...identity, finalizers }, spec });
    c.events.event(job, 'Normal', 'SuccessfulCreate', `Created pod: ${made.metadata.name}`);
  } catch (error) {
    c.events.event(job, 'Warning', 'FailedCreate', `Error creating: ${(error as Error).message}`);
    throw error;
  }
}

/** What is left of a generated name before its random end. */
const LONGEST_PREFIX = 58;

/** The index stays to be read in the names of the pods of a Job with a long name. */
function generatedWith(job: string, index: number): string {
  const end = `-${index}-`;
  return job.slice(0, LONGEST_PREFIX - end.length) + end;
}

function indexedSpec(pod: Pod, hostname: string, index: number): Pod['spec'] {
  const variable = { name: 'JOB_COMPLETION_INDEX', value: String(index) };
  const withIndex = pod.spec.containers.map(x => ({ ...x, env: [...(x.env ?? []), variable] }));
  return { ...pod.spec, hostname: pod.spec.hostname ?? hostname, containers: withIndex };
}
