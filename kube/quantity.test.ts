import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addQuantities, compareQuantities, formatQuantity, parseQuantity, quantityValue, subtractQuantities } from './quantity.ts';

const text = fc
  .tuple(fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.constantFrom('', 'm', 'k', 'M', 'Ki', 'Gi', 'e3'))
  .map(([n, suffix]) => `${n}${suffix}`);

test('what is printed parses back to the same amount', () => {
  fc.assert(fc.property(text, s => compareQuantities(parseQuantity(formatQuantity(parseQuantity(s))), parseQuantity(s)) === 0));
});

test('subtracting what was added gives the amount back', () => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      const back = subtractQuantities(addQuantities(parseQuantity(a), parseQuantity(b)), parseQuantity(b));
      return compareQuantities(back, parseQuantity(a)) === 0;
    }),
  );
});

test('a fraction counts as a whole unit, and a huge exponent costs no time', () => {
  expect(quantityValue(parseQuantity('1500m'))).toBe(2n);
  expect(compareQuantities(addQuantities(parseQuantity('1e2000000000'), parseQuantity('1')), parseQuantity('1'))).toBe(1);
});
