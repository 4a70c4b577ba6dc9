// Ownership after a create, update or patch: what the write adds or changes belongs to its manager from now on. Nothing is done
// where the write changes nothing; a create is one walk over the object.
import { type Comparison, EMPTY, type FieldSet, isEmpty, union } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import type { OwnedKind } from '../registry/served.ts';
import {
  capUpdaters,
  entriesOf,
  entryOf,
  identityOf,
  isReset,
  type Managed,
  type Manager,
  managedOf,
  parseManaged,
  sameEntries,
} from './managed.ts';
import { changes, changesByVersion, reconcile, type Step, takeFrom } from './owners.ts';
import { resetFields } from './reset-fields.ts';
import { fieldVersions, type Plain } from './versions.ts';

export interface TrackedWrite {
  /** undefined for a create. */
  readonly live: Plain | undefined;
  /** Decoded and with defaults; its managedFields are set in place. */
  readonly updated: MutableObject;
  /** The managedFields the client sent, as it sent them. */
  readonly given: unknown;
  readonly manager: string;
  readonly subresource: string;
  /** RFC 3339, whole seconds. */
  readonly now: string;
}

type Meta = Record<string, unknown>;
const metaOf = (object: Plain | undefined): Meta => (object?.['metadata'] ?? {}) as Meta;

/** Sets the managedFields of `updated`. Waits only where somebody else converts between versions. */
export function trackWrite(s: OwnedKind, w: TrackedWrite): Promise<void> | void {
  const meta = metaOf(w.updated);
  const reset = resetFields(s, w.subresource);
  const given = givenTo(s, w);
  const owners = w.live ? ownersBefore(given, w.live) : newOwners(given);
  if (w.live && owners.managed?.size === 0) return put(meta, []);
  const step = { versions: fieldVersions(s), old: w.live ?? s.blank(), next: w.updated, reset };
  const change = changes(s.fieldSchema(), step);
  if (!w.live && owners.managed?.size === 0) {
    const set = ownedBy(change);
    return put(meta, isEmpty(set) ? [] : [entryOf(managerOf(s, w, set))]);
  }
  if (isSame(change) && allKnown(owners.entries, step)) return put(meta, owners.entries);
  return after(step, { meta, managed: owners.managed ?? managedOf(owners.entries), change }, set => managerOf(s, w, set));
}

const isSame = (c: Comparison): boolean => isEmpty(c.added) && isEmpty(c.modified) && isEmpty(c.removed);
const ownedBy = (c: Comparison): FieldSet => union(c.modified, c.added);

interface Owners {
  readonly entries: readonly unknown[];
  /** Absent where the entries are the stored ones and have not been read yet. */
  readonly managed?: Managed;
}

const NOBODY: Owners = { entries: [], managed: new Map() };
const listed = (entries: unknown): readonly unknown[] => (Array.isArray(entries) ? entries : []);

const newOwners = (given: unknown): Owners => (isReset(given) ? NOBODY : sent(given));

/** Who owns the fields before the write: what the client sends along where it makes sense, else what is stored. */
/** What counts of the entries a client sends: nothing through a subresource, and an empty list only of built-in kinds. */
function givenTo(s: OwnedKind, w: TrackedWrite): unknown {
  if (w.live && w.subresource !== '') return undefined;
  return s.custom && Array.isArray(w.given) && w.given.length === 0 ? undefined : w.given;
}

function ownersBefore(given: unknown, live: Plain): Owners {
  const stored = listed(metaOf(live)['managedFields']);
  if (isReset(given)) return NOBODY;
  const kept = stored.length > 0 ? { entries: stored } : NOBODY;
  if (listed(given).length === 0 || sameEntries(given, stored)) return kept;
  const own = sent(given);
  return own.managed?.size === 0 ? kept : own;
}

function sent(given: unknown): Owners {
  const managed = listed(given).length > 0 ? parseManaged(given) : undefined;
  return managed ? { entries: entriesOf(managed.values()), managed } : NOBODY;
}

const allKnown = (entries: readonly unknown[], { versions }: Step): boolean =>
  (entries as { apiVersion?: string }[]).every(e => e.apiVersion === versions.own || versions.schema(e.apiVersion ?? '') !== undefined);

function managerOf(s: OwnedKind, w: TrackedWrite, fields: FieldSet): Manager {
  const { group, version } = s.resource;
  return {
    manager: w.manager,
    operation: 'Update',
    apiVersion: group ? `${group}/${version}` : version,
    subresource: w.subresource,
    time: w.now,
    fields,
  };
}

function put(meta: Meta, entries: readonly unknown[]): void {
  if (entries.length > 0) meta['managedFields'] = entries;
  else delete meta['managedFields'];
}

interface Before {
  readonly meta: Meta;
  readonly managed: Managed;
  readonly change: Comparison;
}

function after(step: Step, b: Before, made: (set: FieldSet) => Manager): Promise<void> | void {
  const finish = (byVersion: ReadonlyMap<string, Comparison>): void => {
    reconcile(b.managed, step.versions);
    takeFrom(b.managed, byVersion, '');
    const self = made(ownedBy(b.change));
    if (!isEmpty(self.fields)) {
      const id = identityOf(self);
      b.managed.set(id, { ...self, fields: union(self.fields, b.managed.get(id)?.fields ?? EMPTY) });
    }
    capUpdaters(b.managed);
    put(b.meta, entriesOf(b.managed.values()));
  };
  const foreign = [...b.managed.values()].some(m => m.apiVersion !== step.versions.own && step.versions.schema(m.apiVersion));
  if (!foreign) return finish(new Map([[step.versions.own, b.change]]));
  return changesByVersion(step, b.managed, b.change).then(finish);
}
