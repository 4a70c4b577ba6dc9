// What resource quotas of a namespace still allow (specification §7.4). A quota counts for pods whose priority class is in
// its scope; only cpu, memory and extended resources are looked at, and only as requests.
import { matchExpressions, SelectorError, subtractQuantities } from '../kube/index.ts';
import { isExtended } from './capacity.ts';
import { amountOf, least, MAX_INT32, resourcesOf } from './resources.ts';
import type { AssumedWorkload, Component, ResourceQuota, ScopeSelectorRequirement } from './types.ts';

const REQUESTS = 'requests.';

/**
 * How often all of `components` together fit into the quotas of a namespace ('': of all); undefined where none says anything.
 * For whole sets the first quota that allows none ends the walk, whatever an overdrawn one behind it would say.
 */
export function quotaLimit(
  quotas: readonly ResourceQuota[],
  o: {
    readonly kind: 'replicas' | 'sets';
    readonly namespace: string;
    readonly components: readonly Component[];
    readonly assumed: readonly AssumedWorkload[];
  },
): bigint | undefined {
  let limit: bigint | undefined;
  for (const quota of quotas) {
    if (o.namespace && quota.metadata.namespace !== o.namespace) continue;
    const value = limitOf(quota, o);
    if (value === undefined || value > MAX_INT32) continue;
    limit = limit === undefined ? value : least(limit, value);
    if (limit === 0n && o.kind === 'sets') return 0n;
  }
  return limit;
}

function limitOf(quota: ResourceQuota, o: Parameters<typeof quotaLimit>[1]): bigint | undefined {
  const inScope = scopeOf(quota);
  const counted = o.components.filter(c => inScope(c.replicaRequirements?.priorityClassName ?? ''));
  if (counted.length === 0) return undefined;
  const requests = requestsOf(counted);
  const assumed = o.assumed.filter(w => w.namespace === o.namespace).flatMap(w => w.components ?? []);
  const promised = requestsOf(assumed.filter(c => inScope(c.replicaRequirements?.priorityClassName ?? '')));
  const free = freeOf(quota);
  for (const [name, amount] of promised) {
    const room = free.get(name);
    if (room === undefined) continue;
    if (room < amount) return 0n;
    free.set(name, room - amount);
  }
  let value: bigint | undefined;
  for (const [name, amount] of requests) {
    const room = free.get(name);
    if (room === undefined || amount <= 0n) continue;
    const times = room / amount;
    value = value === undefined ? times : least(value, times);
  }
  return value;
}

/** Requests × replicas of some components. */
function requestsOf(components: readonly Component[]): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const component of components) {
    for (const [name, quantity] of resourcesOf(component.replicaRequirements?.resourceRequest)) {
      sums.set(name, (sums.get(name) ?? 0n) + amountOf(name, quantity) * BigInt(component.replicas ?? 0));
    }
  }
  return sums;
}

/** Resource → what is left. `requests.x` wins over `x`. */
function freeOf(quota: ResourceQuota): Map<string, bigint> {
  const hard = resourcesOf(quota.status?.hard);
  const used = resourcesOf(quota.status?.used);
  const free = new Map<string, bigint>();
  const names = [...hard.keys()].sort((a, b) => Number(a.startsWith(REQUESTS)) - Number(b.startsWith(REQUESTS)));
  for (const key of names) {
    const name = key.startsWith(REQUESTS) ? key.slice(REQUESTS.length) : key;
    const limit = hard.get(key);
    const usage = used.get(key);
    if (!limit || !usage || !(name === 'cpu' || name === 'memory' || isExtended(name))) continue;
    free.set(name, amountOf(name, subtractQuantities(limit, usage)));
  }
  return free;
}

/** Does a pod of this priority class count against the quota? Of all scopes only PriorityClass can say yes. */
function scopeOf(quota: ResourceQuota): (priorityClass: string) => boolean {
  const scopes: readonly ScopeSelectorRequirement[] = [
    ...(quota.spec?.scopes ?? []).map(scopeName => ({ scopeName, operator: 'Exists' })),
    ...(quota.spec?.scopeSelector?.matchExpressions ?? []),
  ];
  if (scopes.length === 0) return () => true;
  const matchers = scopes.filter(s => s.scopeName === 'PriorityClass').map(scopeMatcher);
  return priorityClass => matchers.some(matches => matches(priorityClass));
}

function scopeMatcher({ operator, values }: ScopeSelectorRequirement): (priorityClass: string) => boolean {
  if (operator === 'Exists') return priorityClass => priorityClass !== '';
  try {
    const matches = matchExpressions([{ key: 'PriorityClass', operator, ...(values ? { values } : {}) }]);
    return priorityClass => matches(priorityClass ? { PriorityClass: priorityClass } : {});
  } catch (error) {
    if (error instanceof SelectorError) return () => false;
    throw error;
  }
}
