// A small API server in memory for tests of wired controllers: versions, generations, finalizers, status, watches and the ids that admission sets. Objects it
// hands out are frozen. The real server has its own tests; this one only has to be honest about what controllers rely on.
import { labels } from '../crds/index.ts';
import {
  type AnyObject,
  alreadyExists,
  apiVersionOf,
  applyMergePatch,
  type Client,
  type Clock,
  clone,
  conflict,
  deepFreeze,
  equal,
  expired,
  keyOf,
  keyText,
  noSuchResource,
  notFound,
  type ObjectKey,
  parseLabelSelector,
  type RawClient,
  type Resource,
  timestamp,
  unavailable,
  type WatchEvent,
} from '../kube/index.ts';

/** A resource, whatever the type of its objects. */
type Named = Omit<Resource, '_type'>;

interface Watcher {
  readonly id: string;
  readonly push: (event: WatchEvent) => void;
  readonly end: () => void;
}

/** Everything a server held at one moment. */
export interface MemorySnapshot {
  readonly revision: number;
  readonly objects: ReadonlyMap<string, ReadonlyMap<string, AnyObject>>;
}

interface Logged {
  readonly id: string;
  readonly revision: number;
  readonly event: WatchEvent;
}

/** Kinds whose objects get a permanent id when they are created. */
const IDS: Readonly<Record<string, string>> = {
  PropagationPolicy: labels.propagationPolicyId,
  ClusterPropagationPolicy: labels.clusterPropagationPolicyId,
  ResourceBinding: labels.resourceBindingId,
  ClusterResourceBinding: labels.clusterResourceBindingId,
  Work: labels.workId,
};

export class MemoryServer {
  readonly #clock: Clock;
  readonly #served: readonly Named[];
  readonly #objects = new Map<string, Map<string, AnyObject>>();
  readonly #watchers = new Set<Watcher>();
  readonly #log: Logged[] = [];
  #revision = 1;
  /** Watches can begin from here on. */
  #oldest = 0;
  /** While true, nothing is answered and nothing is told. */
  failing = false;
  /** While true, reads are answered and writes are not. */
  full = false;
  /** Plurals that the server does not know for now, like one that has just started and has not read its definitions yet. */
  readonly unknown = new Set<string>();

  constructor(clock: Clock, served: readonly Named[]) {
    this.#clock = clock;
    this.#served = served;
  }

