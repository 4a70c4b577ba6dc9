// What the scale subresource asks of a custom object: replica counts that are int64, not negative and within int32, and a
// selector that parses. Its faults name the paths as the CRD writes them.
import { type FieldError, field, isObject, literalAt, NumberLiteral, parseLabelSelector } from '../../kube/index.ts';
import { goNumber, isInt64 } from './go-number.ts';

type Raw = Readonly<Record<string, unknown>>;

const INT32_MAX = 2 ** 31 - 1;

/** Where in the objects of a kind the scale subresource finds its fields. */
export interface ScalePaths {
  readonly specReplicas: readonly string[];
  readonly statusReplicas: readonly string[];
  readonly labelSelector?: readonly string[];
}

export function scaleFaults(object: Raw, scale: ScalePaths | undefined): FieldError[] {
  if (!scale) return [];
  return [
    ...replicas(object, scale.specReplicas),
    ...replicas(object, scale.statusReplicas),
    ...(scale.labelSelector ? selector(object, scale.labelSelector) : []),
  ];
}

interface Found {
  readonly value?: unknown;
  /** Where a step on the way is no object. */
  readonly fault?: string;
}

const dotted = (path: readonly string[]): string => `.${path.join('.')}`;

function read(object: Raw, path: readonly string[], wanted: string, fits: (value: unknown) => boolean): Found {
  let container: Raw = object;
  for (const [i, step] of path.entries()) {
    if (!Object.hasOwn(container, step)) return {};
    const value = literalAt(container, step, container[step]);
    if (i === path.length - 1) return fits(value) ? { value } : { fault: accessor(path, value, wanted) };
    if (!isObject(value)) return { fault: accessor(path.slice(0, i + 2), value, 'map[string]interface{}') };
    container = value;
  }
  return {};
}

const accessor = (path: readonly string[], value: unknown, wanted: string): string =>
  `${dotted(path)} accessor error: ${printed(value)} is of the type ${typeName(value)}, expected ${wanted}`;

function typeName(value: unknown): string {
  if (value === null) return '<nil>';
  if (value instanceof NumberLiteral || typeof value === 'number') return isInt64(value) ? 'int64' : 'float64';
  if (Array.isArray(value)) return '[]interface {}';
  return typeof value === 'string' ? 'string' : typeof value === 'boolean' ? 'bool' : 'map[string]interface {}';
}

/** A value as Go prints it. */
function printed(value: unknown): string {
  if (value === null) return '<nil>';
  if (value instanceof NumberLiteral) return value.exact === undefined ? goNumber(value.number, false) : String(value.exact);
  if (typeof value === 'number') return goNumber(value);
  if (Array.isArray(value)) return `[${value.map(printed).join(' ')}]`;
  if (!isObject(value)) return String(value);
  const members = Object.keys(value).sort();
  return `map[${members.map(key => `${key}:${printed(value[key])}`).join(' ')}]`;
}

const isWhole = (value: unknown): boolean => (value instanceof NumberLiteral || typeof value === 'number') && isInt64(value);

function replicas(object: Raw, path: readonly string[]): FieldError[] {
  const { value, fault } = read(object, path, 'int64', isWhole);
  if (fault !== undefined) return [field.invalidValue(dotted(path), 0, fault)];
  if (Number(value) < 0) return [field.invalidValue(dotted(path), value, 'should be a non-negative integer')];
  return Number(value) > INT32_MAX ? [field.invalidValue(dotted(path), value, `should be less than or equal to ${INT32_MAX}`)] : [];
}

function selector(object: Raw, path: readonly string[]): FieldError[] {
  const { value, fault } = read(object, path, 'string', v => typeof v === 'string');
  if (fault !== undefined) return [field.invalidValue(dotted(path), '', fault)];
  if (typeof value !== 'string') return [];
  try {
    parseLabelSelector(value);
    return [];
  } catch (error) {
    return [field.invalidValue(dotted(path), value, (error as Error).message)];
  }
}
