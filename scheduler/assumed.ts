// Workloads promised to clusters whose pods are not counted there yet (gate SchedulingOvercommitProtection, specification
// §1.8). A promise ends when the cluster leaves the result, reports the workload healthy, or after five minutes.
import type { AssumedWorkload } from '../estimator/index.ts';
import type { Binding, TargetCluster } from './types.ts';

const TTL_MS = 5 * 60_000;

interface Promised {
  readonly workload: AssumedWorkload;
  readonly until: number;
}

export class AssumedWorkloads {
  /** Cluster → binding key → promise. */
  readonly #clusters = new Map<string, Map<string, Promised>>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Replaces what is promised for this binding. */
  assume(key: string, binding: Binding, targets: readonly TargetCluster[]): void {
    this.release(key);
    for (const target of targets) {
      const promises = this.#clusters.get(target.name) ?? new Map<string, Promised>();
      promises.set(key, { workload: workloadOf(binding, target), until: this.#now() + TTL_MS });
      this.#clusters.set(target.name, promises);
    }
  }

  /** Forgets a binding, in one cluster or in all. */
  release(key: string, cluster?: string): void {
    for (const [name, promises] of this.#clusters) if (cluster === undefined || cluster === name) promises.delete(key);
  }

  /** A binding changed: clusters that became healthy hold what was promised to them. */
  observe(key: string, old: Binding, now: Binding): void {
    const before = new Map((old.status?.aggregatedStatus ?? []).map(item => [item.clusterName, item.health]));
    for (const { clusterName, health } of now.status?.aggregatedStatus ?? []) {
      if (health === 'Healthy' && before.get(clusterName) !== 'Healthy') this.release(key, clusterName);
    }
  }

  /** What is promised to each cluster now, except for this binding. */
  others(key: string): ReadonlyMap<string, readonly AssumedWorkload[]> {
    const now = this.#now();
    const result = new Map<string, AssumedWorkload[]>();
    for (const [cluster, promises] of this.#clusters) {
      for (const [owner, promise] of promises) {
        if (promise.until <= now) promises.delete(owner);
        else if (owner !== key) result.set(cluster, [...(result.get(cluster) ?? []), promise.workload]);
      }
    }
    return result;
  }
}

function workloadOf({ metadata, spec }: Binding, target: TargetCluster): AssumedWorkload {
  const namespace = metadata.namespace ?? '';
  if (spec.components?.length) return { namespace, components: spec.components };
  const component = { name: '', replicas: target.replicas ?? 0 };
  return {
    namespace,
    components: [{ ...component, ...(spec.replicaRequirements ? { replicaRequirements: spec.replicaRequirements } : {}) }],
  };
}
