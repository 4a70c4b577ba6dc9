// Ownership through the scale subresource. A Scale shows the managers of its parent's replicas as managers of `spec.replicas`; after a
// write to it, who lost that field there loses the replicas of the parent, and who gained it has an entry for them alone.
import {
  ANY,
  type AnyObject,
  builtinSchema,
  difference,
  type FieldPath,
  fieldElement,
  has,
  isEmpty,
  rootSchema,
  setOf,
} from '../../kube/index.ts';
import type { OwnedKind, Subresource } from '../registry/served.ts';
import { entriesOf, type Managed, type Manager, managedOf } from './managed.ts';
import { fieldVersions } from './versions.ts';

const SCALE = 'autoscaling/v1';
const SCHEMA = builtinSchema(SCALE, 'Scale') ?? rootSchema(new Map(), ANY);
const same = (object: AnyObject): AnyObject => object;

/** Scale, which is never stored, as a kind whose fields are owned. */
export const scaleKind: OwnedKind = {
  resource: { group: 'autoscaling', version: 'v1', kind: 'Scale', plural: 'scales', scope: 'Namespaced' },
  custom: false,
  subresources: new Map(),
  fieldSchema: () => SCHEMA,
  blank: () => ({ kind: 'Scale', apiVersion: SCALE, metadata: {}, spec: {}, status: { replicas: 0 } }),
  fromStored: same,
  toStored: same,
  versions: () => new Map([[SCALE, scaleKind]]),
};
const IN_SCALE: FieldPath = ['spec', 'replicas'].map(fieldElement);

/** Path of the replicas in a version of the kind; undefined where that version is no more. */
function replicasIn(s: OwnedKind, apiVersion: string): FieldPath | undefined {
  const versions = fieldVersions(s);
  if (!versions.schema(apiVersion)) return undefined;
  const scale: Subresource['scale'] = (apiVersion === versions.own ? s : s.versions().get(apiVersion))?.subresources.get('scale')?.scale;
  return scale?.specReplicas.map(fieldElement) ?? [];
}

const holds = (m: Manager, path: FieldPath | undefined): boolean => path !== undefined && path.length > 0 && has(m.fields, path);

/** The entries a Scale of this parent has. */
export function scaleEntries(s: OwnedKind, parent: unknown): Record<string, unknown>[] {
  const owners = [...managedOf(parent).values()].filter(m => holds(m, replicasIn(s, m.apiVersion)));
  return entriesOf(owners.map(m => ({ ...m, apiVersion: SCALE, fields: setOf(IN_SCALE) })));
}

/** The entries of the parent after a write to its Scale. */
export function parentEntries(s: OwnedKind, parent: unknown, scale: unknown): Record<string, unknown>[] {
  const versions = fieldVersions(s);
  const left: Managed = new Map(managedOf(scale));
  const kept: Manager[] = [];
  const before = managedOf(parent);
  for (const [id, m] of before) {
    const path = replicasIn(s, m.apiVersion);
    if (!path) continue;
    if (!holds(m, path) || left.delete(id)) kept.push(m);
    else {
      const fields = difference(m.fields, setOf(path));
      if (!isEmpty(fields)) kept.push({ ...m, fields });
    }
  }
  const own = replicasIn(s, versions.own);
  // Times are those of the parent's entries: a manager that is new here has none.
  const gained = [...left]
    .filter(([, m]) => own && own.length > 0 && holds(m, IN_SCALE))
    .map(([id, m]) => ({ ...m, apiVersion: versions.own, time: before.get(id)?.time, fields: setOf(own ?? []) }));
  return entriesOf([...gained, ...kept]);
}
