// A network between a client and a server that delays, loses requests, loses answers (the write was done, its writer hears of a failure), cuts watches, and goes
// away for a while. What happens comes from the clock's seeded chance; `calm` ends it.
import { type Client, type Clock, type KubeObject, type RawClient, sleep, unavailable, type WatchEvent } from '../../kube/index.ts';

export interface Faults {
  /** Chance that a request never arrives. */
  readonly lostRequest: number;
  /** Chance that an answer never arrives. */
  readonly lostAnswer: number;
  readonly maxDelayMs: number;
  /** Chance that an event is the last of its watch. */
  readonly cutWatch: number;
}

export type Connection = Client & RawClient;

export class FaultyNetwork {
  readonly #clock: Clock;
  readonly #random: () => number;
  #faults: Faults | undefined;
  #cut: AbortController | undefined;
  #refusesWrites = false;

  constructor(clock: Clock, random: () => number, faults: Faults) {
    this.#clock = clock;
    this.#random = random;
    this.#faults = faults;
  }

  /** Nobody gets through until `heal`. */
  partition(): void {
    this.#cut ??= new AbortController();
    this.#cut.abort();
  }

  heal(): void {
    this.#cut = undefined;
  }

  /** Writes are refused, as by a full disk, until it is taken back; reads are not. */
  refuseWrites(refused: boolean): void {
    this.#refusesWrites = refused;
  }

  /** No more faults. */
  calm(): void {
    this.heal();
    this.#refusesWrites = false;
    this.#faults = undefined;
  }

  /** The client as seen through this network. */
  through(inner: Connection): Connection {
    return {
      get: (r, key, o) => this.#send(() => inner.get(r, key, o), o?.signal),
      list: (r, o) => this.#send(() => inner.list(r, o), o?.signal),
      create: (r, object, o) => this.#write(() => inner.create(r, object, o), o?.signal),
      update: (r, object, o) => this.#write(() => inner.update(r, object, o), o?.signal),
      patch: (r, key, patch, o) => this.#write(() => inner.patch(r, key, patch, o), o?.signal),
      delete: (r, key, o) => this.#write(() => inner.delete(r, key, o), o?.signal),
      raw: (method, path, o) => this.#send(() => inner.raw(method, path, o), o?.signal),
      watch: (r, o) => this.#follow(inner.watch(r, o)),
    };
  }

  async #write<T>(request: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    if (this.#refusesWrites) throw unavailable('the storage is full');
    return this.#send(request, signal);
  }

  async #send<T>(request: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const faults = this.#faults;
    if (faults) {
      await sleep(this.#clock, this.#random() * faults.maxDelayMs, signal);
      this.#requireUp();
      if (this.#random() < faults.lostRequest) throw unavailable('the request was lost');
    }
    const answer = await request();
    if (faults && (this.#cut || this.#random() < faults.lostAnswer)) throw unavailable('the answer was lost');
    return answer;
  }

  async *#follow<T extends KubeObject>(events: AsyncIterable<WatchEvent<T>>): AsyncIterable<WatchEvent<T>> {
    this.#requireUp();
    for await (const event of events) {
      this.#requireUp();
      if (this.#faults && this.#random() < this.#faults.cutWatch) throw unavailable('the watch was cut');
      yield event;
    }
  }

  #requireUp(): void {
    if (this.#cut) throw unavailable('there is no way through');
  }
}
