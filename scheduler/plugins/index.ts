// The plugins that come with the scheduler, in the order in which they are asked. The order decides only which of
// several reasons a user reads; it is one that the reference can start with.
import type { SchedulerPlugin } from '../framework/plugin.ts';
import type { Gates } from '../gates.ts';
import { apiEnablement } from './api-enablement.ts';
import { clusterAffinity } from './cluster-affinity.ts';
import { clusterEviction } from './cluster-eviction.ts';
import { clusterLocality } from './cluster-locality.ts';
import { spreadConstraint } from './spread-constraint.ts';
import { taintToleration } from './taint-toleration.ts';
import { workloadAffinity } from './workload-affinity.ts';
import { workloadAntiAffinity } from './workload-anti-affinity.ts';

const ALWAYS = [apiEnablement, taintToleration, clusterAffinity, spreadConstraint, clusterEviction, clusterLocality];

/** Our plugins under the given gates. */
export function ownPlugins(gates: Gates): SchedulerPlugin[] {
  return gates.WorkloadAffinity ? [...ALWAYS, workloadAffinity, workloadAntiAffinity] : [...ALWAYS];
}
