// Putting an object into a server as it was somewhere else: its uid, generation, times and status stay; only its resourceVersion is
// this server's. Nobody is asked for permission and nothing is checked: for copies of a control plane that no one else uses.
import { type AnyObject, noSuchResource, type Resource } from '../kube/index.ts';
import { type Core, entryFrom, storageKey, storedForm } from './registry/index.ts';

/** Resolves with the resourceVersion that it has here; rejects where the kind is not served. */
export async function implant(core: Core, r: Pick<Resource, 'group' | 'version' | 'plural'>, object: AnyObject): Promise<string> {
  const s = core.catalog.find(r.group, r.version, r.plural);
  if (!s) throw noSuchResource();
  const { namespace = '', name = '' } = object.metadata;
  const stored = await storedForm(s, object);
  const present = s.collection.get(namespace, name);
  const key = storageKey(s, namespace, name);
  const revision = await core.plane.cache.commit([{ key, expect: present?.revision ?? 0, make: at => entryFrom(key, stored, at) }]);
  return String(revision);
}
