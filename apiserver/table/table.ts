// Server-side tables of custom resources and of kinds without columns of their own, and metadata-only objects
// (specification §4, §7). A cell is always a string, number, boolean or null.
import { type AnyObject, at, humanAge, listOf, timeMillis } from '../../kube/index.ts';
import { UNKNOWN } from './cells.ts';

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

export interface TableColumns {
  readonly columns: readonly Column[];
  /** `now` in milliseconds, for ages. */
  cells(object: AnyObject, now: number): unknown[];
  /** What a row tells beside its cells. */
  conditions?(object: AnyObject): readonly unknown[] | undefined;
}

/** spec.versions[].additionalPrinterColumns[] of a CRD. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
}

const NAME: Column = { name: 'Name', type: 'string', format: 'name', description: '', priority: 0 };

/** Name and creation time: kinds for which nothing else is known. */
export const defaultColumns: TableColumns = {
  columns: [NAME, { name: 'Created At', type: 'date', format: '', description: '', priority: 0 }],
  cells: object => [object.metadata.name ?? '', object.metadata.creationTimestamp ?? null],
};

/** The columns of a custom resource; without printer columns: Name and Age. */
export function crdColumns(declared: readonly PrinterColumn[]): TableColumns {
  const used: readonly PrinterColumn[] = declared.length
    ? declared
    : [{ name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }];
  const steps = used.map(c => pathSteps(c.jsonPath));
  const columns = used.map(c => ({
    name: c.name,
    type: c.type,
    format: c.format ?? '',
    description: c.description ?? '',
    priority: c.priority ?? 0,
  }));
  return {
    columns: [NAME, ...columns],
    cells: (object, now) => [object.metadata.name ?? '', ...used.map((c, i) => cell(follow(object, steps[i] ?? []), c.type, now))],
  };
}

type Step = (value: unknown) => unknown[];

const within =
  (key: string | number): Step =>
  value => {
    const found = at(value, key);
    return found === undefined ? [] : [found];
  };

const TOKEN = /\[\?\(@\.([\w.-]+)\s*==\s*(?:"([^"]*)"|'([^']*)')\)\]|\[(\d+)\]|\[\*\]|\['([^']*)'\]|((?:\\.|[^.[\\])+)/g;

/** `.spec.items[0].name`, `.metadata.annotations.a\.b`, `.status.conditions[?(@.type=="Ready")].status` as steps. */
function pathSteps(path: string): Step[] {
  return [...path.matchAll(TOKEN)].map(([token, field, double, single, index, quoted, name]): Step => {
    if (field !== undefined) return value => listOf(value).filter(item => at(item, ...field.split('.')) === (double ?? single));
    if (index !== undefined) return within(Number(index));
    if (token === '[*]') return value => [...listOf(value)];
    return within(quoted ?? (name ?? '').replace(/\\(.)/g, '$1'));
  });
}

/** The first value at the end of the path. */
const follow = (object: unknown, steps: readonly Step[]): unknown =>
  steps.reduce<unknown[]>((values, step) => values.flatMap(step), [object])[0];

function cell(value: unknown, type: string, now: number): unknown {
  if (value === undefined || value === null) return null;
  if (type === 'date') {
    if (typeof value !== 'string') return null;
    if (value === '') return UNKNOWN;
    const ms = timeMillis(value);
    return ms === undefined ? '<invalid>' : humanAge(now - ms);
  }
  if (type === 'integer') return typeof value === 'number' ? Math.trunc(value) : null;
  if (type === 'number') return typeof value === 'number' ? value : null;
  if (type === 'boolean') return typeof value === 'boolean' ? value : null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The metadata of an object alone. */
export function partialObject(object: AnyObject, version: string): Record<string, unknown> {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata: object.metadata };
}

/** A meta.k8s.io/v1 Table; `metadata` is that of the list, or the resourceVersion of one object. */
export function toTable(o: {
  readonly columns: TableColumns;
  readonly objects: readonly AnyObject[];
  readonly includeObject: 'None' | 'Metadata' | 'Object';
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly now: number;
  /** Version of meta.k8s.io that was asked for. */
  readonly version: string;
}): Record<string, unknown> {
  const carried = (object: AnyObject): unknown =>
    o.includeObject === 'Object' ? object : o.includeObject === 'Metadata' ? partialObject(object, o.version) : null;
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${o.version}`,
    metadata: o.metadata,
    columnDefinitions: o.columns.columns,
    rows: o.objects.map(object => {
      const conditions = o.columns.conditions?.(object);
      return { cells: o.columns.cells(object, o.now), ...(conditions ? { conditions } : {}), object: carried(object) };
    }),
  };
}
