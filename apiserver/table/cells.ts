// What the cells of many kinds have in common: ages, lists cut short, selectors, container names.
import {
  type AnyObject,
  at,
  formatLabelSelector,
  formatQuantity,
  humanAge,
  isObject,
  listOf,
  objectOf,
  parseQuantity,
  stringOf,
  timeMillis,
} from '../../kube/index.ts';

export type Json = Readonly<Record<string, unknown>>;
/** The cells of one object; `now` in milliseconds. */
export type Cells = (object: AnyObject, now: number) => unknown[];

export const NONE = '<none>';
export const UNSET = '<unset>';
export const UNKNOWN = '<unknown>';

export const text = (object: unknown, ...path: (string | number)[]): string => stringOf(at(object, ...path) ?? '');
export const number = (object: unknown, ...path: (string | number)[]): number => Number(at(object, ...path) ?? 0);
export const items = (object: unknown, ...path: (string | number)[]): Json[] => listOf(at(object, ...path)).map(objectOf);
export const words = (object: unknown, ...path: (string | number)[]): string[] => listOf(at(object, ...path)).map(v => stringOf(v));
export const name = (object: AnyObject): string => object.metadata.name ?? '';

/** The time since then; `<unknown>` where there is none. */
export function since(value: unknown, now: number): string {
  const then = value === undefined || value === null ? undefined : timeMillis(value);
  return then === undefined ? UNKNOWN : humanAge(now - then);
}

export const age = (object: AnyObject, now: number): string => since(object.metadata.creationTimestamp, now);

/** At most `max` entries, then how many there are beyond. */
export function someOf(all: readonly string[], o: { readonly max: number; readonly none: string; readonly total?: number }): string {
  if (all.length === 0) return o.none;
  const shown = all.slice(0, o.max).join(',') || o.none;
  const total = o.total ?? all.length;
  return all.length > o.max ? `${shown} + ${total - o.max} more...` : shown;
}

/** A plain map of labels: `a=b,c=d`. */
export function labelText(labels: unknown): string {
  const entries = Object.entries(objectOf(labels)).map(([key, value]) => `${key}=${String(value)}`);
  return entries.length === 0 ? NONE : entries.sort().join(',');
}

export function selectorText(selector: unknown): string {
  return isObject(selector) ? formatLabelSelector(selector) : NONE;
}

/** Names and images of a pod's containers. */
export const containerCells = (podSpec: unknown): [string, string] => {
  const containers = items(podSpec, 'containers');
  return [containers.map(c => text(c, 'name')).join(','), containers.map(c => text(c, 'image')).join(',')];
};

/** A quantity as it is written; of none: 0. */
export const quantityText = (value: unknown): string =>
  value === undefined || value === null ? '0' : formatQuantity(parseQuantity(String(value)));

export const orNone = (value: string): string => value || NONE;

/** The condition of that type. */
export const condition = (object: unknown, type: string): Json | undefined =>
  items(object, 'status', 'conditions').find(c => c['type'] === type);
