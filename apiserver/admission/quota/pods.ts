// Pods against quotas: their number, and what their containers ask for while they live.
import { type AnyObject, at, type Clock, isObject, listOf, stringOf } from '../../../kube/index.ts';
import { type Amounts, amountsOf, larger, NOTHING, ONE, only, plus } from './amounts.ts';
import type { Evaluator } from './evaluator.ts';
import { isTerminating, podInScope } from './scopes.ts';

const COUNT = 'count/pods';
const PLAIN = ['cpu', 'memory', 'ephemeral-storage'];
const NAMES = new Set([COUNT, 'pods', ...PLAIN.flatMap(name => [name, `requests.${name}`, `limits.${name}`])]);
/** Only these must be said: which others a pod takes it may leave open. */
const REQUIRED = new Set(['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']);
const HUGE_PAGES = 'hugepages-';
const REQUESTS = 'requests.';

const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');
/** A device class counts as a resource of its own, although its name is in the domain of Kubernetes. */
const isDeviceClass = (name: string): boolean => name.startsWith('deviceclass.resource.kubernetes.io/');
const isExtended = (name: string): boolean => (!isNative(name) || isDeviceClass(name)) && !name.startsWith(REQUESTS);

export function podEvaluator(clock: Clock): Evaluator {
  return {
    handles(a) {
      if (a.subresource === 'resize') return a.operation === 'UPDATE';
      if (a.subresource !== '') return false;
      if (a.operation !== 'UPDATE') return a.operation === 'CREATE';
      return isTerminating(a.object ?? {}) !== isTerminating(a.oldObject ?? {});
    },
    counts(resource) {
      if (NAMES.has(resource) || resource.startsWith(HUGE_PAGES) || resource.startsWith(REQUESTS + HUGE_PAGES)) return true;
      return resource.startsWith(REQUESTS) && (!isNative(resource) || isDeviceClass(resource.slice(REQUESTS.length)));
    },
    usage: pod =>
      plus(
        new Map([[COUNT, ONE]]),
        hasEnded(pod, clock.now()) ? NOTHING : computeUsage(podAmounts(pod, 'requests'), podAmounts(pod, 'limits')),
      ),
    inScope: podInScope,
    missing,
  };
}

/** Ended, or past the time it was given to end. */
function hasEnded(pod: AnyObject, now: number): boolean {
  const phase = stringOf(at(pod, 'status', 'phase'));
  if (phase === 'Failed' || phase === 'Succeeded') return true;
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return false;
  return now > Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000;
}

/** Requests and limits under the names that quotas use. */
function computeUsage(requests: Amounts, limits: Amounts): Amounts {
  const used = new Map([['pods', ONE]]);
  for (const [name, value] of requests) {
    if (PLAIN.includes(name) || name.startsWith(HUGE_PAGES)) used.set(name, value).set(REQUESTS + name, value);
    else if (isExtended(name)) used.set(REQUESTS + name, value);
  }
  for (const [name, value] of limits) if (PLAIN.includes(name)) used.set(`limits.${name}`, value);
  return used;
}

const containersIn = (pod: AnyObject, list: string): Record<string, unknown>[] => listOf(at(pod, 'spec', list)).filter(isObject);

/** What a pod takes at its peak: of its containers together, and of its init containers one after the other. */
export function podAmounts(pod: AnyObject, kind: 'requests' | 'limits'): Amounts {
  const of = (c: Record<string, unknown>): Amounts => larger(amountsOf(at(c, 'resources', kind)), running(pod, c, kind));
  let sum = containersIn(pod, 'containers').reduce((all, c) => plus(all, of(c)), NOTHING);
  let sidecars = NOTHING;
  let peak = NOTHING;
  for (const c of containersIn(pod, 'initContainers')) {
    if (c['restartPolicy'] === 'Always') {
      sum = plus(sum, of(c));
      sidecars = plus(sidecars, of(c));
      peak = larger(peak, sidecars);
    } else peak = larger(peak, plus(of(c), sidecars));
  }
  const own = only(amountsOf(at(pod, 'spec', 'resources', kind)), name => isPodLevel(name));
  const total = new Map([...larger(sum, peak), ...own]);
  const overhead = amountsOf(at(pod, 'spec', 'overhead'));
  return plus(total, kind === 'requests' ? overhead : only(overhead, name => total.has(name)));
}

const isPodLevel = (name: string): boolean => name === 'cpu' || name === 'memory' || name.startsWith(HUGE_PAGES);

/** What a container holds now, while it is being resized. */
function running(pod: AnyObject, container: Record<string, unknown>, kind: string): Amounts {
  const statuses = ['containerStatuses', 'initContainerStatuses'].flatMap(list => listOf(at(pod, 'status', list)));
  const status = statuses.find(s => at(s, 'name') === container['name']);
  if (status === undefined || !isObject(at(container, 'resources', kind))) return NOTHING;
  const actual = amountsOf(at(status, 'resources', kind));
  return kind === 'requests' ? larger(actual, amountsOf(at(status, 'allocatedResources'))) : actual;
}

/** The containers that leave open what a quota must know. */
function missing(required: readonly string[], pod: AnyObject): string | undefined {
  if (['requests', 'limits'].some(kind => Object.keys(amountList(pod, kind)).some(isPodLevel))) return undefined;
  const wanted = required.filter(name => REQUIRED.has(name)).sort();
  const open = new Map<string, Set<string>>();
  for (const c of [...containersIn(pod, 'containers'), ...containersIn(pod, 'initContainers')]) {
    const said = computeUsage(amountsOf(at(c, 'resources', 'requests')), amountsOf(at(c, 'resources', 'limits')));
    for (const name of wanted) if (!said.has(name)) open.set(name, (open.get(name) ?? new Set()).add(stringOf(c['name'])));
  }
  if (open.size === 0) return undefined;
  const texts = [...open]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, containers]) => `${name} for: ${[...containers].sort().join(',')}`);
  return `must specify ${texts.join('; ')}`;
}

const amountList = (pod: AnyObject, kind: string): object => {
  const list = at(pod, 'spec', 'resources', kind);
  return isObject(list) ? list : {};
};
