// What is taken on each node. Pods that were just placed count from that moment, before the informer has seen it.
import { type Informer, keyOf, keyText } from '../../kube/index.ts';
import type { Pod } from '../kinds.ts';
import { type Amounts, add, podDemand } from './requests.ts';

interface Placed {
  readonly pod: Pod;
  readonly node: string;
  readonly demand: Amounts;
}

const ended = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';

export class Usage {
  readonly #placed = new Map<string, Placed>();
  readonly #repelling = new Map<string, Placed>();
  readonly #totals = new Map<string, Map<string, bigint>>();

  /** Follows the pods of an informer from now on. */
  follow(pods: Informer<Pod>): () => void {
    return pods.subscribe(({ type, object }) => {
      const key = keyText(keyOf(object));
      const known = this.#placed.get(key);
      if (type === 'deleted' || ended(object)) return this.#drop(key);
      const node = object.spec.nodeName;
      // An older state of a pod that was just placed says nothing.
      if (!node) return known && known.pod.metadata.uid !== object.metadata.uid ? this.#drop(key) : undefined;
      this.place(object, node);
    });
  }

  place(pod: Pod, node: string): void {
    const key = keyText(keyOf(pod));
    this.#drop(key);
    const demand = podDemand(pod);
    const placed = { pod, node, demand };
    this.#placed.set(key, placed);
    if (pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.length) this.#repelling.set(key, placed);
    const total = this.#totals.get(node) ?? new Map<string, bigint>();
    this.#totals.set(node, total);
    add(total, demand);
  }

  /** The pod was not placed after all. */
  forget(key: string): void {
    this.#drop(key);
  }

  /** What pods take of that node. */
  on(node: string): Amounts {
    return this.#totals.get(node) ?? new Map();
  }

  /** Those with a rule against others beside them. */
  repelling(): Iterable<{ readonly pod: Pod; readonly node: string }> {
    return this.#repelling.values();
  }

  /** All placed pods with their nodes. */
  all(): Iterable<{ readonly pod: Pod; readonly node: string }> {
    return this.#placed.values();
  }

  #drop(key: string): void {
    const known = this.#placed.get(key);
    if (!known) return;
    this.#placed.delete(key);
    this.#repelling.delete(key);
    const total = this.#totals.get(known.node);
    if (total) add(total, known.demand, -1n);
  }
}
