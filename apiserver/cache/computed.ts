// A collection of which nothing is stored: its objects are made when they are asked for (metrics of nodes and pods).
import type { AnyObject } from '../../kube/index.ts';
import type { Store } from '../store/index.ts';
import { Collection, type Range, type Snapshot } from './collection.ts';
import { Entry } from './entry.ts';

export interface Computing {
  /** All objects now, or those of one namespace ('' = all), in the order of their keys. */
  list(namespace: string): readonly AnyObject[];
  get(namespace: string, name: string): AnyObject | undefined;
}

/** Answers `get` and `list`; there is no history, nothing to watch, and pages are cut from the present. */
export class ComputedCollection extends Collection {
  readonly #store: Store;
  readonly #computing: Computing;

  constructor(o: { readonly prefix: string; readonly namespaced: boolean; readonly store: Store; readonly computing: Computing }) {
    super({ ...o, floor: o.store.revision });
    this.#store = o.store;
    this.#computing = o.computing;
  }

  override get(namespace: string, name: string): Entry | undefined {
    const object = this.#computing.get(namespace, name);
    return object && this.#entry(object);
  }

  override list(range: Range): Snapshot {
    const all = this.#computing
      .list(range.namespace)
      .map(object => this.#entry(object))
      .filter(range.accept);
    const { after } = range;
    const rest = after === undefined ? all : all.filter(entry => entry.key.slice(this.prefix.length) > after);
    const entries = rest.slice(0, range.limit ?? rest.length);
    return { entries, remaining: rest.length - entries.length };
  }

  override listAt(_revision: number, range: Range): Promise<Snapshot> {
    return Promise.resolve(this.list(range));
  }

  #entry(object: AnyObject): Entry {
    const { namespace = '', name = '' } = object.metadata;
    const key = `${this.prefix}${this.namespaced ? `${namespace}/` : ''}${name}`;
    return new Entry({ key, namespace, name, revision: this.#store.revision, bytes: Buffer.from(JSON.stringify(object)), object });
  }
}
