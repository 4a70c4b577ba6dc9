import { expect, test } from 'vitest';
import { addressWarnings, prefixWarnings, printAddress } from './address-text.ts';

test.each([
  ['10.0.0.1', []],
  ['::ffff:10.0.0.1', ['f: non-standard IP address "::ffff:10.0.0.1" is invalid: use "10.0.0.1"']],
  ['FE80:0::1', ['f: IPv6 address "FE80:0::1" should be in RFC 5952 canonical format ("fe80::1")']],
  ['fe80::1', []],
  ['no address', []],
])('an address %s', (text, told) => {
  expect(addressWarnings(text, 'f')).toEqual(told);
});

test.each([
  ['10.0.0.0/8', []],
  ['10.1.2.3/8', ['f: CIDR value "10.1.2.3/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.1.2.3/32"?)']],
  ['10.0.0.0/08', ['f: non-standard CIDR value "10.0.0.0/08" is invalid: use "10.0.0.0/8"']],
  ['FD00::/8', ['f: IPv6 CIDR value "FD00::/8" should be in RFC 5952 canonical format ("fd00::/8")']],
])('a range %s', (text, told) => {
  expect(prefixWarnings(text, 'f')).toEqual(told);
});

test('the longest run of zeros is left out', () => {
  expect(printAddress({ bytes: [0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1] })).toBe('1:0:0:1::1');
});
