// Counts what is used in each namespace against its quotas: when a quota is new or changed, when an object has gone or a pod has
// ended, and every few minutes anew. What is granted in between is added by admission. A member runs it; a control plane does not.
import {
  type AnyObject,
  at,
  controller,
  isStatusError,
  keyOf,
  keyText,
  parseKey,
  periodic,
  type Runnable,
  zeroQuantity,
} from '../../kube/index.ts';
import { type Amounts, amountsOf, listOfAmounts, NOTHING, only, plus, sameAmounts } from '../admission/quota/amounts.ts';
import { type Counted, matches } from '../admission/quota/charge.ts';
import { countedBy, evaluatorFor } from '../admission/quota/evaluators.ts';
import { QUOTAS } from '../admission/quota/resource-quota.ts';
import type { CacheEvent } from '../cache/index.ts';
import type { Core, Served } from '../registry/index.ts';
import { changesOf, needed, present } from './collection-source.ts';
import { type LoopOptions, loopClient } from './loop-context.ts';

const RESYNC_MS = 5 * 60_000;

export function resourceQuotaLoop({ core, log }: LoopOptions): Runnable {
  const quotas = needed(core, '', 'resourcequotas');
  const client = loopClient(core, 'resourcequota-controller');
  const { clock, cache } = core.plane;
  const keysIn = (namespace: string): string[] => present(quotas, namespace).map(q => keyText(keyOf(q)));
  const counting = controller({
    name: 'resourcequota',
    sources: [
      changesOf(quotas, { keys: q => (sameAmounts(hardOf(q), amountsOf(at(q, 'status', 'hard'))) ? [] : [keyText(keyOf(q))]) }),
      {
        synced: Promise.resolve(),
        start: enqueue =>
          cache.subscribe((collection, event) => {
            if (collection.namespaced && frees(event)) for (const key of keysIn(event.entry.namespace)) enqueue(key);
          }),
      },
    ],
    clock,
    ...(log ? { log } : {}),
    async reconcile(key) {
      const { namespace = '', name } = parseKey(key);
      const quota = quotas.collection.get(namespace, name)?.object;
      if (!quota) return;
      const hard = hardOf(quota);
      const used = usedOf(core, quota, hard);
      const status = { hard: listOfAmounts(hard), used: listOfAmounts(used) };
      if (sameAmounts(hard, amountsOf(at(quota, 'status', 'hard'))) && sameAmounts(used, amountsOf(at(quota, 'status', 'used')))) return;
      try {
        await client.update(QUOTAS, { ...quota, status }, { subresource: 'status' });
      } catch (error) {
        if (!isStatusError(error, 'NotFound')) throw error;
      }
    },
  });
  const again = periodic({ name: 'resourcequota-resync', everyMs: RESYNC_MS, clock, ...(log ? { log } : {}) }, async () => {
    for (const q of present(quotas)) counting.queue.add(keyText(keyOf(q)));
  });
  return {
    name: 'resourcequota',
    async run(signal) {
      await Promise.all([counting.run(signal), again.run(signal)]);
    },
  };
}

const hardOf = (quota: AnyObject): Amounts => amountsOf(at(quota, 'spec', 'hard'));

/** Whether something may have become free: an object has gone, a pod has ended, a service or claim has changed. */
function frees(event: CacheEvent): boolean {
  if (event.type === 'DELETED') return true;
  if (event.type !== 'MODIFIED') return false;
  const { kind } = event.entry.object;
  if (kind === 'Service' || kind === 'PersistentVolumeClaim') return true;
  const phase = (o: AnyObject | undefined): unknown => at(o, 'status', 'phase');
  return kind === 'Pod' && phase(event.entry.object) !== phase(event.previous?.object);
}

/** What the objects of the namespace use of what the quota limits. */
function usedOf(core: Core, quota: AnyObject, hard: Amounts): Amounts {
  const q: Counted = { quota, hard, used: NOTHING };
  let used = only(amountsOf(at(quota, 'status', 'used')), name => hard.has(name));
  for (const served of servedFor(core, hard)) {
    const { group, plural } = served.resource;
    const evaluator = evaluatorFor(group, plural, core.plane.clock);
    let sum: Amounts = new Map();
    for (const object of present(served, quota.metadata.namespace))
      if (matches(q, object, evaluator)) sum = plus(sum, evaluator.usage(object));
    const zero = new Map([...hard.keys()].filter(name => evaluator.counts(name)).map(name => [name, zeroQuantity] as const));
    used = new Map([
      ...used,
      ...plus(
        zero,
        only(sum, name => zero.has(name)),
      ),
    ]);
  }
  return used;
}

function servedFor(core: Core, hard: Amounts): Served[] {
  const counted = new Map([...hard.keys()].map(countedBy).flatMap(c => (c ? [[`${c.group}/${c.plural}`, c] as const] : [])));
  const stored = core.catalog.stored();
  return [...counted.values()].flatMap(
    ({ group, plural }) => stored.find(s => s.resource.group === group && s.resource.plural === plural) ?? [],
  );
}