  /** Every object of a resource. */
  all(resource: Named): AnyObject[] {
    return [...this.#table(resource).values()];
  }

  /** The state of now, to come back to. */
  snapshot(): MemorySnapshot {
    return { revision: this.#revision, objects: new Map([...this.#objects].map(([id, table]) => [id, new Map(table)])) };
  }

  /** Back to a state of before, revision included, as after restoring a backup; watches end. */
  restore({ revision, objects }: MemorySnapshot): void {
    this.#objects.clear();
    for (const [id, table] of objects) this.#objects.set(id, new Map(table));
    this.#revision = revision;
    this.forgetHistory();
    for (const watcher of this.#watchers) watcher.end();
  }

  /** Watches cannot begin in the past any more. */
  forgetHistory(): void {
    this.#log.length = 0;
    this.#oldest = this.#revision;
  }

  /** Resources that somebody watches, as `v1 nodes`. */
  get watched(): string[] {
    return [...new Set([...this.#watchers].map(({ id }) => id))];
  }

  readonly client: Client & RawClient = {
    get: async (r, key) => this.#read(r, key) as never,
    list: async (r, o = {}) => {
      this.#requireUp(r);
      const selector = parseLabelSelector(o.labelSelector ?? '');
      const items = this.all(r).filter(
        ({ metadata }) => (o.namespace === undefined || metadata.namespace === o.namespace) && selector.matches(metadata.labels),
      );
      return { resourceVersion: String(this.#revision), items: items as never };
    },
    create: async (r, object) => this.#create(r, object as never) as never,
    update: async (r, object, o = {}) => this.#update(r, object as never, o.subresource) as never,
    patch: async (r, key, { body }, o = {}) => {
      const present = this.#read(r, key);
      return this.#update(r, applyMergePatch(present, body) as AnyObject, o.subresource) as never;
    },
    delete: async (r, key) => this.#delete(r, key) as never,
    watch: (r, o) => this.#watch(r, Number(o.resourceVersion ?? 0), o.signal) as never,
    raw: async (_method, path) => ({ code: 200, body: JSON.stringify(this.#raw(path)) }),
  };

  #raw(path: string): unknown {
    if (path === '/version') return { gitVersion: 'v1.36.1' };
    if (path !== '/api' && path !== '/apis') return {};
    const mine = this.#served.filter(r => (path === '/api') === (r.group === '') && !this.unknown.has(r.plural));
    const groups = new Map<string, Named[]>();
    for (const r of mine) groups.set(r.group, [...(groups.get(r.group) ?? []), r]);
    const item = ([name, list]: [string, Named[]]): unknown => ({
      metadata: { name },
      versions: list.map(r => ({
        version: r.version,
        freshness: 'Current',
        resources: [
          {
            resource: r.plural,
            scope: r.scope,
            responseKind: { group: r.group, version: r.version, kind: r.kind },
            verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
          },
        ],
      })),
    });
    return { kind: 'APIGroupDiscoveryList', items: [...groups].map(item) };
  }

  #table(r: Named): Map<string, AnyObject> {
    const id = `${apiVersionOf(r)} ${r.plural}`;
    const table = this.#objects.get(id) ?? new Map<string, AnyObject>();
    this.#objects.set(id, table);
    return table;
  }

  #requireUp(r: Named): void {
    if (this.failing) throw unavailable('the server does not answer');
    if (this.unknown.has(r.plural)) throw noSuchResource();
  }

  #requireSpace(r: Named): void {
    this.#requireUp(r);
    if (this.full) throw unavailable('the storage is full');
  }

  #read(r: Named, key: ObjectKey): AnyObject {
    this.#requireUp(r);
    const found = this.#table(r).get(keyText(key));
    if (!found) throw notFound({ ...r, name: key.name });
    return found;
  }

  #create(r: Named, object: AnyObject): AnyObject {
    this.#requireSpace(r);
    const key = keyText(keyOf(object));
    if (this.#table(r).has(key)) throw alreadyExists({ ...r, name: object.metadata.name ?? '' });
    const id = Object.hasOwn(IDS, r.kind) ? (IDS[r.kind] ?? '') : '';
    const metadata = {
      ...object.metadata,
      uid: this.#clock.uuid(),
      generation: 1,
      creationTimestamp: timestamp(this.#clock.now()),
      ...(id ? { labels: { [id]: this.#clock.uuid(), ...object.metadata.labels } } : {}),
    };
    return this.#write(r, 'ADDED', { ...object, apiVersion: apiVersionOf(r), kind: r.kind, metadata });
  }

  #update(r: Named, object: AnyObject, subresource?: string): AnyObject {
    this.#requireSpace(r);
    const present = this.#read(r, keyOf(object));
    const { resourceVersion } = object.metadata;
    if (resourceVersion && resourceVersion !== present.metadata.resourceVersion) throw conflict({ ...r, name: object.metadata.name ?? '' });
    const { status: wanted, ...main } = object;
    const { status, ...rest } = present;
    const next = (
      subresource === 'status' ? { ...rest, status: wanted } : { ...main, ...(status === undefined ? {} : { status }) }
    ) as AnyObject;
    if (equal(next, present)) return present;
    const changed = subresource !== 'status' && !equal(spec(next), spec(present));
    const generation = (present.metadata.generation ?? 1) + (changed ? 1 : 0);
    const written = { ...next, metadata: { ...next.metadata, uid: present.metadata.uid ?? '', generation } };
    if (present.metadata.deletionTimestamp && (written.metadata.finalizers ?? []).length === 0) return this.#remove(r, written);
    return this.#write(r, 'MODIFIED', written);
  }

  #delete(r: Named, key: ObjectKey): AnyObject | undefined {
    this.#requireSpace(r);
    const present = this.#read(r, key);
    if ((present.metadata.finalizers ?? []).length === 0) {
      this.#remove(r, present);
      return undefined;
    }
    if (present.metadata.deletionTimestamp) return present;
    const metadata = {
      ...present.metadata,
      deletionTimestamp: timestamp(this.#clock.now()),
      generation: (present.metadata.generation ?? 1) + 1,
    };
    return this.#write(r, 'MODIFIED', { ...present, metadata });
  }

  #remove(r: Named, object: AnyObject): AnyObject {
    const gone = this.#write(r, 'DELETED', object);
    this.#table(r).delete(keyText(keyOf(object)));
    return gone;
  }

  #write(r: Named, type: WatchEvent['type'], object: AnyObject): AnyObject {
    this.#revision++;
    const stored = deepFreeze(clone({ ...object, metadata: { ...object.metadata, resourceVersion: String(this.#revision) } }));
    this.#table(r).set(keyText(keyOf(stored)), stored);
    const id = `${apiVersionOf(r)} ${r.plural}`;
    this.#log.push({ id, revision: this.#revision, event: { type, object: stored } });
    for (const watcher of this.#watchers) if (watcher.id === id) watcher.push({ type, object: stored });
    return stored;
  }

  async *#watch(r: Named, from: number, signal: AbortSignal): AsyncIterable<WatchEvent> {
    this.#requireUp(r);
    if (from < this.#oldest || from > this.#revision) throw expired('the revision is not there (any more)');
    const id = `${apiVersionOf(r)} ${r.plural}`;
    const queue = this.#log.filter(entry => entry.id === id && entry.revision > from).map(entry => entry.event);
    let wake: () => void = () => undefined;
    let ended = false;
    const watcher: Watcher = {
      id,
      push: event => {
        queue.push(event);
        wake();
      },
      end: () => {
        ended = true;
        queue.length = 0;
        wake();
      },
    };
    const onAbort = (): void => wake();
    this.#watchers.add(watcher);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      while (!signal.aborted && !ended) {
        const next = queue.shift();
        if (next) yield next;
        else
          await new Promise<void>(resolve => {
            wake = resolve;
          });
      }
      if (ended) throw unavailable('the server was restored');
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#watchers.delete(watcher);
    }
  }
}

function spec({ metadata: _, status: __, ...rest }: AnyObject): unknown {
  return rest;
}
