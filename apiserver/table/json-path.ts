// Follows a path of a printer column through an object. What is not there gives no result; what cannot be done gives none at all.
import { isObject } from '../../kube/index.ts';
import { type Bounds, type Path, PathError, type PathNode } from './json-path-parser.ts';

/** All values at the end of the path, in order; throws PathError where a step does not fit what it meets. */
export function followPath(values: readonly unknown[], path: Path): unknown[] {
  return path.reduce<unknown[]>((current, node) => step(current, node), [...values]);
}

function step(values: unknown[], node: PathNode): unknown[] {
  switch (node.type) {
    case 'field':
      return values.flatMap(v => (isObject(v) && Object.hasOwn(v, node.name) ? [v[node.name]] : []));
    case 'literal':
      return typeof node.value === 'string' ? [node.value] : values.map(() => node.value);
    case 'identifier':
      throw new PathError('unrecognized identifier');
    case 'wildcard':
      return values.flatMap(children);
    case 'recursive':
      return values.flatMap(descendants);
    case 'slice':
      return values.flatMap(v => slice(v, node.bounds));
    case 'union':
      return node.paths.flatMap(path => followPath(values, path));
    case 'filter':
      return values.flatMap(v => list(v).filter(item => passes(item, node)));
  }
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
  if (from >= length || from < 0 || to > length || to < 0 || from > to) throw new PathError('array index out of bounds');
  if (b.step !== undefined && b.step <= 0) throw new PathError('step must be > 0');
  return value.slice(from, to).filter((_, i) => i % (b.step ?? 1) === 0);
}

function passes(item: unknown, node: PathNode & { readonly type: 'filter' }): boolean {
  const lefts = followPath([item], node.left);
  if (!node.right) return lefts.length > 0;
  const rights = lefts.length > 0 ? followPath([item], node.right) : [];
  if (lefts.length > 1 || rights.length > 1) throw new PathError('can only compare one element at a time');
  return lefts.length > 0 && rights.length > 0 && compare(lefts[0], rights[0], node.operator);
}

/** Values of one kind compare; whole numbers and fractions are two kinds. */
function compare(left: unknown, right: unknown, operator: string): boolean {
  const kind = kindOf(left);
  if (kind !== kindOf(right)) throw new PathError('incompatible types for comparison');
  const [a, b] = [left as string | number, right as string | number];
  if (operator === '==') return a === b;
  if (operator === '!=') return a !== b;
  if (kind === 'boolean') throw new PathError('invalid type for comparison');
  if (operator === '<') return a < b;
  if (operator === '>') return a > b;
  if (operator === '<=') return a <= b;
  if (operator === '>=') return a >= b;
  throw new PathError(`unrecognized filter operator ${operator}`);
}

function kindOf(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'float';
  if (typeof value === 'string' || typeof value === 'boolean') return typeof value;
  throw new PathError('invalid type for comparison');
}
