// A local, always current copy of one resource: lists once, then watches; lists again when the server has forgotten where
// we were; never gives up. One writer (the loop), read-only handles for everybody else.
import type { Client } from './client.ts';
import { type Clock, sleep } from './clock.ts';
import { errorText, type Logger, silent } from './log.ts';
import { type KubeObject, keyOf, keyText, type ObjectKey } from './object.ts';
import type { Resource } from './resource.ts';
import { isStatusError } from './status-error.ts';

export interface Change<T extends KubeObject> {
  readonly type: 'added' | 'updated' | 'deleted';
  readonly object: T;
  /** The state before; of a deletion the object itself. */
  readonly old?: T;
  /** Part of the first list, not something that happened. */
  readonly initial: boolean;
}

export interface Lister<T extends KubeObject> {
  get(key: ObjectKey | string): T | undefined;
  /** All objects, or those of one namespace. */
  list(namespace?: string): readonly T[];
  /** Keeps an index from now on; the result looks a value up. Call it before `run`. */
  indexed(values: (object: T) => Iterable<string>): (value: string) => readonly T[];
}

export interface Informer<T extends KubeObject> extends Lister<T> {
  readonly resource: Resource<T>;
  /** Resolves after the first complete list. */
  readonly synced: Promise<void>;
  readonly hasSynced: boolean;
  /** The revision up to which this copy is complete; '' before the first list. */
  readonly revision: string;
  /** Calls back for each change; whoever comes later hears of everything present as `added` first. */
  subscribe(f: (change: Change<T>) => void): () => void;
  run(signal: AbortSignal): Promise<void>;
}

export interface InformerOptions<T extends KubeObject> {
  readonly client: Client;
  readonly resource: Resource<T>;
  readonly clock: Clock;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly log?: Logger;
}

const FIRST_RETRY_MS = 200;
const MAX_RETRY_MS = 30_000;

export function informer<T extends KubeObject>(o: InformerOptions<T>): Informer<T> {
  const log = o.log ?? silent;
  const objects = new Map<string, T>();
  const indexes: Index<T>[] = [];
  const subscribers = new Set<(change: Change<T>) => void>();
  let markSynced: () => void = () => undefined;
  const synced = new Promise<void>(resolve => {
    markSynced = resolve;
  });
  let hasSynced = false;
  let revision = '';

  function emit(change: Change<T>): void {
    for (const f of subscribers) f(change);
  }

  function put(object: T, initial: boolean): void {
    const key = keyText(keyOf(object));
    const old = objects.get(key);
    if (old && old.metadata.resourceVersion === object.metadata.resourceVersion && old.metadata.uid === object.metadata.uid) return;
    objects.set(key, object);
    for (const index of indexes) index.replace(key, old, object);
    emit(old ? { type: 'updated', object, old, initial } : { type: 'added', object, initial });
  }

  function drop(key: string, last: T): void {
    const old = objects.get(key);
    if (!old) return;
    objects.delete(key);
    for (const index of indexes) index.replace(key, old, undefined);
    emit({ type: 'deleted', object: last, old, initial: false });
  }

  async function relist(signal: AbortSignal): Promise<void> {
    const found = await o.client.list(o.resource, { ...selection(o), signal });
    const initial = !hasSynced;
    const present = new Set<string>();
    for (const item of found.items) {
      present.add(keyText(keyOf(item)));
      put(item, initial);
    }
    for (const [key, object] of [...objects]) if (!present.has(key)) drop(key, object);
    revision = found.resourceVersion;
    if (initial) {
      hasSynced = true;
      markSynced();
    }
  }

  async function follow(signal: AbortSignal): Promise<void> {
    for await (const event of o.client.watch(o.resource, { ...selection(o), resourceVersion: revision, allowBookmarks: true, signal })) {
      if (event.type === 'DELETED') drop(keyText(keyOf(event.object)), event.object);
      else if (event.type !== 'BOOKMARK') put(event.object, false);
      revision = event.object.metadata.resourceVersion ?? revision;
    }
  }

  async function run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    let listed = false;
    while (!signal.aborted) {
      try {
        if (!listed) await relist(signal);
        listed = true;
        await follow(signal);
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        if (isStatusError(error) && (error.code === 410 || error.code === 504)) {
          listed = false;
          continue;
        }
        failures++;
        log.warn({ resource: o.resource.plural, err: errorText(error), failures }, 'watch failed, trying again');
        const ms = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 10));
        await sleep(o.clock, ms * (0.5 + o.clock.random() / 2), signal).catch(() => undefined);
      }
    }
  }

  return {
    resource: o.resource,
    synced,
    get hasSynced() {
      return hasSynced;
    },
    get revision() {
      return revision;
    },
    get: key => objects.get(typeof key === 'string' ? key : keyText(key)),
    list: namespace =>
      namespace === undefined ? [...objects.values()] : [...objects.values()].filter(x => x.metadata.namespace === namespace),
    indexed(values) {
      const index = new Index(values, objects);
      indexes.push(index);
      for (const [key, object] of objects) index.replace(key, undefined, object);
      return value => index.find(value);
    },
    subscribe(f) {
      for (const object of objects.values()) f({ type: 'added', object, initial: true });
      subscribers.add(f);
      return () => void subscribers.delete(f);
    },
    run,
  };
}

class Index<T extends KubeObject> {
  readonly #values: (object: T) => Iterable<string>;
  readonly #objects: ReadonlyMap<string, T>;
  readonly #keys = new Map<string, Set<string>>();

  constructor(values: (object: T) => Iterable<string>, objects: ReadonlyMap<string, T>) {
    this.#values = values;
    this.#objects = objects;
  }

  replace(key: string, old: T | undefined, now: T | undefined): void {
    if (old) {
      for (const value of this.#values(old)) {
        const set = this.#keys.get(value);
        set?.delete(key);
        if (set?.size === 0) this.#keys.delete(value);
      }
    }
    if (!now) return;
    for (const value of this.#values(now)) {
      const set = this.#keys.get(value) ?? new Set();
      this.#keys.set(value, set.add(key));
    }
  }

  find(value: string): readonly T[] {
    return [...(this.#keys.get(value) ?? [])].flatMap(key => this.#objects.get(key) ?? []);
  }
}

function selection(o: { namespace?: string; labelSelector?: string; fieldSelector?: string }): {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
} {
  return {
    ...(o.namespace ? { namespace: o.namespace } : {}),
    ...(o.labelSelector ? { labelSelector: o.labelSelector } : {}),
    ...(o.fieldSelector ? { fieldSelector: o.fieldSelector } : {}),
  };
}
