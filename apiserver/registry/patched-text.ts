// A patched object as refusals quote it: objects the patch went into have their keys sorted, all else is as it was.
import { type FieldType, fieldsByName, isObject, type MessageType, messageType } from '../../kube/index.ts';

type Tree = { readonly [key: string]: Tree } | undefined;

/** The parts of a document that a patch goes into. */
export function touched(r: { readonly type: 'json' | 'merge' | 'strategic'; readonly text: string }): Tree {
  const parsed: unknown = JSON.parse(r.text);
  if (r.type !== 'json') return treeOf(parsed);
  let tree: Record<string, unknown> = Object.create(null);
  for (const op of Array.isArray(parsed) ? parsed : [])
    tree = grow(
      tree,
      String((op as { path?: unknown }).path ?? '')
        .split('/')
        .slice(1),
    );
  return tree as Tree;
}

function treeOf(value: unknown): Tree {
  if (!isObject(value)) return undefined;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, treeOf(inner)]));
}

function grow(tree: Record<string, unknown>, [head, ...rest]: string[]): Record<string, unknown> {
  if (head === undefined) return tree;
  const key = head.replaceAll('~1', '/').replaceAll('~0', '~');
  const inner = Object.hasOwn(tree, key) && isObject(tree[key]) ? tree[key] : Object.create(null);
  return { ...tree, [key]: rest.length > 0 ? grow(inner as Record<string, unknown>, rest) : undefined };
}

/** The text of the document; `type` is that of the part. */
export function patchedText(value: unknown, tree: Tree, type?: MessageType): string {
  if (Array.isArray(value)) return `[${value.map(item => patchedText(item, undefined, type)).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const fields = type ? fieldsByName(type) : undefined;
  const members = ordered(Object.keys(value), tree ? undefined : fields).map(key => {
    const field = fields?.get(key);
    const inner = tree && Object.hasOwn(tree, key) ? tree[key] : undefined;
    return `${JSON.stringify(key)}:${memberText(value[key], inner, field)}`;
  });
  return `{${members.join(',')}}`;
}

function memberText(value: unknown, tree: Tree, field: FieldType | undefined): string {
  const type = field?.message ? messageType(field.message) : undefined;
  if (field?.shape !== 'map' || !isObject(value)) return patchedText(value, tree, type);
  const members = Object.keys(value).sort();
  const inner = (key: string): Tree => (tree && Object.hasOwn(tree, key) ? tree[key] : undefined);
  return `{${members.map(key => `${JSON.stringify(key)}:${patchedText(value[key], inner(key), type)}`).join(',')}}`;
}

/** Sorted, unless a type gives an order; then what it does not know comes last. */
function ordered(keys: readonly string[], fields: ReadonlyMap<string, unknown> | undefined): string[] {
  const sorted = [...keys].sort();
  if (!fields) return sorted;
  const known = [...fields.keys()].filter(key => sorted.includes(key));
  return [...known, ...sorted.filter(key => !fields.has(key))];
}
