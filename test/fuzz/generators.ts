// Inputs with the structure of the real thing and what breaks parsers mixed in: names of prototypes, deep nesting, odd numbers.
import fc from 'fast-check';

const FIELDS = [
  'apiVersion',
  'kind',
  'metadata',
  'name',
  'namespace',
  'labels',
  'annotations',
  'finalizers',
  'ownerReferences',
  'managedFields',
  'spec',
  'status',
  'data',
  'replicas',
  'selector',
  'matchLabels',
  'template',
  'containers',
  'env',
  'ports',
  'image',
  'resources',
  'limits',
  'cpu',
  'items',
  'value',
  'uid',
  'resourceVersion',
  'deletionTimestamp',
  'creationTimestamp',
  'generation',
];
const HOSTILE = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '',
  ' ',
  '\u0000',
  '\ud800',
  '💥',
  'f:k',
  'k:{"a":1}',
  '$patch',
  '$setElementOrder/containers',
  '$deleteFromPrimitiveList/finalizers',
  '$retainKeys',
  '.',
  '..',
  '~1',
  '/',
  '-1',
  '-',
];

const key = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...FIELDS) },
  { weight: 2, arbitrary: fc.constantFrom(...HOSTILE) },
  { weight: 1, arbitrary: fc.string({ maxLength: 8 }) },
);

const scalar = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom(...HOSTILE, 'v1', 'ConfigMap', 'delete', 'replace', 'merge', '100m', '1e400', '2026-01-01T00:00:00Z', '10Gi', 'true'),
  fc.constantFrom<unknown>(null, true, false, 0, -1, 1e21, 2 ** 53, 0.1, -0),
  fc.integer(),
);

/** JSON of the shape of objects. */
export const json: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown; object: unknown }>(tie => ({
  value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, scalar, tie('object'), fc.array(tie('value'), { maxLength: 4 })),
  object: fc.array(fc.tuple(key, tie('value')), { maxLength: 6 }).map(entries => own(entries)),
})).value;

export const jsonObject: fc.Arbitrary<Record<string, unknown>> = fc
  .array(fc.tuple(key, json), { maxLength: 6 })
  .map(entries => own(entries));

/** Like JSON.parse: `__proto__` is a property like any other. */
function own(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  for (const [name, value] of entries) Object.defineProperty(made, name, { value, enumerable: true, configurable: true, writable: true });
  return made;
}

/** Text with a few bytes changed, cut or doubled. */
export function damaged(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const change = fc.tuple(
    fc.nat(),
    fc.nat(3),
    fc.constantFrom('"', '{', '}', '[', ']', ',', ':', '\\', '\n', '&a', '*a', '!!', '- ', '\u0000', '\\u', 'e9', '#', '%', "'"),
  );
  return fc
    .tuple(text, fc.array(change, { maxLength: 4 }))
    .map(([given, changes]) =>
      changes.reduce(
        (t, [at, cut, put]) => (t.length === 0 ? put : t.slice(0, at % t.length) + put + t.slice((at % t.length) + cut)),
        given,
      ),
    );
}

export const bytes = (valid: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Buffer> =>
  fc
    .tuple(valid, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }), fc.nat(), fc.boolean())
    .map(([given, changes, cut, whole]) => {
      const made = Buffer.from(given);
      for (const [at, value] of changes) if (made.length > 0) made[at % made.length] = value;
      return whole ? made : made.subarray(0, made.length === 0 ? 0 : cut % made.length);
    });

const word = fc.oneof(
  fc.constantFrom('a', 'b.c/d', 'in', 'notin', 'exists', '-x', 'x'.repeat(64), '1', '', 'é', '!'),
  fc.string({ maxLength: 5 }),
);
export const selector = fc
  .array(fc.oneof(word, fc.constantFrom('=', '==', '!=', '!', ' in ', ' notin ', '(', ')', ',', '<', '>', ' ', '\\', '\\,')), {
    maxLength: 14,
  })
  .map(parts => parts.join(''));

const query = fc.tuple(
  fc.constantFrom(
    'labelSelector',
    'fieldSelector',
    'limit',
    'continue',
    'resourceVersion',
    'resourceVersionMatch',
    'timeoutSeconds',
    'dryRun',
    'fieldManager',
    'fieldValidation',
    'pretty',
    'propagationPolicy',
    'gracePeriodSeconds',
    'includeObject',
    'force',
    'hash',
    'exclude',
    'verbose',
  ),
  fc.oneof(
    selector,
    fc.constantFrom(
      '0',
      '-1',
      '1',
      '99999999999999999999',
      'All',
      'Exact',
      'NotOlderThan',
      'Strict',
      'null',
      '%',
      'e30',
      'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiJhIn0',
    ),
    fc.string({ maxLength: 10 }),
  ),
);

const segment = fc.oneof(
  fc.constantFrom(
    'api',
    'apis',
    'v1',
    'apps',
    'namespaces',
    'default',
    'configmaps',
    'pods',
    'deployments',
    'watch',
    'status',
    'scale',
    'proxy',
    'log',
    'openapi',
    'v3',
    'v2',
    'healthz',
    'version',
    'metrics',
    '',
    '.',
    '..',
    '%2e%2e',
    '%',
    '%00',
    '%zz',
    'a%2fb',
    'clusters',
    'cluster.karmada.io',
    'v1alpha1',
    'apiextensions.k8s.io',
    'customresourcedefinitions',
  ),
  fc.string({ maxLength: 6 }).map(encodeURIComponentSafe),
);

function encodeURIComponentSafe(text: string): string {
  return [...text].map(ch => (/[\w.~-]/.test(ch) ? ch : `%${(ch.codePointAt(0) ?? 0).toString(16).slice(-2).padStart(2, '0')}`)).join('');
}

