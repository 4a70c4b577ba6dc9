// The garbage collector: an object whose owners are all gone goes too. Whether an owner is gone is always asked live, by uid,
// of a kind that is served now: an unknown kind or a kind that cannot be read is no proof, and its dependents stay.
//
//   background: owner deleted             -> dependents are collected
//   foreground: owner terminating         -> dependents first; the finalizer goes when no blocking one is left
//   orphan:     owner terminating         -> dependents lose their reference; then the finalizer goes
import { type AnyObject, controller, type OwnerReference, type Runnable, type Source } from '../../kube/index.ts';
import type { CacheEvent, Collection } from '../cache/index.ts';
import type { Core, Served } from '../registry/index.ts';
import { type LoopOptions, modifyAs, removeAs } from './loop-context.ts';

const FOREGROUND = 'foregroundDeletion';
const ORPHAN = 'orphan';
const NAME = 'generic-garbage-collector';

export function garbageCollector(o: LoopOptions): Runnable {
  const graph = new Graph(o.core);
  return controller({
    name: 'garbagecollector',
    sources: [graph.source()],
    clock: o.core.plane.clock,
    workers: 8,
    ...(o.log ? { log: o.log } : {}),
    reconcile: (key, signal) => graph.settle(key, signal),
  });
}

/** Where an object lives: collection prefix and relative key, in one text. */
const keyIn = (collection: Collection, entry: { namespace: string; name: string }): string =>
  `${collection.prefix}|${entry.namespace}|${entry.name}`;

class Graph {
  readonly #core: Core;
  /** owner uid -> keys of its dependents */
  readonly #dependents = new Map<string, Set<string>>();
  readonly #seen = new Set<Collection>();
  /** Keys whose owner's kind is not served (yet). */
  readonly #waiting = new Set<string>();

  constructor(core: Core) {
    this.#core = core;
  }

  source(): Source {
    return {
      synced: Promise.resolve(),
      start: enqueue => {
        const scan = (): void => {
          for (const s of this.#core.catalog.stored()) this.#scan(s.collection, enqueue);
          for (const key of this.#waiting) enqueue(key);
          this.#waiting.clear();
        };
        scan();
        const stops = [
          this.#core.catalog.onChange(scan),
          this.#core.plane.cache.subscribe((collection, event) => this.#note(collection, event, enqueue)),
        ];
        return () => {
          for (const stop of stops) stop();
        };
      },
    };
  }

  #scan(collection: Collection, enqueue: (key: string) => void): void {
    if (this.#seen.has(collection)) return;
    this.#seen.add(collection);
    for (const entry of collection.list({ namespace: '', accept: () => true }).entries) {
      const owners = entry.object.metadata.ownerReferences ?? [];
      if (owners.length === 0 && !entry.object.metadata.deletionTimestamp) continue;
      this.#link(owners, keyIn(collection, entry));
      enqueue(keyIn(collection, entry));
    }
  }

  #note(collection: Collection, event: CacheEvent, enqueue: (key: string) => void): void {
    const key = keyIn(collection, event.entry);
    const { metadata } = event.entry.object;
    const before = event.previous?.object.metadata.ownerReferences ?? [];
    const owners = event.type === 'DELETED' ? [] : (metadata.ownerReferences ?? []);
    this.#unlink(before, owners, key);
    this.#link(owners, key);
    if (event.type === 'DELETED') {
      for (const dependent of this.#dependents.get(metadata.uid ?? '') ?? []) enqueue(dependent);
      for (const owner of before) this.#wakeOwner(owner, event.entry.namespace, enqueue);
      return;
    }
    if (owners.length > 0 || metadata.deletionTimestamp) enqueue(key);
    for (const owner of before) if (!owners.some(x => x.uid === owner.uid)) this.#wakeOwner(owner, event.entry.namespace, enqueue);
  }

  #wakeOwner(owner: OwnerReference, namespace: string, enqueue: (key: string) => void): void {
    const s = this.#core.catalog.findKind(owner.apiVersion, owner.kind);
    if (s) enqueue(keyIn(s.collection, { namespace: s.resource.scope === 'Cluster' ? '' : namespace, name: owner.name }));
  }

  #link(owners: readonly OwnerReference[], key: string): void {
    for (const { uid } of owners) {
      const set = this.#dependents.get(uid) ?? new Set();
      this.#dependents.set(uid, set.add(key));
    }
  }

