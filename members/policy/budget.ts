// PodDisruptionBudgets: how many healthy pods there must be, how many there are, and so how many may be evicted now.
import {
  fromInformer,
  getOrUndefined,
  labelSelector,
  parseKey,
  type Runnable,
  scaledValue,
  timeMillis,
  timestamp,
} from '../../kube/index.ts';
import { loop, type MemberContext } from '../context.ts';
import {
  BUDGETS,
  DEPLOYMENTS,
  PODS,
  type Pod,
  type PodDisruptionBudget,
  REPLICA_SETS,
  REPLICATION_CONTROLLERS,
  STATEFUL_SETS,
} from '../kinds.ts';
import { controllerOf } from '../owners.ts';
import { hasEnded, isReady, isTerminating } from '../workloads/pod-state.ts';
import { withCondition, writeStatus } from '../writing.ts';

/** An eviction that was granted but never carried out stops counting after this time. */
const GRANTED_MS = 120_000;

export function budgetController(c: MemberContext): Runnable {
  const budgets = c.children(BUDGETS);
  // Looked into for the wanted number of pods.
  c.informer(REPLICA_SETS);
  c.informer(REPLICATION_CONTROLLERS);
  c.informer(DEPLOYMENTS);
  c.informer(STATEFUL_SETS);
  return loop(c, {
    name: 'disruption',
    sources: [
      fromInformer(c.informer(BUDGETS)),
      fromInformer(c.informer(PODS), {
        keys: ({ object, old }) =>
          budgets
            .in(object.metadata.namespace ?? '')
            .filter(b => selects(b, object) || (old !== undefined && selects(b, old)))
            .map(b => `${b.metadata.namespace}/${b.metadata.name}`),
      }),
    ],
    async reconcile(key, signal) {
      const budget = await getOrUndefined(c.client, BUDGETS, parseKey(key), { signal });
      if (!budget || budget.metadata.deletionTimestamp) return {};
      return settle(c, budget);
    },
  });
}

/** An empty selector selects everything, none nothing. */
function selects(b: PodDisruptionBudget, pod: Pod): boolean {
  const { selector } = b.spec ?? {};
  return selector !== undefined && labelSelector(selector).matches(pod.metadata.labels ?? {});
}

async function settle(c: MemberContext, budget: PodDisruptionBudget): Promise<{ requeueAfterMs?: number }> {
  const now = c.clock.now();
  const pods = c
    .children(PODS)
    .in(budget.metadata.namespace ?? '')
    .filter(pod => selects(budget, pod) && !hasEnded(pod));
  const granted = stillGranted(budget, pods, now);
  const wanted = wantedOf(c, budget, pods);
  const healthy = pods.filter(pod => isReady(pod) && !isTerminating(pod) && !(pod.metadata.name && pod.metadata.name in granted)).length;
  const failed = 'error' in wanted;
  const { expected, desired } = failed ? { expected: 0, desired: 0 } : wanted;
  const allowed = failed || expected <= 0 ? 0 : Math.max(0, healthy - desired);
  const condition = failed
    ? { status: 'False', reason: 'SyncFailed', message: wanted.error }
    : { status: allowed > 0 ? 'True' : 'False', reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods', message: '' };
  const observedGeneration = budget.metadata.generation ?? 1;
  const next = { type: 'DisruptionAllowed', observedGeneration, ...condition };
  await writeStatus(c.client, BUDGETS, budget, {
    observedGeneration,
    ...(Object.keys(granted).length > 0 ? { disruptedPods: granted } : {}),
    disruptionsAllowed: allowed,
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: expected,
    conditions: withCondition(budget.status?.conditions, next, timestamp(now)),
  });
  const ends = Object.values(granted).map(at => (timeMillis(at) ?? now) + GRANTED_MS - now);
  return ends.length > 0 ? { requeueAfterMs: Math.max(0, Math.min(...ends)) } : {};
}

/** Evictions that were granted and have not shown yet. */
function stillGranted(budget: PodDisruptionBudget, pods: readonly Pod[], now: number): Record<string, string> {
  const there = new Set(pods.filter(pod => !isTerminating(pod)).map(pod => pod.metadata.name));
  const entries = Object.entries(budget.status?.disruptedPods ?? {});
  return Object.fromEntries(entries.filter(([name, at]) => there.has(name) && (timeMillis(at) ?? 0) + GRANTED_MS > now));
}

type Wanted = { readonly expected: number; readonly desired: number } | { readonly error: string };

function wantedOf(c: MemberContext, { spec = {} }: PodDisruptionBudget, pods: readonly Pod[]): Wanted {
  const { minAvailable, maxUnavailable } = spec;
  if (maxUnavailable === undefined && (minAvailable === undefined || typeof minAvailable === 'number'))
    return { expected: pods.length, desired: typeof minAvailable === 'number' ? minAvailable : 0 };
  const scale = scaleOf(c, pods);
  if ('error' in scale) return scale;
  const { expected } = scale;
  const part = (value: number | string): number => scaledValue(value, { total: expected, round: 'up' });
  const desired = maxUnavailable === undefined ? part(minAvailable ?? 0) : Math.max(0, expected - part(maxUnavailable));
  return { expected, desired };
}

/** The wanted replicas of everything that controls these pods. */
function scaleOf(c: MemberContext, pods: readonly Pod[]): { readonly expected: number } | { readonly error: string } {
  const counts = new Map<string, number>();
  for (const pod of pods) {
    const owner = controllerOf(pod);
    if (!owner) return { error: `found no controllers for pod "${pod.metadata.name}"` };
    const key = `${pod.metadata.namespace}/${owner.name}`;
    const set = owner.kind === 'ReplicaSet' ? c.informer(REPLICA_SETS).get(key) : undefined;
    const above = set && controllerOf(set);
    const deployment = above?.kind === 'Deployment' ? c.informer(DEPLOYMENTS).get(`${pod.metadata.namespace}/${above.name}`) : undefined;
    const stateful = owner.kind === 'StatefulSet' ? c.informer(STATEFUL_SETS).get(key) : undefined;
    const replication = owner.kind === 'ReplicationController' ? c.informer(REPLICATION_CONTROLLERS).get(key) : undefined;
    const scaled = deployment ?? set ?? stateful ?? replication;
    if (!scaled)
      return { error: `${owner.kind.toLowerCase()}s.${owner.apiVersion.split('/')[0]} does not implement the scale subresource` };
    counts.set(scaled.metadata.uid ?? '', scaled.spec.replicas ?? 1);
  }
  return { expected: [...counts.values()].reduce((sum, n) => sum + n, 0) };
}
