import { expect, test } from 'vitest';
import { aggregated, apiGroup, compareVersions, discoveryGroups, resourceList } from './index.ts';

const thing = (version: string) =>
  ({
    group: 'example.com',
    version,
    kind: 'Thing',
    plural: 'things',
    singular: 'thing',
    scope: 'Namespaced',
    subresources: { scale: true },
  }) as const;

test('versions go from the most stable and newest to the least', () => {
  expect(['v1alpha1', 'v1', 'foo', 'v2beta1', 'v10', 'v2'].sort(compareVersions)).toEqual([
    'v10',
    'v2',
    'v1',
    'v2beta1',
    'v1alpha1',
    'foo',
  ]);
});

test('a custom group follows the built-in ones and prefers its best version', () => {
  const groups = discoveryGroups([thing('v1beta1'), thing('v1')]);
  expect(groups[0]?.group).toBe('');
  expect(groups.at(-1)?.group).toBe('example.com');
  expect(apiGroup(groups, 'example.com')).toMatchObject({ preferredVersion: { groupVersion: 'example.com/v1' } });
});

test('a scale subresource names the group and version of Scale', () => {
  const list = resourceList(discoveryGroups([thing('v1')]), 'example.com', 'v1');
  expect(list?.['resources']).toContainEqual(
    expect.objectContaining({ name: 'things/scale', group: 'autoscaling', version: 'v1', kind: 'Scale' }),
  );
});

test('the tag of the aggregated document changes with the resources', () => {
  const tag = (custom: Parameters<typeof discoveryGroups>[0]) => aggregated(discoveryGroups(custom), { of: 'groups', version: 'v2' }).etag;
  expect(tag([])).toBe(tag([]));
  expect(tag([thing('v1')])).not.toBe(tag([]));
});
