// Strings in ascending order, in blocks of bounded size: a new key moves the keys of its block and no others, so the cost of an
// insertion does not grow with the collection.

const BLOCK_KEYS = 512;

/** Where a key is or would be: a block and a place in it. */
interface Place {
  readonly block: number;
  readonly at: number;
}

export class SortedKeys {
  #blocks: string[][] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Takes over keys in any order, without repetition; what was there before is gone. */
  load(keys: readonly string[]): void {
    const sorted = [...keys].sort();
    this.#size = sorted.length;
    this.#blocks = [];
    for (let i = 0; i < sorted.length; i += BLOCK_KEYS / 2) this.#blocks.push(sorted.slice(i, i + BLOCK_KEYS / 2));
  }

  /** Adds a key that is not there. */
  insert(key: string): void {
    this.#size++;
    const { block, at } = this.#find(key);
    const keys = this.#blocks[block];
    if (!keys) {
      this.#blocks.push([key]);
      return;
    }
    keys.splice(at, 0, key);
    if (keys.length > BLOCK_KEYS) this.#blocks.splice(block + 1, 0, keys.splice(splitPoint(at, keys.length)));
  }

  remove(key: string): void {
    const { block, at } = this.#find(key);
    const keys = this.#blocks[block];
    if (keys?.[at] !== key) return;
    this.#size--;
    keys.splice(at, 1);
    if (keys.length === 0) this.#blocks.splice(block, 1);
  }

  has(key: string): boolean {
    const { block, at } = this.#find(key);
    return this.#blocks[block]?.[at] === key;
  }

  /** Keys from `start` on, in order. */
  *from(start: string): Generator<string> {
    const place = this.#find(start);
    let { at } = place;
    for (let b = place.block; b < this.#blocks.length; b++) {
      const keys = this.#blocks[b] ?? [];
      for (; at < keys.length; at++) yield keys[at] ?? '';
      at = 0;
    }
  }

  /** How many keys are smaller than `key`. */
  rank(key: string): number {
    const { block, at } = this.#find(key);
    let before = at;
    for (let b = 0; b < block; b++) before += this.#blocks[b]?.length ?? 0;
    return before;
  }

  /** The first place whose key is not smaller; the end of the last block for a key above all. */
  #find(key: string): Place {
    const last = this.#blocks.length - 1;
    const block = Math.min(
      first(this.#blocks.length, b => (this.#blocks[b]?.at(-1) ?? '') >= key),
      Math.max(last, 0),
    );
    const keys = this.#blocks[block] ?? [];
    return { block, at: first(keys.length, i => (keys[i] ?? '') >= key) };
  }
}

/** Keys that come in order fill their blocks; others leave halves. */
const splitPoint = (at: number, length: number): number => (at === length - 1 ? length - 1 : length >>> 1);

/** The smallest of 0 … count - 1 that holds, else count; what holds once holds for all that follow. */
function first(count: number, holds: (i: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
