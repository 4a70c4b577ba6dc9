// A local, always current copy of one resource: lists once, then watches; lists again when the server has forgotten where
// we were; never gives up. One writer (the loop), read-only handles for everybody else.
// An object leaves the copy only when the server said so: by a DELETED event, or, when a list lacks it, by answering to its very name that it is not there. A list
// alone proves nothing: a server that has just started, or lost its data, lists less than there is.
import type { Client } from './client.ts';
import { type Clock, sleep } from './clock.ts';
import { saysAbsent } from './evidence.ts';
import { equal } from './json.ts';
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

/** Questions at a time about objects that a list lacks. */
const CONFIRMATIONS = 8;
const FIRST_RETRY_MS = 200;
const MAX_RETRY_MS = 30_000;

export function informer<T extends KubeObject>(o: InformerOptions<T>): Informer<T> {
  const log = o.log ?? silent;
  const objects = new Map<string, T>();
  const byNamespace = new Index<T>(({ metadata }) => [metadata.namespace ?? ''], objects);
  const indexes: Index<T>[] = [byNamespace];
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
    if (old && isSame(old, object)) return;
    if (old) return replace(key, old, object);
    objects.set(key, object);
    for (const index of indexes) index.replace(key, undefined, object);
    emit({ type: 'added', object, initial });
  }

  function replace(key: string, old: T, object: T): void {
    objects.set(key, object);
    for (const index of indexes) index.replace(key, old, object);
    emit({ type: 'updated', object, old, initial: !hasSynced });
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
    // After a restored backup versions begin again: the same number may be another state.
    const wentBack = isBefore(found.resourceVersion, revision);
    for (const item of found.items) {
      const key = keyText(keyOf(item));
      present.add(key);
      const old = objects.get(key);
      if (wentBack && old && !equal(old, item)) replace(key, old, item);
      else put(item, initial);
    }
    const missing = [...objects].filter(([key]) => !present.has(key));
    await inParallel(missing, CONFIRMATIONS, ([key, object]) => confirmGone(key, object, signal));
    revision = found.resourceVersion;
    if (initial) {
      hasSynced = true;
      markSynced();
    }
  }

  /** What a narrowed list lacks may only have left the selection: there is nothing to ask about. */
  async function confirmGone(key: string, object: T, signal: AbortSignal): Promise<void> {
    if (o.labelSelector || o.fieldSelector) return drop(key, object);
    try {
      put(await o.client.get(o.resource, keyOf(object), { signal }), false);
    } catch (error) {
      if (!saysAbsent(error, object.metadata.name ?? '')) throw error;
      drop(key, object);
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
    list: namespace => (namespace === undefined ? [...objects.values()] : byNamespace.find(namespace)),
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

const isSame = (a: KubeObject, b: KubeObject): boolean =>
  a.metadata.resourceVersion === b.metadata.resourceVersion && a.metadata.uid === b.metadata.uid;

/** Revisions are decimal numbers that grow; others cannot be compared. */
function isBefore(a: string, b: string): boolean {
  if (!/^\d+$/.test(a) || !/^\d+$/.test(b)) return false;
  return a.length === b.length ? a < b : a.length < b.length;
}

async function inParallel<T>(items: readonly T[], workers: number, task: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) await task(items[i] as T);
  };
  await Promise.all(Array.from({ length: Math.min(workers, items.length) }, work));
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