  #unlink(before: readonly OwnerReference[], now: readonly OwnerReference[], key: string): void {
    for (const { uid } of before) {
      if (now.some(o => o.uid === uid)) continue;
      const set = this.#dependents.get(uid);
      set?.delete(key);
      if (set?.size === 0) this.#dependents.delete(uid);
    }
  }

  #find(key: string): { s: Served; object: AnyObject } | undefined {
    const [prefix = '', namespace = '', name = ''] = key.split('|');
    const s = this.#core.catalog.byPrefix(prefix);
    const object = s?.collection.get(namespace, name)?.object;
    return s && object ? { s, object } : undefined;
  }

  async settle(key: string, signal: AbortSignal): Promise<undefined> {
    const found = this.#find(key);
    if (!found) return;
    const { s, object } = found;
    if (object.metadata.deletionTimestamp) {
      const finalizers = object.metadata.finalizers ?? [];
      if (finalizers.includes(ORPHAN)) await this.#orphan(s, object, signal);
      else if (finalizers.includes(FOREGROUND)) await this.#foreground(s, object, signal);
      return;
    }
    await this.#collect(key, s, object, signal);
  }

  async #collect(key: string, s: Served, object: AnyObject, signal: AbortSignal): Promise<void> {
    const owners = object.metadata.ownerReferences ?? [];
    if (owners.length === 0) return;
    const states = owners.map(owner => ({ owner, state: this.#state(owner, object.metadata.namespace ?? '') }));
    if (states.some(x => x.state === 'unknown')) {
      this.#waiting.add(key);
      return;
    }
    const gone = states.filter(x => x.state === 'gone').map(x => x.owner.uid);
    const live = states.filter(x => x.state === 'live');
    const leaving = states.filter(x => x.state === 'foreground');
    if (live.length > 0) {
      const drop = new Set([...gone, ...leaving.map(x => x.owner.uid)]);
      if (drop.size > 0) await this.#dropReferences(s, object, drop);
      return;
    }
    const blocking = leaving.length > 0 && this.#dependents.has(object.metadata.uid ?? '');
    await this.#delete(s, object, blocking ? 'Foreground' : 'Background', signal);
  }

  /** live, gone (positively: the kind is served and no such uid is there), foreground (waiting for its dependents), or unknown. */
  #state(owner: OwnerReference, namespace: string): 'live' | 'gone' | 'foreground' | 'unknown' {
    const s = this.#core.catalog.findKind(owner.apiVersion, owner.kind);
    if (!s) return 'unknown';
    if (s.resource.scope === 'Namespaced' && namespace === '') return 'unknown';
    const found = s.collection.get(s.resource.scope === 'Cluster' ? '' : namespace, owner.name)?.object;
    if (found?.metadata.uid !== owner.uid) return 'gone';
    return found.metadata.deletionTimestamp && found.metadata.finalizers?.includes(FOREGROUND) ? 'foreground' : 'live';
  }

  async #delete(s: Served, object: AnyObject, propagationPolicy: 'Foreground' | 'Background', signal: AbortSignal): Promise<void> {
    const { namespace = '', name = '', uid = '', resourceVersion = '' } = object.metadata;
    const present = object.metadata.finalizers ?? [];
    const policy = present.includes(ORPHAN) ? 'Orphan' : present.includes(FOREGROUND) ? 'Foreground' : propagationPolicy;
    await removeAs(
      { core: this.#core, loop: NAME, s, target: { namespace, name, subresource: '' }, signal },
      { propagationPolicy: policy, preconditions: { uid, resourceVersion } },
    ).catch(ignore('NotFound'));
  }

  async #foreground(s: Served, owner: AnyObject, signal: AbortSignal): Promise<void> {
    let blocking = 0;
    for (const key of this.#dependents.get(owner.metadata.uid ?? '') ?? []) {
      const dependent = this.#find(key);
      const reference = dependent?.object.metadata.ownerReferences?.find(o => o.uid === owner.metadata.uid);
      if (!dependent || !reference) continue;
      if (reference.blockOwnerDeletion) blocking++;
      if (!dependent.object.metadata.deletionTimestamp) await this.#collect(key, dependent.s, dependent.object, signal);
    }
    if (blocking === 0) await this.#dropFinalizer(s, owner, FOREGROUND);
  }

  async #orphan(s: Served, owner: AnyObject, signal: AbortSignal): Promise<void> {
    for (const key of [...(this.#dependents.get(owner.metadata.uid ?? '') ?? [])]) {
      signal.throwIfAborted();
      const dependent = this.#find(key);
      if (dependent) await this.#dropReferences(dependent.s, dependent.object, new Set([owner.metadata.uid ?? '']));
    }
    await this.#dropFinalizer(s, owner, ORPHAN);
  }

  #dropReferences(s: Served, object: AnyObject, uids: ReadonlySet<string>): Promise<void> {
    return this.#change(s, object, meta => ({
      ...meta,
      ownerReferences: (meta['ownerReferences'] as OwnerReference[] | undefined)?.filter(o => !uids.has(o.uid)),
    }));
  }

  #dropFinalizer(s: Served, object: AnyObject, finalizer: string): Promise<void> {
    return this.#change(s, object, meta => ({
      ...meta,
      finalizers: (meta['finalizers'] as string[] | undefined)?.filter(f => f !== finalizer),
    }));
  }

  async #change(s: Served, object: AnyObject, make: (meta: Record<string, unknown>) => Record<string, unknown>): Promise<void> {
    const { namespace = '', name = '' } = object.metadata;
    await modifyAs(
      { core: this.#core, loop: NAME, s, target: { namespace, name, subresource: '' } },
      {
        internal: true,
        make: old => {
          const next = structuredClone(old) as unknown as Record<string, unknown>;
          const meta = make(next['metadata'] as Record<string, unknown>);
          for (const list of ['ownerReferences', 'finalizers']) if (Array.isArray(meta[list]) && meta[list].length === 0) delete meta[list];
          next['metadata'] = meta;
          return next;
        },
      },
    ).catch(ignore('NotFound'));
  }
}

const ignore =
  (reason: string) =>
  (error: { reason?: string }): undefined => {
    if (error.reason !== reason) throw error;
    return undefined;
  };
