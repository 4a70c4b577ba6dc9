// JSON Patch (RFC 6902) with the server's own habits: `replace` may create a key, negative indices count from the end, `add` without
// a value adds null, and a failing operation is not named. The document given is never changed.
import { clone, equal, isObject } from '../json.ts';
import { badRequest, StatusError, tooLarge } from '../status-error.ts';
import { scanJson, typeWord } from './json-scan.ts';
import { getOwn, setOwn } from './own-key.ts';

const MAX_OPERATIONS = 10_000;
const MAX_COPIED_BYTES = 3 * 1024 * 1024;
const FIELDS = ['op', 'path', 'from', 'value'] as const;

type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

/** A patched document and what strict decoding finds in the patch itself. */
export interface Patched {
  readonly result: unknown;
  readonly strict: readonly string[];
}

/** Applies the text of a JSON Patch; 400 for a text that is none, 413 for too many operations, 422 for one that fails. */
export function patchJson(doc: unknown, text: string, o: { readonly fieldValidation: FieldValidation }): Patched {
  const checked = o.fieldValidation !== 'Ignore';
  const prefix = checked ? 'error decoding patch: ' : '';
  const scanned = scanJson(text);
  if ('fault' in scanned) throw badRequest(`${prefix}${scanned.fault}`);
  const fault = shapeFault(scanned.value, checked);
  if (fault) throw badRequest(`${prefix}json: cannot unmarshal ${fault}`);
  const operations = (scanned.value ?? []) as unknown[];
  const strict = checked ? strictTexts(scanned.duplicates, operations) : [];
  return { result: applyJsonPatch(doc, operations), strict };
}

/** The decoder's complaint about the first value of a wrong type. */
function shapeFault(patch: unknown, checked: boolean): string | undefined {
  const [list, item] = checked ? ['[]handlers.jsonPatchOp', 'handlers.jsonPatchOp'] : ['jsonpatch.Patch', 'jsonpatch.Operation'];
  if (patch === null) return undefined;
  if (!Array.isArray(patch)) return `${typeWord(patch)} into Go value of type ${list}`;
  for (const operation of patch as unknown[]) {
    if (operation === null) continue;
    if (!isObject(operation)) return `${typeWord(operation)} into Go value of type ${item}`;
    const fault = checked ? memberFault(operation) : undefined;
    if (fault) return fault;
  }
  return undefined;
}

function memberFault(operation: Record<string, unknown>): string | undefined {
  for (const [key, value] of Object.entries(operation)) {
    if (key !== 'op' && key !== 'path' && key !== 'from') continue;
    if (value !== null && typeof value !== 'string') return `${typeWord(value)} into Go struct field jsonPatchOp.${key} of type string`;
  }
  return undefined;
}

function strictTexts(duplicates: readonly string[], operations: readonly unknown[]): string[] {
  const unknown = operations.flatMap((operation, i) =>
    isObject(operation)
      ? Object.keys(operation)
          .filter(key => !(FIELDS as readonly string[]).includes(key))
          .map(key => `json patch unknown field "[${i}].${key}"`)
      : [],
  );
  return [...duplicates.map(path => `json patch duplicate field "${path}"`), ...unknown].slice(0, 100);
}

/** Applies operations in order to a copy of the document; an operation that fails refuses the whole patch (422). */
export function applyJsonPatch(doc: unknown, operations: readonly unknown[]): unknown {
  if (operations.length > MAX_OPERATIONS)
    throw tooLarge(
      `Request entity too large: The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${operations.length}`,
    );
  if (doc !== null && typeof doc !== 'object') throw rejected();
  const state: State = { root: clone(doc), copied: 0 };
  for (const operation of operations) apply(state, isObject(operation) ? operation : {});
  return state.root;
}

interface State {
  root: unknown;
  /** Bytes of JSON that `copy` has multiplied so far. */
  copied: number;
}

type Container = unknown[] | Record<string, unknown>;

const rejected = (): StatusError =>
  new StatusError({ code: 422, reason: 'Invalid', message: 'the server rejected our request due to an error in our request', details: {} });

function apply(state: State, operation: Record<string, unknown>): void {
  const path = pointer(operation, 'path');
  switch (getOwn(operation, 'op')) {
    case 'add':
      add(locate(state, path), operand(operation));
      break;
    case 'remove':
      remove(locate(state, path));
      break;
    case 'replace':
      replace(state, path, operand(operation));
      break;
    case 'move':
      move(state, pointer(operation, 'from'), path);
      break;
    case 'copy':
      copy(state, pointer(operation, 'from'), path);
      break;
    case 'test':
      test(state, path, operand(operation));
      break;
    default:
      throw rejected();
  }
}

function move(state: State, from: string, path: string): void {
  const source = locate(state, from);
  const value = read(source);
  remove(source);
  add(locate(state, path), value);
}

function operand(operation: Record<string, unknown>): unknown {
  return clone(getOwn(operation, 'value') ?? null);
}

function pointer(operation: Record<string, unknown>, member: 'path' | 'from'): string {
  const text = getOwn(operation, member);
  if (typeof text !== 'string') throw rejected();
  return text;
}

interface Place {
  readonly container: Container;
  readonly key: string;
}

/** The container that a pointer's last step lies in. */
function locate(state: State, path: string): Place {
  const steps = path.split('/');
  if (steps.length < 2) throw rejected();
  const key = unescapeStep(steps.pop() ?? '');
  let container = state.root;
  for (const step of steps.slice(1)) {
    if (!isContainer(container)) throw rejected();
    container = read({ container, key: unescapeStep(step) });
  }
  if (!isContainer(container)) throw rejected();
  return { container, key };
}

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;
const unescapeStep = (step: string): string => step.replaceAll('~1', '/').replaceAll('~0', '~');

/** The value there; undefined for an absent key, an error for an index outside the list. */
function read({ container, key }: Place): unknown {
  return Array.isArray(container) ? container[indexOf(key, container.length)] : getOwn(container, key);
}

function add({ container, key }: Place, value: unknown): void {
  if (!Array.isArray(container)) setOwn(container, key, value ?? null);
  else if (key === '-') container.push(value);
  else container.splice(indexOf(key, container.length + 1), 0, value);
}

function remove({ container, key }: Place): void {
  if (Array.isArray(container)) container.splice(indexOf(key, container.length), 1);
  else if (Object.hasOwn(container, key)) delete container[key];
  else throw rejected();
}

function replace(state: State, path: string, value: unknown): void {
  if (path === '') {
    if (!isContainer(value)) throw rejected();
    state.root = value;
    return;
  }
  const { container, key } = locate(state, path);
  if (Array.isArray(container)) container[indexOf(key, container.length)] = value;
  else setOwn(container, key, value);
}

function copy(state: State, from: string, path: string): void {
  const value = read(locate(state, from)) ?? null;
  const place = locate(state, path);
  state.copied += JSON.stringify(value).length;
  if (state.copied > MAX_COPIED_BYTES) throw rejected();
  add(place, clone(value));
}

function test(state: State, path: string, expected: unknown): void {
  const value = path === '' ? state.root : (read(locate(state, path)) ?? null);
  if ((path === '' && value === null) || !equal(value, expected)) throw rejected();
}

function indexOf(step: string, length: number): number {
  if (!/^[+-]?\d{1,15}$/.test(step)) throw rejected();
  const index = Number(step) < 0 ? Number(step) + length : Number(step);
  if (index < 0 || index >= length) throw rejected();
  return index === 0 ? 0 : index;
}
