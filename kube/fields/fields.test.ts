import fc from 'fast-check';
import { expect, test } from 'vitest';
import { equal } from '../json.ts';
import {
  appliedSet,
  builtinSchema,
  compare,
  compareElements,
  difference,
  EMPTY,
  eachPath,
  exclude,
  type FieldSet,
  has,
  intersection,
  isEmpty,
  type MapSchema,
  merge,
  mergedOrder,
  parseFieldSet,
  removeFields,
  setOf,
  shapeFaults,
  shownPath,
  union,
  whole,
} from './index.ts';

const deployment = builtinSchema('apps/v1', 'Deployment') as MapSchema;
const service = builtinSchema('v1', 'Service') as MapSchema;

const pathsOf = (set: FieldSet): string[] => {
  const found: string[] = [];
  eachPath(set, path => found.push(path.join('/')), compareElements);
  return found.sort();
};

const element = fc.constantFrom('f:a', 'f:b', 'f:__proto__', 'k:{"name":"x"}', 'k:{"name":"y"}', 'v:1', 'v:"s"', 'i:0');
const path = fc.array(element, { minLength: 1, maxLength: 4 });
const sets = fc.array(path, { maxLength: 8 }).map(paths => setOf(...paths));

test('a set holds the paths it was made of, and no others', () => {
  fc.assert(
    fc.property(fc.array(path, { maxLength: 8 }), paths => {
      const set = setOf(...paths);
      expect(pathsOf(set)).toEqual([...new Set(paths.map(p => p.join('/')))].sort());
      for (const p of paths) expect(has(set, p)).toBe(true);
    }),
  );
});

test('union, difference and intersection are those of the paths', () => {
  fc.assert(
    fc.property(sets, sets, (a, b) => {
      const [x, y] = [new Set(pathsOf(a)), new Set(pathsOf(b))];
      expect(pathsOf(union(a, b))).toEqual([...new Set([...x, ...y])].sort());
      expect(pathsOf(difference(a, b))).toEqual([...x].filter(p => !y.has(p)).sort());
      expect(pathsOf(intersection(a, b))).toEqual([...x].filter(p => y.has(p)).sort());
    }),
  );
});

test('excluding a set takes what lies below its members too', () => {
  fc.assert(
    fc.property(sets, sets, (a, b) => {
      const gone = pathsOf(b);
      const left = pathsOf(a).filter(p => !gone.some(g => p === g || p.startsWith(`${g}/`)));
      expect(pathsOf(exclude(a, b))).toEqual(left);
    }),
  );
});

test('operations leave no node that stands for nothing', () => {
  const sound = (set: FieldSet): boolean =>
    Object.entries(set).every(([key, node]) => key === '.' || (!equal(node, { '.': {} }) && (isEmpty(node) || sound(node))));
  fc.assert(
    fc.property(sets, sets, (a, b) => {
      for (const made of [union(a, b), difference(a, b), intersection(a, b), exclude(a, b)]) {
        expect(sound(made)).toBe(true);
        expect(parseFieldSet(made)).toEqual(made);
      }
    }),
  );
});

test('operations leave their arguments alone', () => {
  fc.assert(
    fc.property(sets, sets, (a, b) => {
      const before = JSON.stringify([a, b]);
      union(a, b);
      difference(a, b);
      intersection(a, b);
      exclude(a, b);
      expect(JSON.stringify([a, b])).toBe(before);
    }),
  );
});

test('a set is read from JSON in one form, whatever form a client gave it', () => {
  expect(parseFieldSet({ 'f:spec': { '.': {} }, 'k:{ "b": 1, "a": "x" }': { 'v: "s"': {} }, '.': {} })).toEqual({
    'f:spec': {},
    'k:{"a":"x","b":1}': { 'v:"s"': {} },
  });
  for (const wrong of [[], 'x', { f: {} }, { 'f:a': [] }, { 'k:{': {} }, { 'i:x': {} }]) expect(parseFieldSet(wrong)).toBeUndefined();
  expect(parseFieldSet({ 'x:new': {} })).toEqual({});
});

test('paths are shown as conflicts name them', () => {
  expect(shownPath(['f:spec', 'f:ports', 'k:{"port":80,"protocol":"TCP"}', 'f:name'])).toBe('.spec.ports[port=80,protocol="TCP"].name');
  expect(shownPath(['f:metadata', 'f:finalizers', 'v:"x.io/f"'])).toBe('.metadata.finalizers[="x.io/f"]');
});

const DEPLOYMENT = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd', uid: 'u', labels: { l: '1' } },
  spec: {
    selector: { matchLabels: { app: 'x' } },
    template: {
      spec: { nodeSelector: { a: 'b' }, containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80 }], resources: {} }] },
    },
  },
};

test('an applied configuration owns scalars, whole pieces, items and map entries, but nothing that names the object', () => {
  expect(appliedSet(deployment, DEPLOYMENT)).toEqual({
    'f:metadata': { 'f:labels': { 'f:l': {} } },
    'f:spec': {
      'f:selector': {},
      'f:template': {
        'f:spec': {
          'f:nodeSelector': {},
          'f:containers': {
            'k:{"name":"c"}': {
              '.': {},
              'f:name': {},
              'f:image': {},
              'f:resources': {},
              'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
            },
          },
        },
      },
    },
  });
});

