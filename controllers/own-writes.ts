// What this process wrote through a client and its copies may not show yet. A copy that lags behind our own write must not be taken for the present: comparing
// with it would cost a conflict at best, and at worst find "nothing to write" where the last write was another one.
import { type Client, type KubeObject, keyOf, keyText, type Resource } from '../kube/index.ts';

/** The oldest are forgotten beyond this number; a copy is seldom that far behind. */
const REMEMBERED_MAX = 20_000;

const written = new WeakMap<Client, Map<string, string>>();

const idOf = (resource: Resource<KubeObject>, object: KubeObject): string =>
  `${resource.group}/${resource.plural} ${keyText(keyOf(object))}`;

export function rememberOwnWrite(client: Client, resource: Resource<KubeObject>, object: KubeObject): void {
  const versions = written.get(client) ?? new Map<string, string>();
  written.set(client, versions);
  const id = idOf(resource, object);
  versions.delete(id);
  versions.set(id, object.metadata.resourceVersion ?? '');
  if (versions.size > REMEMBERED_MAX) versions.delete(versions.keys().next().value ?? '');
}

/** Whether the copy is older than what we wrote last. */
export function isBehindOwnWrites(client: Client, resource: Resource<KubeObject>, copy: KubeObject): boolean {
  const versions = written.get(client);
  const id = idOf(resource, copy);
  const own = versions?.get(id);
  if (own === undefined) return false;
  if (isOlder(copy.metadata.resourceVersion ?? '', own)) return true;
  versions?.delete(id);
  return false;
}

/** Resource versions are decimal numbers that only grow. */
export const isOlder = (a: string, b: string): boolean => (a.length === b.length ? a < b : a.length < b.length);
