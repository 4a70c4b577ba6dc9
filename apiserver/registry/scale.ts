// The scale subresource: a window onto the replica fields of its parent (autoscaling/v1 Scale).
import { type AnyObject, at, badRequest, conflict, field, invalid, isObject, stringOf } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import type { RequestContext } from './context.ts';
import { metaRead } from './metadata.ts';
import { mutable } from './patch.ts';
import type { Plane } from './plane.ts';
import type { Served, Subresource } from './served.ts';
import { modify, type Target } from './update.ts';

type ScalePaths = NonNullable<Subresource['scale']>;

export function scaleOf(parent: AnyObject, paths: ScalePaths): AnyObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = parent.metadata;
  const replicas = at(parent, ...paths.specReplicas);
  const selector = paths.selector?.(parent) ?? '';
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: {
      ...(name ? { name } : {}),
      ...(namespace ? { namespace } : {}),
      ...(uid ? { uid } : {}),
      ...(resourceVersion ? { resourceVersion } : {}),
      ...(creationTimestamp ? { creationTimestamp } : {}),
    },
    spec: typeof replicas === 'number' && replicas !== 0 ? { replicas } : {},
    status: { replicas: Number(at(parent, ...paths.statusReplicas) ?? 0), ...(selector ? { selector } : {}) },
  };
}

/** Writes `spec.replicas` of a Scale into the parent; `make` gives the Scale from the present one. */
export async function updateScale(
  p: Plane,
  s: Served,
  c: RequestContext,
  t: Target,
  o: { paths: ScalePaths; make: (present: AnyObject) => MutableObject },
): Promise<AnyObject> {
  const parent = await modify(p, s, c, t, {
    make: old => {
      const present = scaleOf(old, o.paths);
      const scale = o.make(present);
      const meta = metaRead(scale);
      const locked = meta.resourceVersion;
      if (locked && locked !== old.metadata.resourceVersion) throw conflict({ ...s.resource, name: t.name });
      if (meta.name !== undefined && meta.name !== t.name)
        throw badRequest(`the name of the object (${stringOf(meta.name)}) does not match the name on the URL (${t.name})`);
      const replicas = at(scale, 'spec', 'replicas') ?? 0;
      if (typeof replicas !== 'number' || !Number.isInteger(replicas)) throw badRequest('spec.replicas must be an integer');
      if (replicas < 0) {
        throw invalid({ group: 'autoscaling', kind: 'Scale', name: t.name }, [
          field.invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0'),
        ]);
      }
      const next = mutable(old);
      setAt(next, o.paths.specReplicas, replicas);
      return next;
    },
  });
  return scaleOf(parent, o.paths);
}

function setAt(object: MutableObject, path: readonly string[], value: unknown): void {
  let current = object;
  for (const step of path.slice(0, -1)) {
    const inner = current[step];
    current[step] = isObject(inner) ? inner : {};
    current = current[step] as MutableObject;
  }
  current[path.at(-1) ?? ''] = value;
}
