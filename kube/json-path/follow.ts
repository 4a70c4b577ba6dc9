// Follows a path through an object. What cannot be done gives no result at all.
import { isObject } from '../json.ts';
import { type Bounds, type Path, PathError, type PathNode } from './parser.ts';

/** How values are looked at, where the callers of the reference differ. */
export interface Reading {
  /** A name that none of the values has: what there is instead. */
  readonly missing: (name: string) => readonly unknown[];
  /** What a number of the object is taken for. */
  readonly numberKind: (value: number) => string;
}

/** Objects as they are served: what is missing gives no result. */
const SERVED: Reading = { missing: () => [], numberKind: value => (Number.isInteger(value) ? 'integer' : 'float') };

/** All values at the end of the path, in order; throws PathError where a step does not fit what it meets. */
export function followPath(values: readonly unknown[], path: Path, reading: Reading = SERVED): unknown[] {
  return path.reduce<unknown[]>((current, node) => step(current, node, reading), [...values]);
}

function step(values: unknown[], node: PathNode, reading: Reading): unknown[] {
  switch (node.type) {
    case 'field':
      return field(values, node.name, reading);
    case 'literal':
      return typeof node.value === 'string' ? [node.value] : values.map(() => node.value);
    case 'identifier':
      throw new PathError(`unrecognized identifier ${node.name}`);
    case 'wildcard':
      return values.flatMap(children);
    case 'recursive':
      return values.flatMap(descendants);
    case 'slice':
      return values.flatMap(v => slice(v, node.bounds));
    case 'union':
      return node.paths.flatMap(path => followPath(values, path, reading));
    case 'filter':
      return values.flatMap(v => list(v).filter(item => passes(item, node, reading)));
  }
}

/** A name is missing only where none of the values has it. */
function field(values: readonly unknown[], name: string, { missing }: Reading): unknown[] {
  const found = values.flatMap(v => (isObject(v) && Object.hasOwn(v, name) ? [v[name]] : []));
  return found.length > 0 || values.length === 0 ? found : [...missing(name)];
}

const children = (value: unknown): unknown[] => (Array.isArray(value) ? value : isObject(value) ? Object.values(value) : []);

/** The value and all below it that have anything inside. */
function descendants(value: unknown): unknown[] {
  const inner = children(value);
  return inner.length > 0 ? [value, ...inner.flatMap(descendants)] : [];
}

function list(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new PathError('is not array or slice and cannot be filtered');
  return value;
}

function slice(value: unknown, b: Bounds): unknown[] {
  if (value === null) return [];
  if (!Array.isArray(value)) throw new PathError('is not array or slice');
  const { length } = value;
  const from = b.from === undefined ? 0 : b.from < 0 ? b.from + length : b.from;
  const end = b.one ? (b.from ?? 0) + 1 : b.to;
  const to = end === undefined ? length : end < 0 || (end === 0 && b.one) ? end + length : end;
  if (from === to) return [];
  if (from >= length || from < 0 || to > length || to < 0 || from > to) throw outside({ from, to, length });
  if (b.step !== undefined && b.step <= 0) throw new PathError('step must be > 0');
  return value.slice(from, to).filter((_, i) => i % (b.step ?? 1) === 0);
}

function outside({ from, to, length }: { readonly from: number; readonly to: number; readonly length: number }): PathError {
  if (from < length && from >= 0 && to <= length && to >= 0)
    return new PathError(`starting index ${from} is greater than ending index ${to}`);
  const index = from >= length || from < 0 ? from : to - 1;
  return new PathError(`array index out of bounds: index ${index}, length ${length}`);
}

/** Whether something is at the end of the path; a path that cannot be followed leads nowhere. */
function isThere(item: unknown, path: Path, reading: Reading): boolean {
  try {
    return followPath([item], path, reading).length > 0;
  } catch (error) {
    if (error instanceof PathError) return false;
    throw error;
  }
}

function passes(item: unknown, node: PathNode & { readonly type: 'filter' }, reading: Reading): boolean {
  if (!node.right) return isThere(item, node.left, reading);
  const lefts = followPath([item], node.left, reading);
  const rights = lefts.length > 0 ? followPath([item], node.right, reading) : [];
  if (lefts.length > 1 || rights.length > 1) throw new PathError('can only compare one element at a time');
  return (
    lefts.length > 0 &&
    rights.length > 0 &&
    compare(lefts[0], rights[0], { operator: node.operator, kindOf: value => kindOf(value, reading) })
  );
}

/** Values of one kind compare; whole numbers and fractions are two kinds. */
function compare(
  left: unknown,
  right: unknown,
  { operator, kindOf }: { readonly operator: string; readonly kindOf: (value: unknown) => string },
): boolean {
  const kind = kindOf(left);
  if (kind !== kindOf(right)) throw new PathError('incompatible types for comparison');
  const [a, b] = [plain(left), plain(right)];
  if (operator === '==') return a === b;
  if (operator === '!=') return a !== b;
  if (kind === 'boolean') throw new PathError('invalid type for comparison');
  if (operator === '<') return a < b;
  if (operator === '>') return a > b;
  if (operator === '<=') return a <= b;
  if (operator === '>=') return a >= b;
  throw new PathError(`unrecognized filter operator ${operator}`);
}

const plain = (value: unknown): string | number => (typeof value === 'bigint' ? Number(value) : (value as string | number));

function kindOf(value: unknown, { numberKind }: Reading): string {
  if (typeof value === 'bigint') return 'integer';
  if (typeof value === 'number') return numberKind(value);
  if (typeof value === 'string' || typeof value === 'boolean') return typeof value;
  throw new PathError('invalid type for comparison');
}
