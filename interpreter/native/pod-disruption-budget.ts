import type { AnyObject } from '../../kube/index.ts';
import { type NativeRules, withStatus } from './rules.ts';
import { asBuiltin, asMessage } from './typed.ts';
import { isPresent, statusOf } from './workload.ts';

const COUNTS = ['currentHealthy', 'desiredHealthy', 'disruptionsAllowed', 'expectedPods'] as const;

type BudgetStatus = { readonly [C in (typeof COUNTS)[number]]?: number } & { readonly disruptedPods?: Readonly<Record<string, string>> };

const STATUS = 'api.policy.v1.PodDisruptionBudgetStatus';
const read = (object: AnyObject): { readonly status?: BudgetStatus } => asBuiltin('policy/v1', 'PodDisruptionBudget', object);

/** policy/v1 PodDisruptionBudget */
export const podDisruptionBudget: NativeRules = {
  aggregate(object, items) {
    read(object);
    const total = { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 };
    const pods = new Map<string, string>();
    for (const item of items.filter(isPresent)) {
      const status = asMessage<BudgetStatus>(STATUS, item.status);
      for (const count of COUNTS) total[count] += status[count] ?? 0;
      for (const [pod, time] of Object.entries(status.disruptedPods ?? {})) pods.set(`${item.clusterName}/${pod}`, time);
    }
    const status = { ...total, ...(pods.size > 0 ? { disruptedPods: Object.fromEntries(pods) } : {}) };
    return withStatus(object, status, ['disruptedPods']);
  },
  reflect(observed) {
    const raw = statusOf(observed);
    if (!raw) return undefined;
    const status = asMessage<BudgetStatus>(STATUS, raw, 'wrap');
    const counts = Object.fromEntries(COUNTS.map(count => [count, status[count] ?? 0]));
    return { ...counts, ...(status.disruptedPods ? { disruptedPods: status.disruptedPods } : {}) };
  },
  health(observed) {
    const { status } = read(observed);
    return (status?.currentHealthy ?? 0) >= (status?.desiredHealthy ?? 0);
  },
};
