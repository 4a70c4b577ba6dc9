// A patched object as refusals quote it: objects the patch went into have their keys sorted, all else is as it was.
import { isObject } from '../../kube/index.ts';
import type { PatchRequest } from './patch.ts';

type Tree = { readonly [key: string]: Tree } | undefined;

/** The parts of a document that a patch goes into. */
export function touched(r: Pick<PatchRequest, 'type' | 'text'>): Tree {
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

/** The text of the document. */
export function patchedText(value: unknown, tree: Tree): string {
  if (!isObject(value) || !tree) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map(key => `${JSON.stringify(key)}:${patchedText(value[key], Object.hasOwn(tree, key) ? tree[key] : undefined)}`);
  return `{${members.join(',')}}`;
}