test('what is new owns its containers too', () => {
  expect(whole(deployment, DEPLOYMENT)).toMatchObject({ 'f:spec': { '.': {}, 'f:template': { '.': {} } } });
  expect(compare(deployment, { spec: { template: {} } }, DEPLOYMENT).added).toMatchObject({
    'f:metadata': { 'f:labels': { '.': {}, 'f:l': {} } },
  });
});

test('a comparison names the smallest pieces that differ', () => {
  const next = structuredClone(DEPLOYMENT);
  next.spec.template.spec.containers = [{ name: 'c', image: 'j', ports: [{ containerPort: 81 }], resources: {} }];
  next.spec.selector.matchLabels.app = 'y';
  const below = (node: FieldSet): FieldSet => ({
    'f:spec': { 'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"c"}': node } } } },
  });
  const { added, modified, removed } = compare(deployment, DEPLOYMENT, next);
  expect(modified).toEqual({ 'f:spec': { ...below({ 'f:image': {} })['f:spec'], 'f:selector': {} } });
  expect(added).toEqual(below({ 'f:ports': { 'k:{"containerPort":81,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } } }));
  expect(removed).toEqual(below({ 'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } } }));
});

test('items that share a key are owned as one piece', () => {
  const twice = { spec: { ports: [{ port: 1 }, { port: 1, name: 'b' }] } };
  expect(whole(service, twice)['f:spec']).toMatchObject({ 'f:ports': { 'k:{"port":1,"protocol":"TCP"}': {} } });
  expect(compare(service, twice, { spec: { ports: [{ port: 1 }] } }).removed).toEqual({
    'f:spec': { 'f:ports': { 'k:{"port":1,"protocol":"TCP"}': {} } },
  });
});

test('the shape of a configuration is refused in the words of the reference', () => {
  const faults = (spec: unknown): string => shapeFaults(service, { spec } as Record<string, unknown>);
  expect(faults({ bogus: 1 })).toBe('.spec.bogus: field not declared in schema');
  expect(faults({ ports: [{ port: 1 }, { port: 1 }] })).toBe('.spec.ports: duplicate entries for key [port=1,protocol="TCP"]');
  expect(faults({ ports: 'x', clusterIP: 5 })).toBe(
    'errors:\n  .spec.ports: expected list, got &{x}\n  .spec.clusterIP: expected string, got &value.valueUnstructured{Value:5}',
  );
  expect(faults({ ports: null, selector: {} })).toBe('');
});

const ports = fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { maxLength: 5 }).map(all => all.map(port => ({ port, name: `n${port}` })));
const object = fc.record({
  metadata: fc.record({ labels: fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), fc.constantFrom('1', '2')) }, { requiredKeys: [] }),
  spec: fc.record(
    {
      ports,
      selector: fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('1', '2')),
      type: fc.constantFrom('ClusterIP', 'NodePort'),
      externalIPs: fc.array(fc.constantFrom('1.1.1.1', '2.2.2.2'), { maxLength: 2 }),
    },
    { requiredKeys: [] },
  ),
}) as fc.Arbitrary<Record<string, unknown>>;

test('an object does not differ from itself, and differences are told from both sides', () => {
  fc.assert(
    fc.property(object, object, (a, b) => {
      expect(compare(service, a, structuredClone(a))).toEqual({ added: EMPTY, modified: EMPTY, removed: EMPTY });
      const [to, back] = [compare(service, a, b), compare(service, b, a)];
      expect([to.added, to.removed, to.modified]).toEqual([back.removed, back.added, back.modified]);
    }),
  );
});

test('merging twice changes nothing more, and what was applied is there', () => {
  fc.assert(
    fc.property(object, object, (live, config) => {
      const once = merge(service, live, config);
      expect(merge(service, once, config)).toEqual(once);
      const { added, modified } = compare(service, once, merge(service, config, config));
      expect(isEmpty(intersection(union(added, modified), appliedSet(service, config)))).toBe(true);
    }),
  );
});

test('merging keeps what the configuration does not name', () => {
  fc.assert(
    fc.property(object, object, (live, config) => {
      const merged = merge(service, live, config);
      const owned = appliedSet(service, config);
      const { removed, modified } = compare(service, live, merged);
      expect(pathsOf(difference(union(removed, modified), owned))).toEqual([]);
    }),
  );
});

test('removing what an object consists of leaves nothing of it', () => {
  fc.assert(
    fc.property(object, a => {
      const left = removeFields(service, a, appliedSet(service, a));
      expect(isEmpty(intersection(appliedSet(service, a), appliedSet(service, left as Record<string, unknown>)))).toBe(true);
    }),
  );
});

test('a joined list has each item once, in the order of the configuration', () => {
  const items: fc.Arbitrary<string[]> = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 6 });
  fc.assert(
    fc.property(items, items, (live, config) => {
      const names = mergedOrder(live, config).map(s => (s.from === 'live' ? live[s.index] : config[s.index]));
      expect([...names].sort()).toEqual([...new Set([...live, ...config])].sort());
      expect(names.filter(n => config.includes(n ?? ''))).toEqual(config);
      const own = live.filter(n => !config.includes(n));
      expect(names.filter(n => own.includes(n ?? ''))).toEqual(own);
    }),
  );
});
