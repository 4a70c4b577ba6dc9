/** A binary heap: `pop` gives the item that comes first. */
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #before: (a: T, b: T) => boolean;

  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  get size(): number {
    return this.#items.length;
  }

  push(item: T): void {
    let i = this.#items.push(item) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!this.#swapIfBefore(i, parent)) return;
      i = parent;
    }
  }

  pop(): T | undefined {
    const first = this.#items[0];
    const last = this.#items.pop();
    if (last === undefined || this.#items.length === 0) return first;
    this.#items[0] = last;
    this.#sink();
    return first;
  }

  #sink(): void {
    for (let i = 0; ; ) {
      const left = 2 * i + 1;
      const right = left + 1;
      const child = right < this.#items.length && this.#precedes(right, left) ? right : left;
      if (child >= this.#items.length || !this.#swapIfBefore(child, i)) return;
      i = child;
    }
  }

  #precedes(i: number, j: number): boolean {
    const [a, b] = [this.#items[i], this.#items[j]];
    return a !== undefined && b !== undefined && this.#before(a, b);
  }

  #swapIfBefore(i: number, j: number): boolean {
    const [a, b] = [this.#items[i], this.#items[j]];
    if (a === undefined || b === undefined || !this.#before(a, b)) return false;
    this.#items[i] = b;
    this.#items[j] = a;
    return true;
  }
}
