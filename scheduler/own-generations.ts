// Which generations of bindings are nothing but our own results. Writing a result raises the generation, and the copy shows it as a change. Where the decision is
// final no second one is due. Where a cycle is always due (specification §1.3) a second one confirms the first: clusters that hold the resource now score higher
// than before, so it may order them anew; if it does not, there is nothing more to tell.
// A change that comes while the result is being written may be our own or not: it is held until that is known.
import type { Binding } from './types.ts';

export interface OwnResult {
  /** The generation that the result made. */
  readonly generation: number;
  /** A second decision would not look at it. */
  readonly final: boolean;
}

interface Known extends OwnResult {
  readonly uid: string | undefined;
}

interface Flight {
  latest: Binding | undefined;
  /** Something else asks for a decision meanwhile. */
  disturbed: boolean;
}

export class OwnGenerations {
  readonly #known = new Map<string, Known>();
  readonly #inFlight = new Map<string, Flight>();

  /** A result is about to be written. */
  begin(key: string): void {
    this.#inFlight.set(key, { latest: undefined, disturbed: false });
  }

  /** Whether this new generation is ours for good, or may turn out to be: then `end` tells. */
  explains(key: string, now: Binding): boolean {
    if (this.#of(key, now)?.final) return true;
    const flight = this.#inFlight.get(key);
    if (!flight) return false;
    flight.latest = now;
    return true;
  }

  /** The write has ended, without a result that we know to be ours alone where it is undefined. Returns what was held and has to be looked at. */
  end(key: string, { metadata: { uid, generation } }: Binding, result: OwnResult | undefined): Binding | undefined {
    const { latest, disturbed } = this.#inFlight.get(key) ?? {};
    this.#inFlight.delete(key);
    if (result && result.generation !== generation && !disturbed) this.#known.set(key, { ...result, uid });
    else this.#known.delete(key);
    return latest && !this.#of(key, latest)?.final ? latest : undefined;
  }

  /** Whether a decision about this generation only confirms our own result. */
  isConfirmation(key: string, now: Binding): boolean {
    return this.#of(key, now)?.final === false;
  }

  /** A cluster, and not our result, asks for a decision: that one is told like the first. */
  disturb(key: string): void {
    this.#known.delete(key);
    const flight = this.#inFlight.get(key);
    if (flight) flight.disturbed = true;
  }

  gone(key: string): void {
    this.#known.delete(key);
  }

  #of(key: string, { metadata: { uid, generation } }: Binding): OwnResult | undefined {
    const known = this.#known.get(key);
    return known && known.uid === uid && known.generation === generation ? known : undefined;
  }
}
