// Targets are taken away from a binding because no cluster fits only if every cluster it names was seen: it is in the
// snapshot and was refused, or we watched its deletion. Otherwise the binding stays as it is and is tried again.
import { type Informer, NoEvidenceError, refusedBySnapshot, watchedDeletion } from '../kube/index.ts';
import type { Decided } from './decide.ts';
import { plainFailure } from './failure.ts';
import type { Binding, Cluster } from './types.ts';

const MAX_DELETED = 1_000;

/** The last states of clusters whose deletion was watched; the oldest are forgotten. */
export class DeletedClusters {
  readonly #last = new Map<string, Cluster>();

  add(cluster: Cluster): void {
    this.#last.set(cluster.metadata.name ?? '', cluster);
    for (const oldest of this.#last.keys()) {
      if (this.#last.size <= MAX_DELETED) break;
      this.#last.delete(oldest);
    }
  }

  get(name: string): Cluster | undefined {
    return this.#last.get(name);
  }
}

/** The verdict, or a failure to be tried again where it would clear targets without proof. */
export function withProof(
  binding: Binding,
  decided: Decided,
  o: { readonly clusters: Informer<Cluster>; readonly deleted: DeletedClusters },
): Decided {
  const { verdict } = decided;
  const targets = binding.spec.clusters ?? [];
  if (verdict.kind !== 'failed' || verdict.failure.kind !== 'FitError' || targets.length === 0) return decided;
  try {
    for (const { name } of targets) prove(name, verdict.failure.message, o);
    return decided;
  } catch (error) {
    if (!(error instanceof NoEvidenceError)) throw error;
    const text = `${verdict.failure.message} The present clusters are kept, since ${error.message}.`;
    return { ...decided, verdict: { kind: 'failed', failure: plainFailure(text) } };
  }
}

function prove(name: string, why: string, o: { readonly clusters: Informer<Cluster>; readonly deleted: DeletedClusters }): void {
  if (o.clusters.list().length === 0) throw new NoEvidenceError('no cluster is known');
  const last = o.deleted.get(name);
  if (last && !o.clusters.get(name)) watchedDeletion(o.clusters, last, name);
  else refusedBySnapshot(o.clusters, { seen: o.clusters.get(name), why });
}
