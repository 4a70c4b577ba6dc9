import { expect, test } from 'vitest';
import { compareVersions } from './version-order.ts';

test('stable versions come before beta before alpha, newer before older, other names last', () => {
  const names = ['foo', 'v1alpha1', 'v2', 'v1beta2', 'v10', 'v1', 'bar', 'v1beta10', 'v2alpha1'];
  expect([...names].sort((a, b) => compareVersions(b, a))).toEqual([
    'v10',
    'v2',
    'v1',
    'v1beta10',
    'v1beta2',
    'v2alpha1',
    'v1alpha1',
    'bar',
    'foo',
  ]);
});
