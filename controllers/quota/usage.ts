// What bindings use of a FederatedResourceQuota, and what members report of the quotas they hold (specification §8.4).
import {
  clusterOfExecutionSpace,
  conditionTypes,
  type FederatedResourceQuota,
  NOT_AN_EXECUTION_SPACE,
  type ResourceBinding,
  type Work,
} from '../../crds/index.ts';
import {
  addQuantities,
  at,
  formatQuantity,
  multiplyQuantity,
  objectOf,
  type Quantity,
  quantityOfJson,
  signOfQuantity,
} from '../../kube/index.ts';
import { isTrue } from '../condition.ts';

type Amounts = Map<string, Quantity>;
type QuotaStatus = NonNullable<FederatedResourceQuota['status']>;
type ClusterQuota = NonNullable<QuotaStatus['aggregatedStatus']>[number];

function add(sum: Amounts, list: Readonly<Record<string, unknown>>, times = 1): void {
  for (const [name, quantity] of Object.entries(list)) {
    const amount = multiplyQuantity(quantityOfJson(quantity), BigInt(times));
    const present = sum.get(name);
    sum.set(name, present ? addQuantities(present, amount) : amount);
  }
}

const print = (sum: Amounts): Record<string, string> => Object.fromEntries([...sum].map(([name, q]) => [name, formatQuantity(q)]));

/** What one binding uses in all its clusters. */
export function bindingUsage(binding: ResourceBinding): Record<string, string> {
  return print(usageOf([binding]));
}

function usageOf(bindings: readonly ResourceBinding[]): Amounts {
  const sum: Amounts = new Map();
  for (const { spec } of bindings) {
    const { clusters = [], components = [], replicaRequirements } = spec;
    if (components.length > 0)
      for (const { replicas, replicaRequirements: needs } of components) add(sum, needs?.resourceRequest ?? {}, replicas * clusters.length);
    else
      add(
        sum,
        replicaRequirements?.resourceRequest ?? {},
        clusters.reduce((n, { replicas = 0 }) => n + replicas, 0),
      );
  }
  return new Map([...sum].filter(([, quantity]) => signOfQuantity(quantity) !== 0));
}

/** What all bindings use of the resources that the quota limits. */
export function overallUsed(bindings: readonly ResourceBinding[], overall: Readonly<Record<string, unknown>>): Record<string, string> {
  return print(new Map([...usageOf(bindings)].filter(([name]) => Object.hasOwn(overall, name))));
}

/** What members report, by cluster, and the sum of what is used. */
export function aggregateQuota(works: readonly Work[]): {
  readonly aggregatedStatus: ClusterQuota[];
  readonly overallUsed: Record<string, string>;
} {
  const sum: Amounts = new Map();
  const aggregatedStatus = works
    .filter(work => isTrue(work.status?.conditions, conditionTypes.workApplied))
    .flatMap(work => clusterQuota(work))
    .sort((a, b) => (a.clusterName < b.clusterName ? -1 : 1));
  for (const { used } of aggregatedStatus) add(sum, used ?? {});
  return { aggregatedStatus, overallUsed: print(sum) };
}

function clusterQuota(work: Work): ClusterQuota[] {
  const clusterName = clusterOfExecutionSpace(work.metadata.namespace ?? '');
  if (clusterName === undefined) throw new Error(NOT_AN_EXECUTION_SPACE);
  const status = work.status?.manifestStatuses?.[0]?.status;
  if (!status) return [];
  return [{ clusterName, hard: canonical(at(status, 'hard')), used: canonical(at(status, 'used')) }];
}

function canonical(list: unknown): Record<string, string> {
  const amounts: Amounts = new Map();
  add(amounts, objectOf(list));
  return print(amounts);
}
