// What tells the items of a list apart that is owned item by item.
import { isObject } from '../json.ts';
import { keyElement, oneKeyElement, valueElement } from './path-element.ts';
import type { ListSchema } from './schema.ts';

/** The element of an item; a refusal where it has none. */
export function itemElement(list: ListSchema, item: unknown): { readonly element: string } | { readonly fault: string } {
  return list.kind === 'map' ? byKeys(list, item) : byValue(item);
}

/** Keys that are left out and have no default are left out of the element too: such an item is one of its own. */
function byKeys(list: ListSchema, item: unknown): ReturnType<typeof itemElement> {
  const [only = ''] = list.keys;
  if (list.keys.length === 1 && isObject(item) && typeof item[only] === 'string') return { element: oneKeyElement(only, item[only]) };
  if (item === null || item === undefined) return { fault: 'associative list with keys may not have a null element' };
  if (!isObject(item)) return { fault: 'associative list with keys may not have non-map elements' };
  const keys: Record<string, unknown> = {};
  for (const name of list.keys) {
    const value = Object.hasOwn(item, name) && item[name] !== undefined ? item[name] : list.keyDefaults.get(name);
    if (value !== undefined) keys[name] = value;
  }
  return { element: keyElement(keys) };
}

function byValue(item: unknown): ReturnType<typeof itemElement> {
  if (item === null || item === undefined) return { fault: "associative list without keys has an element that's an explicit null" };
  if (Array.isArray(item)) return { fault: 'not supported: associative list with lists as elements' };
  if (isObject(item)) return { fault: "associative list without keys has an element that's a map type" };
  return { element: valueElement(item) };
}

/** The items by element, in the order met; items that have no element are left out. */
export function itemsByElement(list: ListSchema, items: readonly unknown[]): Map<string, unknown[]> {
  const found = new Map<string, unknown[]>();
  for (const item of items) {
    const of = itemElement(list, item);
    if ('fault' in of) continue;
    const same = found.get(of.element);
    if (same) same.push(item);
    else found.set(of.element, [item]);
  }
  return found;
}
