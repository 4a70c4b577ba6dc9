// The Ready condition of a cluster: what a probe says, and when a change of mind is published (specification §6.3). A flip between True and anything else
// waits until the new observation has held for a threshold, so that one lost packet does not move workloads.
import { conditionReasons, conditionTypes } from '../../crds/index.ts';
import { ANOTHER_CLUSTER } from '../member-identity.ts';

export interface Probe {
  readonly online: boolean;
  readonly healthy: boolean;
}

export interface ReadyCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

const ready = (status: 'True' | 'False', reason: string, message: string): ReadyCondition => ({
  type: conditionTypes.clusterReady,
  status,
  reason,
  message,
});

export function readyCondition({ online, healthy }: Probe): ReadyCondition {
  if (!online) return ready('False', conditionReasons.clusterNotReachable, 'cluster is not reachable');
  if (!healthy) return ready('False', conditionReasons.clusterNotReady, 'cluster is reachable but health endpoint responded without ok');
  return ready('True', conditionReasons.clusterReady, 'cluster is healthy and ready to accept workloads');
}

/** The condition of a cluster whose client cannot even be built. */
export const notCollected = (error: Error): ReadyCondition =>
  ready('False', conditionReasons.statusCollectionFailed, `failed to create a ClusterClient: ${error.message}`);

/** The condition of a cluster in whose place another one answers. */
export const anotherCluster = (error: Error): ReadyCondition => ready('False', ANOTHER_CLUSTER, error.message);

export interface Thresholds {
  readonly successMs: number;
  readonly failureMs: number;
}

/** Remembers, cluster by cluster, since when the present observation has held. */
export class ReadyThreshold {
  readonly #thresholds: Thresholds;
  readonly #observed = new Map<string, { readonly status: string; readonly since: number }>();

  constructor(thresholds: Thresholds) {
    this.#thresholds = thresholds;
  }

  /** Whether the observed status may be published now; `published` is undefined where there is no condition yet. */
  permits(cluster: string, o: { readonly observed: string; readonly published: string | undefined; readonly nowMs: number }): boolean {
    const known = this.#observed.get(cluster);
    if (known?.status !== o.observed) this.#observed.set(cluster, { status: o.observed, since: o.nowMs });
    if (!known || o.published === undefined) return true;
    if ((o.published === 'True') === (o.observed === 'True')) return true;
    const held = known.status === o.observed ? o.nowMs - known.since : 0;
    return held >= (o.observed === 'True' ? this.#thresholds.successMs : this.#thresholds.failureMs);
  }

  forget(cluster: string): void {
    this.#observed.delete(cluster);
  }
}
