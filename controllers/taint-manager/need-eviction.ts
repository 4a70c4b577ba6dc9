// Whether a workload has to leave a cluster because of NoExecute taints, and when (specification §7.1). The tolerations are those of the placement that
// was last scheduled, not of the present policy.
import { annotations, type Cluster, type FailoverBehavior, type Placement, type Taint, type Toleration } from '../../crds/index.ts';

/** When to evict: seconds from now, 0 = at once, undefined = never. */
export type EvictionDelay = number | undefined;

/** Throws where the binding does not say which placement was scheduled. */
export function evictionDelay(cluster: Cluster, bindingAnnotations: Readonly<Record<string, string>>, nowMs: number): EvictionDelay {
  const text = bindingAnnotations[annotations.appliedPlacement];
  if (!text) throw new Error('the applied placement for ResourceBining can not be empty');
  const { clusterTolerations = [] } = (JSON.parse(text) as Placement | null) ?? {};
  const taints = (cluster.spec.taints ?? []).filter(taint => taint.effect === 'NoExecute');
  let delay: EvictionDelay;
  for (const taint of taints) {
    const toleration = clusterTolerations.find(candidate => tolerates(candidate, taint));
    if (!toleration) return 0;
    if (toleration.tolerationSeconds === undefined || !taint.timeAdded) continue;
    const left = (Date.parse(taint.timeAdded) - nowMs) / 1000 + toleration.tolerationSeconds;
    if (left <= 0) return 0;
    delay = Math.min(delay ?? left, left);
  }
  return delay;
}

function tolerates({ key = '', operator = '', value = '', effect = '' }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  if (operator === 'Exists') return true;
  return (operator === '' || operator === 'Equal') && value === (taint.value ?? '');
}

/** How the evicted copy is purged: as the policy says for failing clusters, else as the flag says. */
export function purgeMode(failover: FailoverBehavior | undefined, flag: string): 'Directly' | 'Gracefully' {
  const mode = failover?.cluster ? failover.cluster.purgeMode : flag;
  return mode === 'Directly' ? 'Directly' : 'Gracefully';
}
