// What /ephemeralcontainers and /resize of a pod may change: all else stays as it is stored, whatever was sent.
import { clone } from '../../../kube/index.ts';
import type { MutableObject } from '../../admission/plugin.ts';
import { inside, items, mutable, type Obj, sub, text } from '../read.ts';

const CONTAINERS = ['containers', 'initContainers'];
const RESIZED = ['resources', 'resizePolicy'];

/** Puts back what the path does not change. Containers that are others than before are left for validation to refuse. */
export function keepOtherParts(o: MutableObject, old: Obj, subresource: string): void {
  const spec = inside(o, 'spec') ?? {};
  if (subresource === 'resize' && !CONTAINERS.every(key => sameNames(spec, sub(old, 'spec'), key))) return;
  const kept = clone(sub(old, 'spec')) as MutableObject;
  if (subresource === 'resize') for (const key of CONTAINERS) resize(kept, spec, key);
  else take(kept, spec, 'ephemeralContainers');
  const { managedFields, uid, resourceVersion } = inside(o, 'metadata') ?? {};
  o['metadata'] = { ...(clone(sub(old, 'metadata')) as MutableObject), managedFields, uid, resourceVersion };
  o['spec'] = kept;
  take(o, old as MutableObject, 'status');
}

const names = (spec: Obj, key: string): string[] => items(spec, key).map(c => text(c, 'name'));
const sameNames = (a: Obj, b: Obj, key: string): boolean => names(a, key).join() === names(b, key).join();

function resize(kept: MutableObject, spec: Obj, key: string): void {
  mutable(kept, key).forEach((c, i) => {
    const given = items(spec, key)[i] ?? {};
    for (const field of RESIZED) take(c, given as MutableObject, field);
  });
}

function take(into: MutableObject, from: MutableObject, key: string): void {
  if (from[key] === undefined || from[key] === null) delete into[key];
  else into[key] = from[key];
}
