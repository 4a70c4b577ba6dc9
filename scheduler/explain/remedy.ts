// The smallest change that would turn a refusal, plugin by plugin, from the binding and the cluster as they are now.
import { taints } from '../../crds/index.ts';
import { firstUntolerated, taintText } from '../../estimator/index.ts';
import { termUnderTrial } from '../affinity.ts';
import type { Refusal } from '../framework/run.ts';
import { isWorkload } from '../spec.ts';
import type { Binding, Cluster, ClusterAffinity } from '../types.ts';
import { affinityRemedy } from './affinity-remedy.ts';

export interface RemedyContext {
  readonly binding: Binding;
  /** The cluster as it is now; undefined where it is gone. */
  readonly cluster?: Cluster | undefined;
  /** The affinity group of the cycle. */
  readonly affinityName: string;
}

export function remedyOf(refusal: Refusal, o: RemedyContext): string {
  const { cluster } = refusal;
  const { apiVersion, kind } = o.binding.spec.resource;
  switch (refusal.plugin) {
    case 'APIEnablement':
      return `install ${kind} of ${apiVersion} in ${cluster}`;
    case 'TaintToleration':
      return taintRemedy(taintOf(refusal, o), cluster);
    case 'ClusterAffinity':
      return o.cluster ? affinityRemedy(affinitiesOf(o), o.cluster) : `let the placement's cluster affinity match ${cluster}`;
    case 'SpreadConstraint':
      return `set ${/have (\w+) property/.exec(refusal.reason)?.[1] ?? 'the property'} in the spec of cluster ${cluster}`;
    case 'ClusterEviction':
      return `wait until the eviction from ${cluster} has ended`;
    case 'WorkloadAffinity':
      return `place the other workloads of the affinity group in ${cluster}`;
    case 'WorkloadAntiAffinity':
      return `take the other workloads of the anti-affinity group out of ${cluster}`;
    default:
      return `satisfy plugin ${refusal.plugin}`;
  }
}

/** Taints that the controllers set go when their reason does. */
function taintRemedy(taint: string, cluster: string): string {
  const tolerate = `tolerate taint ${taint}`;
  const [key = ''] = taint.split(/[=:]/);
  if (key === taints.notReady || key === taints.unreachable) return `bring ${cluster} back, or ${tolerate}`;
  return key === taints.unschedulable ? `uncordon ${cluster}, or ${tolerate}` : `${tolerate}, or remove it from ${cluster}`;
}

function taintOf(refusal: Refusal, { cluster, binding }: RemedyContext): string {
  const named = /\{(.*)\}/.exec(refusal.reason)?.[1];
  const now = cluster && firstUntolerated(cluster.spec?.taints, binding.spec.placement?.clusterTolerations);
  return named ?? (now ? taintText(now) : 'of the cluster');
}

function affinitiesOf({ binding, affinityName }: RemedyContext): { where: string; affinity: ClusterAffinity }[] {
  const { placement = {} } = binding.spec;
  if (placement.clusterAffinity) return [{ where: '', affinity: placement.clusterAffinity }];
  const term = termUnderTrial(placement, affinityName);
  if (!term) return [];
  const overflow = isWorkload(binding.spec) ? (term.overflowAffinities ?? []) : [];
  return [
    { where: `affinity group ${term.affinityName}`, affinity: term },
    ...overflow.map((affinity, i) => ({ where: `overflow affinity ${affinity.affinityName || i + 1}`, affinity })),
  ];
}