/** Path and query; no watch, which would not end. */
export const url = fc.tuple(fc.array(segment, { maxLength: 8 }), fc.array(query, { maxLength: 4 })).map(([path, pairs]) => {
  const text = pairs.map(([name, value]) => `${name}=${encodeURIComponentSafe(value)}`).join('&');
  return `/${path.filter(p => p !== 'watch').join('/')}${text && `?${text}`}`;
});

const schemaKeyword = fc.oneof(
  fc.tuple(fc.constant('type'), fc.constantFrom<unknown>('object', 'array', 'string', 'integer', 'number', 'boolean', 'null', '', 5)),
  fc.tuple(fc.constant('format'), fc.constantFrom('date-time', 'byte', 'int32', 'uri', 'nonsense')),
  fc.tuple(
    fc.constantFrom('pattern'),
    fc.constantFrom('(a+)+$', '^(([a-z])+.)+[A-Z]([a-z])+$', '(?=a)', '[', '\\1', 'a{1000}', '(a{100}){100}', '^.*$'),
  ),
  fc.tuple(
    fc.constantFrom('minimum', 'maximum', 'maxLength', 'minLength', 'maxItems', 'multipleOf', 'maxProperties'),
    fc.constantFrom<unknown>(0, -1, 1e308, 3, 'x'),
  ),
  fc.tuple(
    fc.constantFrom(
      'nullable',
      'x-kubernetes-preserve-unknown-fields',
      'x-kubernetes-int-or-string',
      'x-kubernetes-embedded-resource',
      'uniqueItems',
      'exclusiveMinimum',
    ),
    fc.boolean(),
  ),
  fc.tuple(fc.constant('x-kubernetes-list-type'), fc.constantFrom('map', 'set', 'atomic', 'x')),
  fc.tuple(fc.constant('x-kubernetes-list-map-keys'), fc.constantFrom(['name'], [], ['__proto__'])),
  fc.tuple(fc.constant('required'), fc.constantFrom(['name'], ['__proto__'], [], 'x')),
  fc.tuple(fc.constantFrom('enum'), fc.array(scalar, { maxLength: 3 })),
  fc.tuple(fc.constant('default'), json),
  fc.tuple(fc.constant('$ref'), fc.constantFrom('#/x', '#')),
);

export const cel: fc.Arbitrary<string> = fc.letrec<{ e: string }>(tie => ({
  e: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(
      'self',
      'oldSelf',
      'self.name',
      'self.size',
      'self.list',
      'self.map',
      '1',
      '-9223372036854775808',
      '1.5',
      "'a'",
      '"\\u00e9"',
      'true',
      'null',
      '[]',
      '{}',
      '[1,2,3]',
      "{'a':1}",
      'self.__proto__',
      "b'x'",
      '1u',
      'self.metadata.name',
      'x',
    ),
    fc
      .tuple(tie('e'), fc.constantFrom('+', '-', '*', '/', '%', '&&', '||', '==', '!=', '<', '>=', 'in'), tie('e'))
      .map(([a, op, b]) => `(${a} ${op} ${b})`),
    fc
      .tuple(
        fc.constantFrom(
          '!',
          '-',
          'size',
          'string',
          'int',
          'type',
          'quantity',
          'has',
          'dyn',
          'duration',
          'timestamp',
          'url',
          'ip',
          'cidr',
          'isQuantity',
          'optional.of',
        ),
        tie('e'),
      )
      .map(([f, a]) => `${f}(${a})`),
    fc
      .tuple(
        tie('e'),
        fc.constantFrom(
          'size',
          'matches',
          'contains',
          'split',
          'replace',
          'find',
          'findAll',
          'join',
          'lowerAscii',
          'format',
          'indexOf',
          'substring',
          'startsWith',
          'sum',
          'isSorted',
          'orValue',
        ),
        fc.array(tie('e'), { maxLength: 2 }),
      )
      .map(([a, f, args]) => `${a}.${f}(${args.join(', ')})`),
    fc
      .tuple(tie('e'), fc.constantFrom('all', 'exists', 'exists_one', 'map', 'filter'), tie('e'))
      .map(([a, macro, b]) => `${a}.${macro}(x, ${b})`),
    fc.tuple(tie('e'), tie('e'), tie('e')).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
    fc.tuple(tie('e'), tie('e')).map(([a, b]) => `${a}[${b}]`),
  ),
})).e;

const rules = fc
  .array(cel, { maxLength: 1 })
  .map(given => (given.length > 0 ? { 'x-kubernetes-validations': given.map(rule => ({ rule })) } : {}));
const keywords = fc.array(schemaKeyword, { maxLength: 2 }).map(given => own(given as [string, unknown][]));
const property = fc.constantFrom('name', 'size', 'list', 'map', 'spec', '__proto__', 'constructor');

/** A schema that is mostly right. */
export const schema: fc.Arbitrary<Record<string, unknown>> = fc.letrec<{ s: Record<string, unknown> }>(tie => ({
  s: fc.oneof(
    { depthSize: 'small' },
    fc.tuple(fc.constantFrom('string', 'integer', 'number', 'boolean'), keywords, rules).map(([type, k, r]) => ({ type, ...r, ...k })),
    fc
      .tuple(fc.array(fc.tuple(property, tie('s')), { maxLength: 3 }), keywords, rules)
      .map(([parts, k, r]) => ({ type: 'object', properties: own(parts), ...r, ...k })),
    fc.tuple(tie('s'), keywords, rules).map(([items, k, r]) => ({ type: 'array', items, ...r, ...k })),
  ),
})).s;
