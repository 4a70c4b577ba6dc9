// What a mutation made takes the place of the object in the request: back in the request's version, without unknown fields,
// with defaults.
import { at, type Resource } from '../../kube/index.ts';
import type { Core } from '../registry/index.ts';
import type { Equivalents } from './equivalent.ts';
import type { Attributes, MutableObject } from './plugin.ts';

/** Changes `a.object` in place. Of a scale subresource only the replicas count. */
export async function replaceObject(
  core: Core,
  a: Attributes,
  o: { readonly patched: MutableObject; readonly shown: Resource; readonly same: Equivalents },
): Promise<void> {
  const { object, resource } = a;
  if (!object) return;
  const served = core.catalog.find(resource.group, resource.version, resource.plural);
  const sub = a.subresource ? served?.subresources.get(a.subresource) : undefined;
  if (sub?.type === 'scale' && sub.scale) {
    setAt(object, sub.scale.specReplicas, at(o.patched, 'spec', 'replicas') ?? 0);
    return;
  }
  const next = o.shown === resource ? o.patched : await o.same.convert(o.patched, o.shown, resource);
  served?.prune(next);
  served?.rules.defaults(next);
  for (const key of Object.keys(object)) if (!Object.hasOwn(next, key)) delete object[key];
  for (const [key, value] of Object.entries(next)) if (key !== '__proto__') object[key] = value;
}

function setAt(object: MutableObject, path: readonly string[], value: unknown): void {
  const parent = at(object, ...path.slice(0, -1));
  const last = path.at(-1);
  if (parent !== null && typeof parent === 'object' && last !== undefined) (parent as MutableObject)[last] = value;
}
