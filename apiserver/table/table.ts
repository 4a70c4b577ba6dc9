// Server-side tables of custom resources and of kinds without columns of their own, and metadata-only objects
// (specification §4, §7). A cell is always a string, number, boolean or null.
import { type AnyObject, followPath, humanAge, type Path, PathError, parsePath, timeMillis } from '../../kube/index.ts';
import { goNumber } from '../crd/go-number.ts';
import { sortKeys } from '../crd/sort-keys.ts';
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
  const shown = readable(used);
  const columns = shown.map(({ column: c }) => ({
    name: c.name,
    type: c.type,
    format: c.format ?? '',
    description: c.description || (declared.length ? `Custom resource definition column (in JSONPath format): ${c.jsonPath}` : ''),
    priority: c.priority ?? 0,
  }));
  return {
    columns: [NAME, ...columns],
    cells: (object, now) => [object.metadata.name ?? '', ...shown.map(({ column, path }) => cell(first(object, path), column.type, now))],
  };
}

/** The columns up to the first one whose path cannot be read. */
function readable(declared: readonly PrinterColumn[]): { readonly column: PrinterColumn; readonly path: Path }[] {
  const out: { column: PrinterColumn; path: Path }[] = [];
  try {
    for (const column of declared) out.push({ column, path: parsePath(column.jsonPath) });
  } catch (error) {
    if (!(error instanceof PathError)) throw error;
  }
  return out;
}

/** The first value at the end of the path; undefined where there is none. */
function first(object: unknown, path: Path): unknown {
  try {
    const [value] = followPath([object], path);
    return typeof value === 'bigint' ? Number(value) : value;
  } catch (error) {
    if (error instanceof PathError) return undefined;
    throw error;
  }
}

function cell(value: unknown, type: string, now: number): unknown {
  if (value === undefined) return null;
  if (type === 'string') return text(value);
  if (type === 'date') {
    if (typeof value !== 'string') return null;
    if (value === '') return UNKNOWN;
    const ms = timeMillis(value);
    return ms === undefined ? '<invalid>' : humanAge(now - ms);
  }
  if (type === 'integer') return typeof value === 'number' ? Math.trunc(value) : null;
  if (type === 'number') return typeof value === 'number' ? value : null;
  return type === 'boolean' && typeof value === 'boolean' ? value : null;
}

/** A value as a column of texts shows it: objects and lists as JSON, numbers as the reference prints them. */
function text(value: unknown): string {
  if (value === null) return '<no value>';
  if (typeof value === 'number') return goNumber(value);
  return typeof value === 'object' ? goJson(value) : String(value);
}

const ESCAPED = /[<>&\u2028\u2029]/g;

const goJson = (value: unknown): string =>
  JSON.stringify(sortKeys(value)).replace(ESCAPED, ch => `\\u${ch.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The metadata of an object alone. */
export function partialObject(object: AnyObject, version: string): Record<string, unknown> {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata: innerMetadata(object) };
}

const GENERATION = 'deprecated.daemonset.template.generation';

/** Metadata before it is put into its version: a DaemonSet has no annotation yet that stands for a field of old. */
function innerMetadata(object: AnyObject): AnyObject['metadata'] {
  const { annotations, ...rest } = object.metadata;
  if (object.kind !== 'DaemonSet' || object.apiVersion !== 'apps/v1' || annotations?.[GENERATION] === undefined) return object.metadata;
  const { [GENERATION]: _, ...others } = annotations;
  return Object.keys(others).length > 0 ? { ...rest, annotations: others } : rest;
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
    // Kinds without columns of their own are listed by appending: nothing appended is no list.
    rows:
      o.objects.length === 0 && o.columns === defaultColumns
        ? null
        : o.objects.map(object => {
            const conditions = o.columns.conditions?.(object);
            return { cells: o.columns.cells(object, o.now), ...(conditions ? { conditions } : {}), object: carried(object) };
          }),
  };
}
