// metadata.managedFields: who owns which fields of an object. One entry a manager, operation, version and subresource; an applier
// has one entry whatever version it applied last.
import { equal, type FieldSet, isEmpty, isObject, parseFieldSet, stringOf, union } from '../../kube/index.ts';

export interface Manager {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  /** '' for the object itself. */
  readonly subresource: string;
  readonly time: string | undefined;
  readonly fields: FieldSet;
}

/** By identity. */
export type Managed = Map<string, Manager>;

type Identity = Pick<Manager, 'manager' | 'operation' | 'apiVersion' | 'subresource'>;

/** What tells managers apart. */
export const identityOf = ({ manager, operation, apiVersion, subresource }: Identity): string =>
  `${operation} ${operation === 'Apply' ? '' : apiVersion} ${subresource} ${manager}`;

/** The same as text that sorts as the reference sorts managers. */
export const sortKeyOf = ({ manager, operation, apiVersion, subresource }: Identity): string =>
  JSON.stringify({
    ...(manager ? { manager } : {}),
    operation,
    ...(operation === 'Apply' ? {} : { apiVersion }),
    ...(subresource ? { subresource } : {}),
  });

/** The managers of a stored object: its sets are in canonical form and are used as they are. */
export function managedOf(entries: unknown): Managed {
  return decode(entries, value => (isObject(value) ? (value as FieldSet) : undefined)) ?? new Map();
}

/** The managers a client sends; undefined where an entry makes no sense. */
export const parseManaged = (entries: unknown): Managed | undefined => decode(entries, parseFieldSet);

function decode(entries: unknown, fieldsOf: (value: unknown) => FieldSet | undefined): Managed | undefined {
  const managed: Managed = new Map();
  for (const entry of Array.isArray(entries) ? entries : []) {
    if (!isObject(entry)) return undefined;
    const { operation, fieldsType } = entry;
    const apiVersion = stringOf(entry['apiVersion']);
    const fields = fieldsOf(entry['fieldsV1'] ?? {});
    if ((operation !== 'Apply' && operation !== 'Update') || apiVersion === '' || fieldsType !== 'FieldsV1' || !fields) return undefined;
    const time = typeof entry['time'] === 'string' ? entry['time'] : undefined;
    const one = {
      manager: stringOf(entry['manager']),
      operation,
      apiVersion,
      subresource: stringOf(entry['subresource']),
      time,
      fields,
    } as const;
    managed.set(identityOf(one), one);
  }
  return managed;
}

/** The entries as they are stored: appliers first, then by time and name. */
export function entriesOf(managers: Iterable<Manager>): Record<string, unknown>[] {
  return [...managers].sort(compareManagers).map(entryOf);
}

export function entryOf({ manager, operation, apiVersion, time, fields, subresource }: Manager): Record<string, unknown> {
  const entry: Record<string, unknown> = {};
  if (manager) entry['manager'] = manager;
  entry['operation'] = operation;
  entry['apiVersion'] = apiVersion;
  if (time !== undefined) entry['time'] = time;
  entry['fieldsType'] = 'FieldsV1';
  entry['fieldsV1'] = fields;
  if (subresource) entry['subresource'] = subresource;
  return entry;
}

const before = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

function compareManagers(a: Manager, b: Manager): number {
  return (
    before(a.operation, b.operation) ||
    compareTimes(a, b) ||
    before(a.manager, b.manager) ||
    before(a.apiVersion, b.apiVersion) ||
    before(a.subresource, b.subresource)
  );
}

const SECONDS_LENGTH = '2026-01-01T00:00:00Z'.length;

function compareTimes({ time: a }: Manager, { time: b }: Manager): number {
  if (a === b) return 0;
  if (a?.length === SECONDS_LENGTH && b?.length === SECONDS_LENGTH) return a < b ? -1 : 1;
  return secondsOf(a) - secondsOf(b);
}

const secondsOf = (time: string | undefined): number => (time === undefined ? 0 : Math.floor(Date.parse(time) / 1000));

/** No entries, or an empty one: the request to forget who owns what. */
export const isReset = (entries: unknown): boolean =>
  Array.isArray(entries) && (entries.length === 0 || (entries.length === 1 && isObject(entries[0]) && isEmpty(entries[0] as FieldSet)));

/** Whether two lists of entries say the same. */
export const sameEntries = (a: unknown, b: unknown): boolean => equal(a ?? [], b ?? []);

const MAX_UPDATERS = 10;
const FOLDED = 'ancient-changes';

/** At most ten entries of updates stay: the oldest ones of a version are folded into one. */
export function capUpdaters(managed: Managed): void {
  if (managed.size <= MAX_UPDATERS) return;
  const updaters = [...managed].filter(([, m]) => m.operation === 'Update');
  let surplus = updaters.length - MAX_UPDATERS;
  if (surplus <= 0) return;
  updaters.sort(([, a], [, b]) => compareTimes(a, b) || before(sortKeyOf(a), sortKeyOf(b)));
  const first = new Map<string, string>();
  for (const [id, m] of updaters) {
    if (surplus <= 0) break;
    const earlier = first.get(m.apiVersion);
    if (earlier === undefined) first.set(m.apiVersion, id);
    else {
      fold(managed, { earlier, id, m });
      surplus--;
    }
  }
}

function fold(managed: Managed, { earlier, id, m }: { earlier: string; id: string; m: Manager }): void {
  const bucket: Manager = { ...m, manager: FOLDED, subresource: '' };
  const key = identityOf(bucket);
  const into = managed.get(key) ?? managed.get(earlier);
  if (!managed.has(key)) managed.delete(earlier);
  managed.delete(id);
  managed.set(key, { ...bucket, fields: into ? union(m.fields, into.fields) : m.fields });
}
