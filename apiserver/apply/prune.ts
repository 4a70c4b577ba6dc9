// What an applier gave up: fields it applied last time and does not apply now go, unless somebody else owns them. Each step works in
// the version of the sets it handles, for a set means nothing in another one.
import {
  appliedSet,
  difference,
  EMPTY,
  type FieldSet,
  intersection,
  type MapSchema,
  removeFields,
  union,
  withNamedFields,
} from '../../kube/index.ts';
import type { Managed, Manager } from './managed.ts';
import type { FieldVersions, Plain } from './versions.ts';

/** The merged object without what `last` gave up; `managed` has the new set of the applier already. */
export async function prune(versions: FieldVersions, merged: Plain, managed: Managed, last: Manager | undefined): Promise<Plain> {
  const schema = last && completeSchema(versions, last.apiVersion);
  if (!last || !schema) return merged;
  const at = await versions.convert(merged, last.apiVersion);
  const lastSet = withNamedFields(last.fields, schema);
  const without = lacking(schema, at, lastSet);
  const owned = await addBackOwned(versions, { merged: at, pruned: without, first: last.apiVersion, managed });
  const pruned = await versions.convert(owned, last.apiVersion);
  const gone = difference(namedSet(schema, at), namedSet(schema, pruned));
  return versions.convert(lacking(schema, at, intersection(gone, lastSet)), versions.own);
}

/** Names count here too: an object that is taken apart must not lose what it is. */
const completeSchema = (versions: FieldVersions, apiVersion: string): MapSchema | undefined => {
  const schema = versions.schema(apiVersion);
  return schema?.complete ?? schema;
};
const lacking = (schema: MapSchema, object: Plain, set: FieldSet): Plain => (removeFields(schema, object, set) ?? {}) as Plain;
const namedSet = (schema: MapSchema, object: Plain): FieldSet => withNamedFields(appliedSet(schema, object), schema);

interface Pruned {
  readonly merged: Plain;
  readonly pruned: Plain;
  /** The version to begin with: what was pruned there may be needed to convert at all. */
  readonly first: string;
  readonly managed: Managed;
}

/** Puts back what the applier's new configuration or anybody else owns. */
async function addBackOwned(versions: FieldVersions, o: Pruned): Promise<Plain> {
  const owned = new Map<string, FieldSet>();
  for (const m of o.managed.values()) owned.set(m.apiVersion, union(owned.get(m.apiVersion) ?? EMPTY, m.fields));
  const order = [...owned.keys()].sort((a, b) => Number(b === o.first) - Number(a === o.first));
  let { merged, pruned } = o;
  for (const apiVersion of order) {
    const schema = completeSchema(versions, apiVersion);
    if (!schema) continue;
    merged = await versions.convert(merged, apiVersion);
    pruned = await versions.convert(pruned, apiVersion);
    const kept = union(namedSet(schema, pruned), withNamedFields(owned.get(apiVersion) ?? EMPTY, schema));
    pruned = lacking(schema, merged, difference(namedSet(schema, merged), kept));
  }
  return pruned;
}
