// What we have just written, until the informer shows it: the next decision about a binding, and those of its group's
// members, start from the newer of the two copies.
import { type Informer, keyOf, keyText } from '../kube/index.ts';
import type { Binding } from './types.ts';

/** Is `a` a later state than `b`? Revisions of one server are decimal numbers. */
function isNewer(a: Binding, b: Binding): boolean {
  const [left = '', right = ''] = [a.metadata.resourceVersion, b.metadata.resourceVersion];
  return /^\d+$/.test(left) && /^\d+$/.test(right) && BigInt(left) > BigInt(right);
}

export class WrittenBindings {
  readonly #written = new Map<string, Binding>();
  readonly #informers: readonly Pick<Informer<Binding>, 'get'>[];

  constructor(informers: readonly Pick<Informer<Binding>, 'get'>[]) {
    this.#informers = informers;
  }

  /** The latest known state; undefined once the server says that it is gone. */
  get(key: string): Binding | undefined {
    let stored: Binding | undefined;
    for (const informer of this.#informers) stored ??= informer.get(key);
    const written = this.#written.get(key);
    return stored && written && isNewer(written, stored) && written.metadata.uid === stored.metadata.uid ? written : stored;
  }

  /** Remembers the server's answer to one of our writes. */
  add(binding: Binding): void {
    const key = keyText(keyOf(binding));
    const known = this.#written.get(key);
    if (!known || isNewer(binding, known)) this.#written.set(key, binding);
  }

  /** The informer has a new state: what is not newer need not be kept. */
  seen(binding: Binding): void {
    const key = keyText(keyOf(binding));
    const written = this.#written.get(key);
    if (written && !isNewer(written, binding)) this.#written.delete(key);
  }

  gone(key: string): void {
    this.#written.delete(key);
  }

  list(): readonly Binding[] {
    return [...this.#written.values()];
  }
}
