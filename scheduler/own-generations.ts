// Which generations of bindings are nothing but our own results. Writing a result raises the generation, and the copy shows it as a change; the decision covers
// it already, so no second one is due. A change that comes while the result is being written may be it or not: it is held until that is known.
import type { Binding } from './types.ts';

interface Covered {
  readonly uid: string | undefined;
  readonly generation: number;
}

interface Flight {
  latest: Binding | undefined;
}

export class OwnGenerations {
  readonly #covered = new Map<string, Covered>();
  readonly #inFlight = new Map<string, Flight>();

  /** A result is about to be written. */
  begin(key: string): void {
    this.#inFlight.set(key, { latest: undefined });
  }

  /** Whether this new generation is ours, or may turn out to be: then `end` tells. */
  explains(key: string, now: Binding): boolean {
    if (this.#covers(key, now)) return true;
    const flight = this.#inFlight.get(key);
    if (!flight) return false;
    flight.latest = now;
    return true;
  }

  /** The write has ended; `generation` is covered by the decision, undefined where none is. Returns what was held and is somebody else's change. */
  end(key: string, { metadata: { uid } }: Binding, generation: number | undefined): Binding | undefined {
    if (generation === undefined) this.#covered.delete(key);
    else this.#covered.set(key, { uid, generation });
    const latest = this.#inFlight.get(key)?.latest;
    this.#inFlight.delete(key);
    return latest && !this.#covers(key, latest) ? latest : undefined;
  }

  gone(key: string): void {
    this.#covered.delete(key);
  }

  #covers(key: string, { metadata: { uid, generation } }: Binding): boolean {
    const covered = this.#covered.get(key);
    return covered !== undefined && covered.uid === uid && covered.generation === generation;
  }
}
