// What a change of an object means to those who own its fields: who changes or adds a field of another manager takes it from them,
// and nobody owns a field that is gone.
import {
  type Comparison,
  compare,
  compareElements,
  difference,
  EMPTY,
  eachPath,
  type FieldPath,
  type FieldSchema,
  type FieldSet,
  intersection,
  isEmpty,
  type MapSchema,
  memberOf,
  union,
} from '../../kube/index.ts';
import type { Managed, Manager } from './managed.ts';
import type { ResetFields } from './reset-fields.ts';
import type { FieldVersions, Plain } from './versions.ts';

export interface Conflict {
  /** Who owns the field. */
  readonly owner: Manager;
  readonly path: FieldPath;
}

export interface Step {
  readonly versions: FieldVersions;
  readonly old: Plain;
  readonly next: Plain;
  readonly reset: ResetFields;
}

/** The difference of two objects of one version, without what the path resets. */
export function changes(schema: MapSchema, { old, next, reset }: Pick<Step, 'old' | 'next' | 'reset'>): Comparison {
  const all = compare(schema, old, next, reset);
  return all.added === EMPTY && all.modified === EMPTY && all.removed === EMPTY
    ? all
    : { added: reset.keep(all.added), modified: reset.keep(all.modified), removed: reset.keep(all.removed) };
}

/** The differences in every version that a manager wrote in; no entry for a version that is no more. */
export async function changesByVersion(step: Step, managed: Managed, own: Comparison): Promise<Map<string, Comparison>> {
  const { versions, old, next } = step;
  const found = new Map([[versions.own, own]]);
  for (const { apiVersion } of managed.values()) {
    const schema = found.has(apiVersion) ? undefined : versions.schema(apiVersion);
    const served = versions.served.versions().get(apiVersion);
    if (!schema || !served) continue;
    const [before, after] = [await versions.convert(old, apiVersion), await versions.convert(next, apiVersion)];
    found.set(apiVersion, changes(schema, { old: before, next: after, reset: step.reset }));
  }
  return found;
}

/** Takes the changed fields from everybody but `except`, in place. Entries left without fields vanish, as do those of lost versions. */
export function takeFrom(managed: Managed, byVersion: ReadonlyMap<string, Comparison>, except: string): void {
  const lost = new Map([...byVersion].map(([apiVersion, c]) => [apiVersion, union(union(c.modified, c.added), c.removed)]));
  for (const [id, m] of managed) {
    const change = id === except ? undefined : lost.get(m.apiVersion);
    if (!change && id !== except) managed.delete(id);
    const fields = change ? difference(m.fields, change) : m.fields;
    if (isEmpty(fields)) managed.delete(id);
    else if (fields !== m.fields) managed.set(id, { ...m, fields });
  }
}

/** Fields that others than `except` own and that the change adds or changes. */
export function conflictsOf(managed: Managed, byVersion: ReadonlyMap<string, Comparison>, except: string): Conflict[] {
  const found: Conflict[] = [];
  for (const [id, m] of managed) {
    const change = id === except ? undefined : byVersion.get(m.apiVersion);
    if (!change) continue;
    const both = intersection(m.fields, union(change.modified, change.added));
    eachPath(both, path => found.push({ owner: m, path }), compareElements);
  }
  return found;
}

/** Brings sets in line with a schema that has changed: what is one piece now is owned as one piece. */
export function reconcile(managed: Managed, versions: FieldVersions): void {
  if (!versions.served.custom) return;
  for (const [id, m] of managed) {
    const schema = versions.schema(m.apiVersion);
    const fields = schema ? reconciled(schema, m.fields) : m.fields;
    if (fields !== m.fields) managed.set(id, { ...m, fields });
  }
}

function reconciled(schema: FieldSchema, set: FieldSet): FieldSet {
  let out: Record<string, FieldSet> | undefined;
  for (const element of Object.keys(set)) {
    const node = set[element] as FieldSet;
    const below = isEmpty(node) ? undefined : belowOf(schema, element);
    const next = below ? pieceOf(below, node) : node;
    if (next === node) continue;
    out ??= { ...set };
    out[element] = next;
  }
  return out ?? set;
}

function pieceOf(schema: FieldSchema, node: FieldSet): FieldSet {
  const atomic = schema.type === 'map' ? schema.atomic : schema.type === 'list' && schema.kind === 'atomic';
  return atomic ? EMPTY : reconciled(schema, node);
}

function belowOf(schema: FieldSchema, element: string): FieldSchema | undefined {
  if (schema.type === 'map' && element.startsWith('f:')) return memberOf(schema, element.slice(2));
  return schema.type === 'list' && element.startsWith('k:') ? schema.items : undefined;
}
