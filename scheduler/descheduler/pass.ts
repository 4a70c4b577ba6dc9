// One pass of the descheduler over one binding (specification §8): replicas that cannot run where they are, are taken away
// there, so that the scheduler places them elsewhere. Never more than what is not ready.
import type { Estimates, ObjectReference } from '../../estimator/index.ts';
import { at } from '../../kube/index.ts';
import { isDynamic } from '../divide/strategy.ts';
import { appliedPlacement } from '../placement.ts';
import type { Binding, TargetCluster } from '../types.ts';

/** Is this a binding that descheduling may help: a Deployment, divided by what clusters have room for? */
export function isEligible(binding: Binding): boolean {
  const { apiVersion, kind } = binding.spec.resource;
  if (apiVersion !== 'apps/v1' || kind !== 'Deployment') return false;
  const applied = appliedPlacement(binding);
  return typeof applied === 'object' && isDynamic(applied.replicaScheduling);
}

interface Undesired {
  readonly cluster: string;
  readonly spec: number;
  /** −1: the cluster has not told. */
  readonly ready: number;
}

/** Targets with fewer ready replicas than asked for. */
export function undesiredTargets(binding: Binding): Undesired[] {
  const statuses = new Map((binding.status?.aggregatedStatus ?? []).map(item => [item.clusterName, item.status]));
  return (binding.spec.clusters ?? []).flatMap(target => {
    const ready = at(statuses.get(target.name), 'readyReplicas');
    const counts = { cluster: target.name, spec: target.replicas ?? 0, ready: typeof ready === 'number' ? ready : -1 };
    return counts.ready < counts.spec ? [counts] : [];
  });
}

export interface Descheduling {
  /** The new spec.clusters. */
  readonly clusters: readonly TargetCluster[];
  readonly message: string;
}

/** What is to be written, from every estimator's answer about the undesired targets; undefined: nothing. */
export function deschedule(binding: Binding, undesired: readonly Undesired[], answers: readonly Estimates[]): Descheduling | undefined {
  const removals = undesired.flatMap(u => {
    const stuck = leastOf(u.cluster, answers);
    return stuck > 0 && u.spec >= stuck ? [{ ...u, target: targetOf(u, stuck) }] : [];
  });
  const total = removals.reduce((sum, r) => sum + r.spec - r.target, 0);
  if (total === 0) return undefined;
  const targets = new Map(removals.map(r => [r.cluster, r.target]));
  const texts = removals.map(r => `${r.spec - r.target} replica(s) in cluster(${r.cluster})`);
  return {
    clusters: (binding.spec.clusters ?? []).map(t => {
      const replicas = targets.get(t.name);
      return replicas === undefined ? t : { ...t, replicas };
    }),
    message: `Binding has been descheduled, ${texts.join(', ')}, ${total} total descheduled replica(s)`,
  };
}

function leastOf(cluster: string, answers: readonly Estimates[]): number {
  const values = answers.flatMap(answer => answer.get(cluster) ?? []).filter(value => value !== -1);
  return values.length ? Math.min(...values) : 0;
}

function targetOf({ spec, ready }: Undesired, stuck: number): number {
  const target = spec - stuck;
  return target < ready && ready <= spec ? ready : target;
}

/** The object whose stuck pods are counted. */
export function resourceOf(binding: Binding): ObjectReference {
  const { apiVersion, kind, namespace, name } = binding.spec.resource;
  return { apiVersion, kind, name, ...(namespace ? { namespace } : {}) };
}
