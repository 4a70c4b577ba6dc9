// The small checks that the rules of all kinds are made of. Each adds what is wrong to a list.
import { field, isObject } from '../../kube/index.ts';
import { dnsLabel, dnsSubdomain, labelKey, labelValue, percent } from './names.ts';
import { entries, type Faults, has, items, number, type Obj, strings, sub, text } from './read.ts';

export const { child, index, mapKey, required, invalidValue, notSupported, forbiddenField, duplicate, tooLong, tooMany, fieldNotFound } =
  field;

export const NOT_NEGATIVE = 'must be greater than or equal to 0';
export const IMMUTABLE = 'field is immutable';

/** Adds one Invalid fault for each text. */
export function texts(faults: Faults, path: string, value: unknown, messages: readonly string[]): void {
  for (const message of messages) faults.push(invalidValue(path, value, message));
}

export function notNegative(faults: Faults, path: string, n: number): void {
  if (n < 0) faults.push(invalidValue(path, n, NOT_NEGATIVE));
}

/** A number field that may be absent but not negative. */
export function optionalNotNegative(faults: Faults, parent: string, o: Obj, ...keys: readonly string[]): void {
  for (const key of keys) if (has(o, key)) notNegative(faults, child(parent, key), number(o, key));
}

/** `value` must be among `supported`, which is printed in its order. */
export function oneOf(faults: Faults, path: string, value: string, supported: readonly string[]): void {
  if (!supported.includes(value)) faults.push(notSupported(path, value, supported));
}

export function label(faults: Faults, path: string, value: string): void {
  texts(faults, path, value, dnsLabel(value));
}

export function subdomain(faults: Faults, path: string, value: string): void {
  texts(faults, path, value, dnsSubdomain(value));
}

/** Labels, and everything shaped like labels. */
export function labels(faults: Faults, path: string, o: Obj, key: string): void {
  for (const [name, value] of entries(o, key)) {
    texts(faults, path, name, labelKey(name));
    if (typeof value === 'string') texts(faults, path, value, labelValue(value));
  }
}

/** metav1.LabelSelector */
export function labelSelector(faults: Faults, path: string, selector: Obj | undefined): void {
  if (!selector) return;
  labels(faults, child(path, 'matchLabels'), selector, 'matchLabels');
  items(selector, 'matchExpressions').forEach((e, i) => {
    selectorRequirement(faults, index(child(path, 'matchExpressions'), i), e);
  });
}

function selectorRequirement(faults: Faults, path: string, e: Obj): void {
  const values = strings(e, 'values');
  const operator = text(e, 'operator');
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) faults.push(required(child(path, 'values'), "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0)
      faults.push(forbiddenField(child(path, 'values'), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  } else faults.push(invalidValue(child(path, 'operator'), operator, 'not a valid selector operator'));
  texts(faults, child(path, 'key'), text(e, 'key'), labelKey(text(e, 'key')));
  values.forEach((v, i) => {
    texts(faults, index(child(path, 'values'), i), v, labelValue(v));
  });
}

/** Does a selector match labels; a broken one matches nothing. */
export function selectorMatches(selector: Obj, o: Obj): boolean {
  const labelsOf = o as Record<string, unknown>;
  for (const [key, value] of entries(selector, 'matchLabels')) if (!Object.hasOwn(labelsOf, key) || labelsOf[key] !== value) return false;
  return items(selector, 'matchExpressions').every(e => {
    const key = text(e, 'key');
    const present = Object.hasOwn(labelsOf, key);
    const listed = present && strings(e, 'values').includes(String(labelsOf[key]));
    const operator = text(e, 'operator');
    return operator === 'In' ? listed : operator === 'NotIn' ? !listed : operator === 'Exists' ? present : !present;
  });
}

export const selectorIsEmpty = (selector: Obj): boolean =>
  Object.keys(sub(selector, 'matchLabels')).length === 0 && items(selector, 'matchExpressions').length === 0;

/** LabelSelector as the server prints it: fields in order, keys sorted, empty ones left out. */
export function printableSelector(selector: Obj | undefined): unknown {
  if (!selector) return null;
  const out: Record<string, unknown> = {};
  const matchLabels = entries(selector, 'matchLabels');
  if (matchLabels.length > 0) out['matchLabels'] = Object.fromEntries(matchLabels);
  const expressions = items(selector, 'matchExpressions');
  if (expressions.length > 0)
    out['matchExpressions'] = expressions.map(e => ({
      key: text(e, 'key'),
      operator: text(e, 'operator'),
      ...(strings(e, 'values').length > 0 ? { values: strings(e, 'values') } : {}),
    }));
  return out;
}

/** A map as the server prints it: keys sorted, absent as null. */
export function printableMap(value: unknown): unknown {
  return isObject(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : null;
}

/** A number or percent that may not be negative. */
export function notNegativeIntOrPercent(faults: Faults, path: string, value: unknown): void {
  if (typeof value === 'string') texts(faults, path, value, percent(value));
  else if (typeof value === 'number') notNegative(faults, path, value);
}

/** A percent above 100 %. */
export function notOver100Percent(faults: Faults, path: string, value: unknown): void {
  const n = percentOf(value);
  if (n !== undefined && n > 100) faults.push(invalidValue(path, value, 'must not be greater than 100%'));
}

/** 25 of `25%`; undefined for anything else. */
function percentOf(value: unknown): number | undefined {
  return typeof value === 'string' && /^[0-9]+%$/.test(value) ? Number(value.slice(0, -1)) : undefined;
}

/** The number itself, or that of a percent; what the server takes of either to tell zero from more. */
export const amountOf = (value: unknown): number => percentOf(value) ?? (typeof value === 'number' ? value : 0);
