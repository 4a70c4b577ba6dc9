// One object is served in several groups and versions. A rule may name one that a request does not use: under matchPolicy
// Equivalent it matches all the same, and sees the object in the version it names.
import type { AnyObject, Resource } from '../../kube/index.ts';
import { type Core, presentedForm, type Served, storedForm } from '../registry/index.ts';
import type { Attributes, MutableObject } from './plugin.ts';

/** Finds what else is served of the storage of a resource. */
export interface Equivalents {
  of(resource: Resource): readonly Resource[];
  /** The request as if it had been made in that version. */
  inVersion(a: Attributes, resource: Resource): Promise<Attributes>;
  /** An object of one version in another. */
  convert(object: Readonly<MutableObject>, from: Resource, to: Resource): Promise<MutableObject>;
}

/** Over what a server serves now. */
export function equivalents(core: Core): Equivalents {
  let generation = -1;
  const known = new Map<string, readonly Resource[]>();
  const served = (r: Resource): Served | undefined => core.catalog.find(r.group, r.version, r.plural);
  const convert = async (object: Readonly<MutableObject>, from: Resource, to: Resource): Promise<MutableObject> => {
    const [source, target] = [served(from), served(to)];
    if (!source || !target) return object;
    return { ...(await presentedForm(target, await storedForm(source, object as unknown as AnyObject))) } as unknown as MutableObject;
  };
  return {
    convert,
    of(resource) {
      if (generation !== core.catalog.generation) known.clear();
      generation = core.catalog.generation;
      const key = `${resource.group}/${resource.version}/${resource.plural}`;
      const found = known.get(key) ?? others(core, resource);
      known.set(key, found);
      return found;
    },
    async inVersion(a, resource) {
      if (resource === a.resource) return a;
      return {
        ...a,
        resource,
        ...(a.object ? { object: await convert(a.object, a.resource, resource) } : {}),
        ...(a.oldObject ? { oldObject: await convert(a.oldObject, a.resource, resource) } : {}),
      };
    },
  };
}

function others(core: Core, resource: Resource): readonly Resource[] {
  const prefix = core.catalog.find(resource.group, resource.version, resource.plural)?.collection.prefix;
  if (prefix === undefined) return [];
  return core.catalog
    .all()
    .filter(s => s.collection.prefix === prefix && s.resource !== resource && !s.answer)
    .map(s => s.resource);
}
