// The list of results of a WorkloadRebalancer before a pass (specification §8.5): what was done stays, what is new is added, in a fixed order.
import type { WorkloadRebalancer } from '../../crds/index.ts';

type Observed = NonNullable<NonNullable<WorkloadRebalancer['status']>['observedWorkloads']>[number];
type Workload = Observed['workload'];

const sortKey = ({ apiVersion, kind, namespace = '', name }: Workload): string => [apiVersion, kind, namespace, name].join(' ');

/** Workloads of the spec, with what is known of them, and earlier successes that are not in the spec any more. */
export function observedWorkloads({ spec, status }: WorkloadRebalancer): Observed[] {
  const missing = new Map(spec.workloads.map(workload => [sortKey(workload), workload]));
  const kept = (status?.observedWorkloads ?? []).filter(
    ({ workload, result }) => missing.delete(sortKey(workload)) || result === 'Successful',
  );
  const added = [...missing.values()].map(workload => ({ workload }));
  return [...kept, ...added].sort((a, b) => compare(sortKey(a.workload), sortKey(b.workload)));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
