// Quantities: parsing, printing, arithmetic, JSON.
import * as q from '../../../../kube/index.ts';
import { equal } from '../../../../kube/index.ts';
import { agree, differ, type Suite } from '../../suite.ts';

const MAX = 2n ** 63n;
const UNITS = { n: -9, u: -6, k: 3, M: 6, G: 9 };

function shape(quantity: q.Quantity): Record<string, unknown> {
  const canonical = q.formatQuantity(quantity);
  return {
    canonical,
    format: quantity.format,
    json: JSON.stringify(canonical),
    milliValue: `${q.quantityMilliValue(quantity)}`,
    sign: q.signOfQuantity(quantity),
    value: `${q.quantityValue(quantity)}`,
  };
}

function parsed(text: string): unknown {
  const quantity = q.parseQuantity(text);
  const exact = q.exactQuantity(quantity);
  const rounded = q.roundUpQuantity(quantity, -3);
  return {
    ...shape(quantity),
    ...(exact === undefined ? {} : { asInt64: `${exact}` }),
    roundUpMilli: q.formatQuantity(rounded.quantity),
    roundUpMilliExact: rounded.exact,
    scaled: Object.fromEntries(Object.entries(UNITS).map(([unit, exponent]) => [unit, `${q.scaledQuantity(quantity, exponent)}`])),
  };
}

function pair(input: { a: string; b: string; k: number }): unknown {
  const a = q.parseQuantity(input.a);
  const b = q.parseQuantity(input.b);
  const mul = q.multiplyQuantity(a, BigInt(input.k));
  const cmp = q.compareQuantities(a, b);
  return {
    cmp,
    equal: cmp === 0,
    mul: shape(mul),
    mulExact: mul.small || (mul.unscaled < MAX && mul.unscaled >= -MAX),
    neg: q.formatQuantity(q.negateQuantity(a)),
    sub: shape(q.subtractQuantities(a, b)),
    sum: shape(q.addQuantities(a, b)),
  };
}

function answer(input: Record<string, unknown>): unknown {
  try {
    if (input['op'] === 'parse') return parsed(input['s'] as string);
    if (input['op'] === 'json') return shape(q.quantityOfToken(input['json'] as string));
    return pair(input as { a: string; b: string; k: number });
  } catch (error) {
    if (error instanceof q.QuantityError) return { error: error.message };
    throw error;
  }
}

export const suite: Suite = {
  check(c) {
    const got = answer(c.in);
    return equal(got, c.out) ? agree : differ(got, c.out);
  },
};
