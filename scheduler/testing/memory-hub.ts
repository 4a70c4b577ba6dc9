// A hub that lives in memory, for tests of loops that list, watch, patch and update: revisions, generations, merge patches.
import {
  applyMergePatch,
  type Client,
  equal,
  type KubeObject,
  keyOf,
  keyText,
  notFound,
  type ObjectKey,
  plain500,
  type Resource,
  unavailable,
  type WatchEvent,
} from '../../kube/index.ts';

export interface MemoryHub {
  readonly client: Client;
  stored(plural: string, key: string): KubeObject | undefined;
  /** Stores an object as if its owner had written it. */
  put<T extends KubeObject>(plural: string, object: T): void;
  remove(plural: string, key: string): void;
  failNextWrites(count: number): void;
  /** What somebody else changes right before each write; returns how to stop. */
  onWrite(change: (present: Record<string, unknown>) => Record<string, unknown>): () => void;
  /** Writes through the client so far. */
  readonly writes: number;
}

interface Stream {
  readonly plural: string;
  readonly events: WatchEvent<KubeObject>[];
  wake: () => void;
}

export function memoryHub(): MemoryHub {
  const objects = new Map<string, KubeObject>();
  const streams = new Set<Stream>();
  let revision = 0;
  let writes = 0;
  let failing = 0;
  let meddler: ((present: Record<string, unknown>) => Record<string, unknown>) | undefined;
  const id = (plural: string, key: string): string => `${plural} ${key}`;

  function emit(plural: string, event: WatchEvent<KubeObject>): void {
    for (const stream of streams) {
      if (stream.plural !== plural) continue;
      stream.events.push(event);
      stream.wake();
    }
  }

  function put(plural: string, object: KubeObject): KubeObject {
    const key = id(plural, keyText(keyOf(object)));
    const old = objects.get(key) as (KubeObject & { spec?: unknown }) | undefined;
    const changed = old !== undefined && !equal(old.spec, (object as { spec?: unknown }).spec);
    const generation = changed ? (old.metadata.generation ?? 1) + 1 : (object.metadata.generation ?? 1);
    const stored = { ...object, metadata: { ...object.metadata, generation, resourceVersion: String(++revision) } };
    objects.set(key, stored);
    emit(plural, { type: old ? 'MODIFIED' : 'ADDED', object: stored });
    return stored;
  }

  function write(r: Resource<KubeObject>, key: ObjectKey, change: (old: KubeObject) => KubeObject): KubeObject {
    writes++;
    if (failing > 0) {
      failing--;
      throw unavailable('try later');
    }
    const old = objects.get(id(r.plural, keyText(key)));
    if (!old) throw notFound({ group: r.group, plural: r.plural, name: key.name });
    const present = meddler ? put(r.plural, { ...old, ...meddler({ ...old }) }) : old;
    return put(r.plural, change(present));
  }

  const refuse = async (): Promise<never> => {
    throw plain500('not served');
  };

  async function* watch(r: Resource<KubeObject>, signal: AbortSignal): AsyncGenerator<WatchEvent<KubeObject>> {
    const stream: Stream = { plural: r.plural, events: [], wake: () => undefined };
    streams.add(stream);
    signal.addEventListener('abort', () => stream.wake(), { once: true });
    while (!signal.aborted) {
      const event = stream.events.shift();
      if (event) yield event;
      else
        await new Promise<void>(resolve => {
          stream.wake = resolve;
        });
    }
    streams.delete(stream);
  }

  const client: Client = {
    get: async <T extends KubeObject>(r: Resource<T>, key: ObjectKey) => {
      const object = objects.get(id(r.plural, keyText(key)));
      if (!object) throw notFound({ group: r.group, plural: r.plural, name: key.name });
      return object as T;
    },
    list: async <T extends KubeObject>(r: Resource<T>) => ({
      resourceVersion: String(revision),
      items: [...objects].flatMap(([key, object]) => (key.startsWith(`${r.plural} `) ? [object as T] : [])),
    }),
    patch: async <T extends KubeObject>(r: Resource<T>, key: ObjectKey, patch: { readonly body: unknown }) =>
      write(r, key, old => applyMergePatch(old, patch.body) as KubeObject) as T,
    update: async <T extends KubeObject>(r: Resource<T>, object: T) => write(r, keyOf(object), () => object) as T,
    create: refuse,
    delete: refuse,
    watch: <T extends KubeObject>(r: Resource<T>, o: { readonly signal: AbortSignal }) =>
      watch(r, o.signal) as AsyncGenerator<WatchEvent<T>>,
  };
  return {
    client,
    stored: (plural, key) => objects.get(id(plural, key)),
    put: (plural, object) => void put(plural, object),
    remove(plural, key) {
      const object = objects.get(id(plural, key));
      if (!object) return;
      objects.delete(id(plural, key));
      emit(plural, { type: 'DELETED', object: { ...object, metadata: { ...object.metadata, resourceVersion: String(++revision) } } });
    },
    failNextWrites(count) {
      failing = count;
    },
    onWrite(change) {
      meddler = change;
      return () => {
        meddler = undefined;
      };
    },
    get writes() {
      return writes;
    },
  };
}
