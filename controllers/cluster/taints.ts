// Taints that follow the Ready condition of a cluster (specification §6.2), and how taints change and are printed.
import { type Cluster, conditionTypes, type Taint, taints } from '../../crds/index.ts';
import { conditionOf } from '../condition.ts';

type TaintKey = Pick<Taint, 'key' | 'effect'>;

const notReady = { key: taints.notReady, effect: 'NoSchedule' } as const;
const unreachable = { key: taints.unreachable, effect: 'NoSchedule' } as const;

const same = (a: TaintKey, b: TaintKey): boolean => a.key === b.key && a.effect === b.effect;

/** The taints with some added (unless there by key and effect) and some removed; the very same list where nothing changes. */
export function changedTaints(
  current: readonly Taint[],
  change: { readonly add: readonly Taint[]; readonly remove: readonly TaintKey[] },
  now: string,
): readonly Taint[] {
  const add = change.add.filter(taint => !current.some(present => same(present, taint)));
  const kept = current.filter(taint => !change.remove.some(gone => same(gone, taint)));
  if (add.length === 0 && kept.length === current.length) return current;
  return [...kept, ...add.map(taint => ({ ...taint, timeAdded: now }))];
}

/** The taints that the cluster's Ready condition asks for. */
export function taintsByCondition({ spec, status }: Cluster, now: string): readonly Taint[] {
  const current = spec.taints ?? [];
  const ready = conditionOf(status?.conditions, conditionTypes.clusterReady);
  switch (ready?.status) {
    case undefined:
      return changedTaints(current, { add: [notReady], remove: [] }, now);
    case 'True':
      return changedTaints(current, { add: [], remove: [notReady, unreachable] }, now);
    case 'False':
      return changedTaints(current, { add: [notReady], remove: [unreachable] }, now);
    case 'Unknown':
      return changedTaints(current, { add: [unreachable], remove: [notReady] }, now);
    default:
      return current;
  }
}

/** `{Key:k,Value:v,Effect:e}` for each, joined by commas. */
export function taintsText(list: readonly Taint[]): string {
  return list.map(({ key, value, effect }) => `{Key:${key},${value ? `Value:${value},` : ''}Effect:${effect}}`).join(',');
}

/** The text of the Event after the taints were written. */
export function taintedText(list: readonly Taint[]): string {
  return list.length > 0
    ? `Taint cluster succeed: cluster now has taints([${taintsText(list)}]).`
    : 'Taint cluster succeed: cluster now does not have taints.';
}
