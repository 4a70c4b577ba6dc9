// The scale subresource: a window onto the replica fields of its parent (autoscaling/v1 Scale).
import { type AnyObject, at, badRequest, conflict, field, invalid, isObject, objectOf, stringOf, timestamp } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import { parentEntries, scaleEntries, scaleKind } from '../apply/scale-managers.ts';
import { trackWrite } from '../apply/track.ts';
import type { RequestContext } from './context.ts';
import { metaOf, metaRead } from './metadata.ts';
import { mutable } from './patch.ts';
import type { Plane } from './plane.ts';
import type { Served, Subresource } from './served.ts';
import { toldKey } from './storage.ts';
import { modify, type Target, uidMismatch } from './update.ts';

export type ScalePaths = NonNullable<Subresource['scale']>;

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
  o: {
    paths: ScalePaths;
    make: (present: AnyObject) => MutableObject | Promise<MutableObject>;
    /** The managedFields of the Scale are right already (server-side apply). */
    tracked?: boolean;
    /** A patch is refused by the subresource, a replacement by the store. */
    patched?: boolean;
  },
): Promise<AnyObject> {
  const parent = await modify(p, s, c, t, {
    tracked: true,
    async make(old) {
      const shown = scaleOf(old, o.paths);
      const present = {
        ...shown,
        metadata: { ...shown.metadata, managedFields: scaleEntries(s, old.metadata.managedFields) },
      } as AnyObject;
      const scale = await o.make(present);
      refuseOtherUid(s, t, scale, { c, old, patched: o.patched === true });
      // The wire has no replicas that are none: nobody owns them.
      if (at(scale, 'spec', 'replicas') === 0) delete objectOf(scale['spec'])['replicas'];
      if (!o.tracked) {
        const now = timestamp(p.clock.now());
        await trackWrite(scaleKind, {
          live: present,
          updated: scale,
          given: undefined,
          manager: c.fieldManager,
          subresource: 'scale',
          now,
        });
      }
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
      metaOf(next)['managedFields'] = parentEntries(s, old.metadata.managedFields, metaRead(scale).managedFields);
      return next;
    },
  });
  return scaleOf(parent, o.paths);
}

interface Present {
  readonly c: RequestContext;
  readonly old: AnyObject;
  readonly patched: boolean;
}

function refuseOtherUid(s: Served, t: Target, scale: MutableObject, o: Present): void {
  const { uid } = metaRead(scale);
  const present = o.old.metadata.uid ?? '';
  if (!uid || uid === present) return;
  if (!o.patched) throw conflict({ ...s.resource, name: t.name }, uidMismatch(toldKey(s, o.c, t), uid, present));
  const told = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${present}`;
  throw conflict({ ...s.resource, plural: `${s.resource.plural}/scale`, name: t.name }, told);
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
