// Amounts by resource name: what a quota allows, what is used, what an object takes.
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  isObject,
  type Quantity,
  quantityOf,
  quantityOfJson,
  signOfQuantity,
  subtractQuantities,
} from '../../../kube/index.ts';

export type Amounts = ReadonlyMap<string, Quantity>;

export const NOTHING: Amounts = new Map();
export const ONE = quantityOf(1);

/** A resource list as it stands in an object. */
export function amountsOf(list: unknown): Amounts {
  return isObject(list) ? new Map(Object.entries(list).map(([name, value]) => [name, quantityOfJson(value)])) : NOTHING;
}

export const listOfAmounts = (amounts: Amounts): Record<string, string> =>
  Object.fromEntries([...amounts].map(([name, value]) => [name, formatQuantity(value)]));

export function plus(a: Amounts, b: Amounts): Amounts {
  const sum = new Map(a);
  for (const [name, value] of b) {
    const other = sum.get(name);
    sum.set(name, other ? addQuantities(other, value) : value);
  }
  return sum;
}

export function larger(a: Amounts, b: Amounts): Amounts {
  const most = new Map(a);
  for (const [name, value] of b) {
    const other = most.get(name);
    if (!other || compareQuantities(value, other) > 0) most.set(name, value);
  }
  return most;
}

/** What `a` is above `b`; nothing is below zero. */
export function increase(a: Amounts, b: Amounts): Amounts {
  return new Map(
    [...a].map(([name, value]) => {
      const before = b.get(name);
      const rest = before ? subtractQuantities(value, before) : value;
      return [name, signOfQuantity(rest) < 0 ? quantityOf(0) : rest];
    }),
  );
}

export const only = (a: Amounts, accept: (name: string, value: Quantity) => boolean): Amounts =>
  new Map([...a].filter(([name, value]) => accept(name, value)));

/** `cpu=1,memory=2Gi`, in the order of names. */
export const printed = (a: Amounts): string =>
  [...a]
    .sort(([x], [y]) => (x < y ? -1 : 1))
    .map(([name, value]) => `${name}=${formatQuantity(value)}`)
    .join(',');

export function sameAmounts(a: Amounts, b: Amounts): boolean {
  if (a.size !== b.size) return false;
  return [...a].every(([name, value]) => {
    const other = b.get(name);
    return other !== undefined && compareQuantities(value, other) === 0;
  });
}
