// A plugin refuses clusters, scores them, or both. It is asked once a cycle for a function that is then called once for
// each cluster, so that selectors are compiled once.
import type { BindingSpec, BindingStatus, Cluster, Placement } from '../types.ts';

/** Another ResourceBinding of the same namespace that is in the same group. */
export interface Peer {
  readonly name: string;
  readonly targets: ReadonlySet<string>;
}

/** The members of the groups a binding belongs to, itself left out. */
export interface Peers {
  readonly affinity: readonly Peer[];
  readonly antiAffinity: readonly Peer[];
}

/** What a plugin may look at. */
export interface SchedulingContext {
  readonly spec: BindingSpec;
  readonly status: BindingStatus;
  readonly placement: Placement;
  /** Names in spec.clusters: most filters let those be. */
  readonly targets: ReadonlySet<string>;
  readonly peers: Peers;
  /** All clusters of the cycle, in a list that never changes: what a plugin finds out about it may be kept as long as it lives. */
  readonly snapshot?: readonly Cluster[];
}

export interface SchedulerPlugin {
  readonly name: string;
  /** The function answers why a cluster is refused, or undefined. */
  filter?(context: SchedulingContext): (cluster: Cluster) => string | undefined;
  /** The function answers 0..100. */
  score?(context: SchedulingContext): (cluster: Cluster) => number;
}
