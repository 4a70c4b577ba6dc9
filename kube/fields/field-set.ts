// Sets of fields, in the very form the wire has (FieldsV1): a tree of path elements, `f:<name>`, `k:<keys of a list item>`,
// `v:<scalar of a set>`, `i:<index>`. An element is a member when it has no children or has the child `.`.
// Invariants: a node `{".": {}}` is never there (it is `{}`), and no node but the root is empty without being a member.
// All operations leave their arguments alone and share what did not change, so a set read out of a stored object is used as it is.

export interface FieldSet {
  readonly [element: string]: FieldSet;
}

type Building = Record<string, FieldSet>;

const SELF = '.';
/** A member without children. */
export const LEAF: FieldSet = Object.freeze({});
/** The same value, named for what it is as a whole set. @alias */
export const EMPTY: FieldSet = LEAF;

export function isEmpty(set: FieldSet): boolean {
  for (const _ in set) return false;
  return true;
}

/** Whether the element that `node` stands for is itself in the set. */
export const isMember = (node: FieldSet): boolean => node[SELF] !== undefined || isEmpty(node);

/** A node that is a member, with the children of `node`. */
export function asMember(node: FieldSet | undefined): FieldSet {
  if (node === undefined || isEmpty(node)) return LEAF;
  return node[SELF] === undefined ? { [SELF]: LEAF, ...node } : node;
}

/** A node without children is no node; one that has only itself is a leaf. */
function settled(node: Building): FieldSet | undefined {
  let others = false;
  for (const key in node) {
    if (key !== SELF) {
      others = true;
      break;
    }
  }
  if (others) return node;
  return node[SELF] === undefined ? undefined : LEAF;
}

/** What is in either. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || isEmpty(b)) return a;
  if (isEmpty(a)) return b;
  let out: Building | undefined;
  for (const key in b) {
    const theirs = b[key] as FieldSet;
    const mine = a[key];
    const joined = mine === undefined ? theirs : key === SELF ? mine : unionNode(mine, theirs);
    if (joined === mine) continue;
    out ??= { ...a };
    out[key] = joined;
  }
  return out ?? a;
}

function unionNode(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a;
  if (isEmpty(a)) return asMember(b);
  if (isEmpty(b)) return asMember(a);
  return union(a, b);
}

/** What is in `a` and not in `b`. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return cut(a, b, differenceNode);
}

function differenceNode(a: FieldSet, b: FieldSet): FieldSet | undefined {
  if (isEmpty(a)) return isMember(b) ? undefined : a;
  const left = difference(a, b);
  if (left[SELF] === undefined || !isMember(b)) return left === a ? a : settled(left);
  const { [SELF]: _, ...rest } = left;
  return settled(rest);
}

/** What is in `a` and neither in `b` nor below a member of `b`. */
export function exclude(a: FieldSet, b: FieldSet): FieldSet {
  return cut(a, b, excludeNode);
}

function excludeNode(a: FieldSet, b: FieldSet): FieldSet | undefined {
  if (isMember(b)) return undefined;
  const left = exclude(a, b);
  return left === a ? a : settled(left);
}

/** `a` with the elements that `b` has too replaced by what `node` makes of them; the member mark of `a` itself stays. */
function cut(a: FieldSet, b: FieldSet, node: (a: FieldSet, b: FieldSet) => FieldSet | undefined): FieldSet {
  let out: Building | undefined;
  for (const key in b) {
    const mine = key === SELF ? undefined : a[key];
    if (mine === undefined) continue;
    const left = node(mine, b[key] as FieldSet);
    if (left === mine) continue;
    out ??= { ...a };
    if (left === undefined) delete out[key];
    else out[key] = left;
  }
  return out ?? a;
}

/** What is in both. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a;
  const out: Building = {};
  for (const key in b) {
    const mine = key === SELF ? undefined : a[key];
    const both = mine && intersectionNode(mine, b[key] as FieldSet);
    if (both) out[key] = both;
  }
  return out;
}

function intersectionNode(a: FieldSet, b: FieldSet): FieldSet | undefined {
  if (a === b) return a;
  const out: Building = { ...intersection(a, b) };
  if (isMember(a) && isMember(b)) out[SELF] = LEAF;
  return settled(out);
}

export type FieldPath = readonly string[];

/** Whether the path is a member. */
export function has(set: FieldSet, path: FieldPath): boolean {
  let node: FieldSet | undefined = set;
  for (const element of path) {
    node = node[element];
    if (node === undefined) return false;
  }
  return isMember(node);
}

/** The set of some paths. */
export function setOf(...paths: readonly FieldPath[]): FieldSet {
  return paths.reduce<FieldSet>((set, path) => union(set, single(path)), EMPTY);
}

const single = (path: FieldPath): FieldSet => path.reduceRight<FieldSet>((below, element) => ({ [element]: below }), LEAF);

/** Calls `visit` for each member: those of a level in their order, then what is below them. */
export function eachPath(set: FieldSet, visit: (path: FieldPath) => void, order: (a: string, b: string) => number): void {
  walk(set, []);
  function walk(node: FieldSet, at: FieldPath): void {
    const elements = Object.keys(node)
      .filter(key => key !== SELF)
      .sort(order);
    for (const element of elements) if (isMember(node[element] as FieldSet)) visit([...at, element]);
    for (const element of elements) walk(node[element] as FieldSet, [...at, element]);
  }
}
