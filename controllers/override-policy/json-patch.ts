// RFC 6902 over JSON text, with the habits of the library that Karmada uses: what stands before the first `/` of a path is ignored, negative indexes count
// from the end, an absent value is null. One operation that does not apply fails the whole patch.
import { isText, type JsonNode, open, parseNode, printNode } from './json-text.ts';

export interface PatchOperation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

/** An operation could not be applied; the message names it. */
class PatchError extends Error {}

const MISSING = 'missing value';

/** Applies the operations in order to a JSON text and returns the new text. */
export function patchText(text: string, operations: readonly PatchOperation[]): string {
  if (text === '') return text;
  let root = rootOf(parseNode(text));
  for (const operation of operations) root = applyOne(root, operation);
  return printNode(root);
}

/** Applies the operations to a JSON value. */
export function patchValue(value: unknown, operations: readonly PatchOperation[]): unknown {
  return JSON.parse(patchText(JSON.stringify(value), operations));
}

type Container = Map<string, JsonNode> | JsonNode[];

function rootOf(node: JsonNode): Container {
  const container = open(node);
  if (!container) throw new PatchError('the document is neither an object nor a list');
  return container;
}

function applyOne(root: Container, { op, path, value }: PatchOperation): Container {
  const node: JsonNode = { text: JSON.stringify(value ?? null) };
  if (path === '' && op !== 'remove') return rootOf(node);
  const found = find(root, path);
  if (op === 'add') {
    if (!found) throw new PatchError(`add operation does not apply: doc is missing path: "${path}": ${MISSING}`);
    add(found, node);
  } else if (op === 'remove') {
    if (!found) throw new PatchError(`remove operation does not apply: doc is missing path: "${path}": ${MISSING}`);
    remove(found, path);
  } else if (op === 'replace') {
    if (!found) throw new PatchError(`replace operation does not apply: doc is missing path: ${path}: ${MISSING}`);
    replace(found, path, node);
  } else throw new PatchError(`Unexpected kind: ${op}`);
  return root;
}

interface Found {
  readonly container: Container;
  readonly key: string;
}

function find(root: Container, path: string): Found | undefined {
  const steps = path.split('/');
  if (steps.length < 2) return path === '' ? { container: root, key: '' } : undefined;
  let container = root;
  for (const step of steps.slice(1, -1)) {
    const next = descend(container, unescapeToken(step));
    if (!next) return undefined;
    container = next;
  }
  return { container, key: unescapeToken(steps.at(-1) ?? '') };
}

/** Opens the member in place, so that a change below it is kept. The empty key of an object names a copy of the object itself. */
function descend(container: Container, key: string): Container | undefined {
  if (key === '' && !Array.isArray(container)) return open({ text: printNode(container) });
  const slot = Array.isArray(container) ? existingIndex(container, key) : key;
  if (slot === undefined) return undefined;
  const node = Array.isArray(container) ? container[slot as number] : container.get(slot as string);
  if (node === undefined) return undefined;
  const opened = open(node);
  if (opened && isText(node)) {
    if (Array.isArray(container)) container[slot as number] = opened;
    else container.set(slot as string, opened);
  }
  return opened;
}

function add({ container, key }: Found, node: JsonNode): void {
  if (!Array.isArray(container)) {
    container.set(key, node);
    return;
  }
  if (key === '-') {
    container.push(node);
    return;
  }
  const size = container.length + 1;
  const index = integer(key);
  if (index === undefined) throw new PatchError(`value was not a proper array index: '${key}'`);
  if (index >= size || index < -size) throw new PatchError(`Unable to access invalid index: ${index}: invalid index referenced`);
  container.splice(index < 0 ? index + size : index, 0, node);
}

function remove({ container, key }: Found, path: string): void {
  if (!Array.isArray(container)) {
    if (container.delete(key)) return;
    throw new PatchError(`error in remove for path: '${path}': unable to remove nonexistent key: ${key}: ${MISSING}`);
  }
  const index = existingIndex(container, key);
  if (index === undefined) throw new PatchError(`error in remove for path: '${path}': Unable to access invalid index: ${key}`);
  container.splice(index, 1);
}

function replace({ container, key }: Found, path: string, node: JsonNode): void {
  if (Array.isArray(container)) {
    const index = existingIndex(container, key);
    if (index === undefined) throw new PatchError(`replace operation does not apply: doc is missing key: ${path}: ${MISSING}`);
    container[index] = node;
  } else if (key === '' || container.has(key)) container.set(key, node);
  else throw new PatchError(`replace operation does not apply: doc is missing key: ${path}: ${MISSING}`);
}

function existingIndex(list: readonly JsonNode[], key: string): number | undefined {
  const index = integer(key);
  if (index === undefined || index >= list.length || index < -list.length) return undefined;
  return index < 0 ? index + list.length : index;
}

function integer(text: string): number | undefined {
  return /^[+-]?\d{1,15}$/.test(text) ? Number(text) : undefined;
}

export function unescapeToken(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}
