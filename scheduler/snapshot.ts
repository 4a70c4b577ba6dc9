// The clusters as one decision sees them: a list in order of names that never changes. It is made anew when a cluster has
// changed since, and then only what changed is touched: decisions far outnumber changes.
import type { Clock, Informer } from '../kube/index.ts';
import { type Cluster, nameOf } from './types.ts';

export interface ClusterSnapshot {
  readonly clusters: readonly Cluster[];
  /** Names of those that are being deleted. */
  readonly terminating: ReadonlySet<string>;
  readonly versions: ClusterVersions;
}

/** Which states of the clusters a snapshot holds, without the clusters. */
export interface ClusterVersions {
  /** The revision up to which the copy was complete. */
  readonly revision: string;
  readonly names: readonly string[];
  readonly resourceVersions: readonly string[];
  /** When we first saw these states, in ms. */
  readonly seenAtMs: readonly number[];
}

/** A snapshot of clusters that are at hand. */
export function snapshotOf(clusters: readonly Cluster[], o: { readonly revision: string; readonly seenAtMs: number }): ClusterSnapshot {
  return {
    clusters,
    terminating: new Set(clusters.filter(c => c.metadata.deletionTimestamp).map(nameOf)),
    versions: {
      revision: o.revision,
      names: clusters.map(nameOf),
      resourceVersions: clusters.map(c => c.metadata.resourceVersion ?? ''),
      seenAtMs: clusters.map(() => o.seenAtMs),
    },
  };
}

export class Snapshots {
  readonly #copy: Informer<Cluster>;
  readonly #clock: Clock;
  /** States that came since the last snapshot. */
  readonly #changed = new Map<string, Cluster>();
  readonly #seenAtMs = new Map<string, number>();
  readonly #index = new Map<string, number>();
  #membersChanged = true;
  #current: ClusterSnapshot | undefined;

  constructor(copy: Informer<Cluster>, clock: Clock) {
    this.#copy = copy;
    this.#clock = clock;
  }

  /** Follows the copy until the result is called. */
  start(): () => void {
    return this.#copy.subscribe(({ type, object }) => {
      const name = nameOf(object);
      if (type === 'deleted') this.#seenAtMs.delete(name);
      else this.#seenAtMs.set(name, this.#clock.now());
      if (type === 'updated' && this.#index.has(name)) this.#changed.set(name, object);
      else this.#membersChanged = true;
    });
  }

  /** The clusters of this moment. */
  current(): ClusterSnapshot {
    if (!this.#current || this.#membersChanged) this.#current = this.#rebuilt();
    else if (this.#changed.size > 0) this.#current = this.#patched(this.#current);
    this.#changed.clear();
    return this.#current;
  }

  #rebuilt(): ClusterSnapshot {
    const clusters = [...this.#copy.list()].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
    const now = this.#clock.now();
    const made = snapshotOf(clusters, { revision: this.#copy.revision, seenAtMs: now });
    this.#index.clear();
    for (const [i, c] of clusters.entries()) this.#index.set(nameOf(c), i);
    this.#membersChanged = false;
    const seenAtMs = made.versions.names.map(name => this.#seenAtMs.get(name) ?? now);
    return { ...made, versions: { ...made.versions, seenAtMs } };
  }

  #patched({ clusters, versions }: ClusterSnapshot): ClusterSnapshot {
    const list = [...clusters];
    const resourceVersions = [...versions.resourceVersions];
    const seenAtMs = [...versions.seenAtMs];
    for (const [name, cluster] of this.#changed) {
      const i = this.#index.get(name);
      if (i === undefined) continue;
      list[i] = cluster;
      resourceVersions[i] = cluster.metadata.resourceVersion ?? '';
      seenAtMs[i] = this.#seenAtMs.get(name) ?? this.#clock.now();
    }
    const terminating = new Set(list.filter(c => c.metadata.deletionTimestamp).map(nameOf));
    const { names } = versions;
    return { clusters: list, terminating, versions: { revision: this.#copy.revision, names, resourceVersions, seenAtMs } };
  }
}
