import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WireFault, WireReader, WireWriter } from './wire.ts';

const read = (bytes: Uint8Array): bigint => new WireReader(bytes).varint();

test('any 64-bit number is read as it was written, however often that happens', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), n => {
      expect(read(new WireWriter().varint(n).finish())).toBe(BigInt.asUintN(64, n));
    }),
    { numRuns: 20_000 },
  );
});

test('numbers take seven bits a byte, and no more than ten bytes', () => {
  expect([...new WireWriter().varint(300).finish()]).toEqual([0xac, 0x02]);
  expect(new WireWriter().varint(-1).finish()).toHaveLength(10);
  expect(() => read(Uint8Array.from([...Array(10).fill(0xff), 1]))).toThrow(WireFault);
});
