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
  readonly #changed = new Map<string, { readonly cluster: Cluster; readonly seenAtMs: number }>();
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
      if (type === 'updated' && this.#index.has(name)) this.#changed.set(name, { cluster: object, seenAtMs: this.#clock.now() });
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
    const before = this.#current?.versions;
    const clusters = [...this.#copy.list()].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
    const now = this.#clock.now();
    const made = snapshotOf(clusters, { revision: this.#copy.revision, seenAtMs: now });
    const seenAtMs = clusters.map(c => {
      const i = this.#index.get(nameOf(c));
      const same = i !== undefined && before?.resourceVersions[i] === c.metadata.resourceVersion;
      return same ? (before?.seenAtMs[i] ?? now) : (this.#changed.get(nameOf(c))?.seenAtMs ?? now);
    });
    this.#index.clear();
    for (const [i, c] of clusters.entries()) this.#index.set(nameOf(c), i);
    this.#membersChanged = false;
    return { ...made, versions: { ...made.versions, seenAtMs } };
  }

  #patched({ clusters, versions }: ClusterSnapshot): ClusterSnapshot {
    const list = [...clusters];
    const resourceVersions = [...versions.resourceVersions];
    const seenAtMs = [...versions.seenAtMs];
    for (const [name, changed] of this.#changed) {
      const i = this.#index.get(name);
      if (i === undefined) continue;
      list[i] = changed.cluster;
      resourceVersions[i] = changed.cluster.metadata.resourceVersion ?? '';
      seenAtMs[i] = changed.seenAtMs;
    }
    const terminating = new Set(list.filter(c => c.metadata.deletionTimestamp).map(nameOf));
    const { names } = versions;
    return { clusters: list, terminating, versions: { revision: this.#copy.revision, names, resourceVersions, seenAtMs } };
  }
}
