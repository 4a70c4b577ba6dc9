// What is done to members, templates and bindings, counted under the names of the reference.
import { type AnyObject, type Clock, exponentialBuckets, type Metrics } from '../kube/index.ts';

const STATUS_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const EVICTION_BUCKETS = exponentialBuckets(0.001, 2, 15);

type Outcome = 'success' | 'error';

/** Counts writes into members. */
export interface MemberWrites {
  create<T>(manifest: AnyObject, cluster: string, write: () => Promise<T>): Promise<T>;
  /** `resultOf` says what an update came to; one that fails came to nothing. */
  update<T>(manifest: AnyObject, cluster: string, write: () => Promise<T>, resultOf: (written: T) => UpdateResult): Promise<T>;
  remove<T>(manifest: AnyObject, cluster: string, write: () => Promise<T>): Promise<T>;
}

export type UpdateResult = 'none' | 'unchanged' | 'updated';

export function memberWrites(metrics: Metrics): MemberWrites {
  const labels = ['result', 'apiversion', 'kind', 'member_cluster'];
  const created = metrics.counter({
    name: 'create_resource_to_cluster',
    help: 'Objects that were to be created in a member.',
    labels: [...labels, 'recreate'],
  });
  const updated = metrics.counter({
    name: 'update_resource_to_cluster',
    help: 'Objects that were to be brought up to date in a member.',
    labels: [...labels, 'operationResult'],
  });
  const deleted = metrics.counter({ name: 'delete_resource_from_cluster', help: 'Objects that were to be deleted from a member.', labels });
  return {
    create: ({ apiVersion, kind }, cluster, write) => told(write, result => created.of(result, apiVersion, kind, cluster, 'false').add()),
    update: ({ apiVersion, kind }, cluster, write, resultOf) =>
      told(write, (result, written) => {
        const came = written === undefined ? 'none' : resultOf(written.value);
        updated.of(result, apiVersion, kind, cluster, came).add();
      }),
    remove: ({ apiVersion, kind }, cluster, write) => told(write, result => deleted.of(result, apiVersion, kind, cluster).add()),
  };
}

/** Measures how long the status of a cluster takes. */
export function statusDuration(metrics: Metrics, clock: Clock): (cluster: string, sync: () => Promise<void>) => Promise<void> {
  const family = metrics.histogram({
    name: 'cluster_sync_status_duration_seconds',
    help: 'How long it takes to collect and publish the status of a cluster.',
    labels: ['member_cluster'],
    buckets: STATUS_BUCKETS,
  });
  return (cluster, sync) => {
    const since = clock.monotonic();
    return told(sync, () => family.of(cluster).observe((clock.monotonic() - since) / 1000));
  };
}

/** Measures how long the search for a policy takes that selects a template. */
export function searches(metrics: Metrics, clock: Clock): <T>(search: () => T) => T {
  const family = metrics.histogram({
    name: 'resource_match_policy_duration_seconds',
    help: 'How long it takes to find the policy that selects a template.',
    buckets: exponentialBuckets(0.001, 2, 12),
  });
  return search => {
    const since = clock.monotonic();
    const found = search();
    family.of().observe((clock.monotonic() - since) / 1000);
    return found;
  };
}

/** Counts takings of a template from another policy. */
export function preemptions(metrics: Metrics): <T>(preempt: () => Promise<T>) => Promise<T> {
  const total = metrics.counter({
    name: 'policy_preemption_total',
    help: 'Templates that a policy was to take from another.',
    labels: ['result'],
  });
  return preempt => told(preempt, result => total.of(result).add());
}

/** Counts the looks of one eviction queue at a binding, and how long they take. */
export function evictions(metrics: Metrics, name: string, clock: Clock): <T>(look: () => Promise<T>) => Promise<T> {
  const total = metrics.counter({
    name: 'eviction_processing_total',
    help: 'Bindings that were looked at for eviction.',
    labels: ['name', 'result'],
  });
  const latency = metrics
    .histogram({
      name: 'eviction_processing_latency_seconds',
      help: 'How long a look at a binding for eviction takes.',
      labels: ['name'],
      buckets: EVICTION_BUCKETS,
    })
    .of(name);
  return look => {
    const since = clock.monotonic();
    return told(look, result => {
      total.of(name, result).add();
      latency.observe((clock.monotonic() - since) / 1000);
    });
  };
}

/** The promise itself, not one that follows it: who waits for a write must not hear of it later than those who watch. */
function told<T>(run: () => Promise<T>, tell: (result: Outcome, written?: { readonly value: T }) => void): Promise<T> {
  const running = run();
  running.then(
    value => tell('success', { value }),
    () => tell('error'),
  );
  return running;
}
