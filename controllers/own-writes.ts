// What this process wrote through a client and its copies may not show yet. A copy that lags behind our own write must not be taken for the present: comparing
// with it would cost a conflict at best, and at worst find "nothing to write" where the last write was another one. What we wrote is then the present, as far as it
// is still in memory; others keep it there, not this list.
import { type Client, type KubeObject, keyText, type ObjectKey, type Resource } from '../kube/index.ts';

/** The oldest are forgotten beyond this number; a copy is seldom that far behind. */
const REMEMBERED_MAX = 20_000;

interface OwnWrite {
  readonly version: string;
  readonly object: WeakRef<KubeObject>;
}

const written = new WeakMap<Client, Map<string, OwnWrite>>();

/** Names an object among all that a client writes. */
export const writeId = (resource: Resource<KubeObject>, key: ObjectKey): string => `${resource.group}/${resource.plural} ${keyText(key)}`;

export function rememberOwnWrite(client: Client, id: string, object: KubeObject): void {
  const known = written.get(client) ?? new Map<string, OwnWrite>();
  written.set(client, known);
  known.delete(id);
  known.set(id, { version: object.metadata.resourceVersion ?? '', object: new WeakRef(object) });
  if (known.size > REMEMBERED_MAX) known.delete(known.keys().next().value ?? '');
}

/** The copy, or what we wrote ourselves where that is newer; undefined where only the server can tell. */
export function newestKnown<T extends KubeObject>(client: Client, id: string, copy: T): T | undefined {
  const known = written.get(client);
  const own = known?.get(id);
  if (own === undefined) return copy;
  if (isOlder(copy.metadata.resourceVersion ?? '', own.version)) return own.object.deref() as T | undefined;
  known?.delete(id);
  return copy;
}

/** Resource versions are decimal numbers that only grow. */
export const isOlder = (a: string, b: string): boolean => (a.length === b.length ? a < b : a.length < b.length);
