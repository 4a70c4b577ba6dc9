// The native answers about one kind: synchronous functions of JSON. `native/index.ts` turns them into an Interpreter.
import { type AnyObject, at, type Clock, equal, isObject } from '../../kube/index.ts';
import type { AggregatedStatusItem, DependentObjectReference, Replicas } from '../interpreter.ts';

/** One file per kind exports one of these; an absent method is an operation the native layer leaves alone. */
export interface NativeRules {
  readonly replicas?: (object: AnyObject) => Replicas;
  readonly revise?: (object: AnyObject, replicas: number) => AnyObject;
  readonly retain?: (desired: AnyObject, observed: AnyObject) => AnyObject;
  readonly aggregate?: (object: AnyObject, items: readonly AggregatedStatusItem[], clock: Clock) => AnyObject;
  readonly dependencies?: (object: AnyObject) => readonly DependentObjectReference[];
  readonly reflect?: (observed: AnyObject) => unknown;
  readonly health?: (observed: AnyObject) => boolean;
}

/**
 * The object with `status` in place of its own; the very same object when both say the same.
 * `written` are paths that the first aggregation writes even when empty: without them the status counts as different.
 */
export function withStatus(object: AnyObject, status: unknown, ...written: readonly (readonly string[])[]): AnyObject {
  const before = object['status'] ?? {};
  const complete = written.every(path => (at(before, ...path) ?? undefined) !== undefined);
  return complete && equal(stripped(before), stripped(status)) ? object : { ...object, status };
}

/** Without zeroes and empties: what a typed status does not tell from absence. */
function stripped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stripped);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, stripped(item)] as const);
  return Object.fromEntries(entries.filter(([, item]) => item && (typeof item !== 'object' || Object.keys(item).length > 0)));
}

/** The object with one field of its spec replaced. */
export function withSpec(object: AnyObject, field: string, value: unknown): AnyObject {
  return { ...object, spec: { ...(object['spec'] as object), [field]: value } };
}
