// Applies the JSON Patch of a webhook or policy and tells what is wrong with one that does not apply.
import { applyJsonPatch, at, internal, isObject, listOf, type StatusError, stringOf } from '../../kube/index.ts';

type Operation = Readonly<Record<string, unknown>>;

const KNOWN = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);

/** The patched document; throws the 500 a client gets for a patch that cannot be used. */
export function applyWebhookPatch(document: unknown, text: string): unknown {
  return applyOperations(document, operationsOf(text));
}

/** The same for operations at hand. */
export function applyOperations(document: unknown, operations: readonly unknown[]): unknown {
  try {
    return applyJsonPatch(document, operations);
  } catch (error) {
    throw internal(explain(document, operations), error);
  }
}

function operationsOf(text: string): readonly unknown[] {
  let operations: unknown;
  try {
    operations = JSON.parse(text);
  } catch (error) {
    throw internal((error as Error).message, error);
  }
  if (Array.isArray(operations)) return operations;
  const word = isObject(operations) ? 'object' : operations === null ? 'null' : typeof operations;
  throw internal(`json: cannot unmarshal ${word} into Go value of type jsonpatch.Patch`);
}

/** Runs the operations one by one to find the one that fails, and says why. */
function explain(document: unknown, operations: readonly unknown[]): string {
  let present = document;
  for (const raw of operations) {
    const operation = isObject(raw) ? raw : {};
    try {
      present = applyJsonPatch(present, [operation]);
    } catch (error) {
      return faultOf(present, operation) ?? (error as StatusError).message;
    }
  }
  return 'the patch does not apply';
}

function faultOf(document: unknown, o: Operation): string | undefined {
  const [op, path, from] = [stringOf(o['op']), stringOf(o['path']), stringOf(o['from'])];
  if (!KNOWN.has(op)) return `Unexpected kind: ${op}`;
  const steps = (pointer: string): string[] =>
    pointer
      .split('/')
      .slice(1)
      .map(s => s.replaceAll('~1', '/').replaceAll('~0', '~'));
  const container = (pointer: string): unknown =>
    at(
      document,
      ...steps(pointer)
        .slice(0, -1)
        .map(s => (/^\d+$/.test(s) ? Number(s) : s)),
    );
  const here = container(path);
  const missing = !isObject(here) && !Array.isArray(here);
  const key = steps(path).at(-1) ?? '';
  switch (op) {
    case 'add':
      if (missing) return `add operation does not apply: doc is missing path: ${JSON.stringify(path)}: missing value`;
      return `error in add for path: '${path}': ${indexFault(key)}`;
    case 'remove':
      if (missing) return `remove operation does not apply: doc is missing path: ${JSON.stringify(path)}: missing value`;
      if (!Array.isArray(here)) return `error in remove for path: '${path}': Unable to remove nonexistent key: ${key}: missing value`;
      return `error in remove for path: '${path}': ${indexFault(key)}`;
    case 'replace':
      return missing
        ? `replace operation does not apply: doc is missing path: ${path}: missing value`
        : `replace operation does not apply: doc is missing key: ${path}: missing value`;
    case 'test':
      return `testing value ${path} failed: test failed`;
    default: {
      const there = container(from);
      const absent = !isObject(there) && !Array.isArray(there);
      const where = absent ? 'from path' : listOf(here).length > 0 || isObject(here) ? 'key' : 'destination path';
      return `${op} operation does not apply: doc is missing ${where}: ${from}: missing value`;
    }
  }
}

function indexFault(key: string): string {
  if (!/^-?\d+$/.test(key)) return `strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`;
  return `Unable to access invalid index: ${key}: invalid index referenced`;
}
