// Work that runs on its own, of which there may be only so much at once. Everybody who waits for room or for the end is woken;
// nothing is left hanging on promises that take long.

export class InFlight {
  readonly #limit: number;
  readonly #onError: (error: unknown) => void;
  #count = 0;
  #waiting: (() => void)[] = [];

  constructor(limit: number, onError: (error: unknown) => void) {
    this.#limit = limit;
    this.#onError = onError;
  }

  get count(): number {
    return this.#count;
  }

  /** Lets the work run on; the result resolves at its end, whatever became of it. */
  async start(work: Promise<void>): Promise<void> {
    this.#count++;
    try {
      await work;
    } catch (error) {
      this.#onError(error);
    } finally {
      this.#count--;
      const woken = this.#waiting;
      this.#waiting = [];
      for (const wake of woken) wake();
    }
  }

  /** Resolves when there is less than the limit. */
  async room(): Promise<void> {
    while (this.#count >= this.#limit) await this.#change();
  }

  async drained(): Promise<void> {
    while (this.#count > 0) await this.#change();
  }

  #change(): Promise<void> {
    return new Promise(resolve => this.#waiting.push(resolve));
  }
}
