// Inputs made to cost more than they look: each has one right answer, and a time within which it comes.

export interface Bomb {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly type?: string;
  readonly body?: string | Buffer;
  /** Any of these codes. */
  readonly codes: readonly number[];
}

const MAPS = '/api/v1/namespaces/default/configmaps';
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const JSON_TYPE = 'application/json';
const YAML = 'application/yaml';
const DEPTH = 100_000;

const aliases = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`).join('\n');
const selector = (n: number): string => encodeURIComponent(`k in (${Array.from({ length: n }, (_, i) => `v${i}`).join(',')})`);

/** A definition `<name>.bombs.example.com` with one property. */
function definition(name: string, property: object): string {
  return JSON.stringify({
    metadata: { name: `${name}s.bombs.example.com` },
    spec: {
      group: 'bombs.example.com',
      scope: 'Cluster',
      names: { plural: `${name}s`, kind: name[0]?.toUpperCase() + name.slice(1) },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { x: property } } } }],
    },
  });
}

const nestedSchema = (depth: number): object =>
  depth === 0 ? { type: 'string' } : { type: 'object', properties: { x: nestedSchema(depth - 1) } };

export const BOMBS: readonly Bomb[] = [
  { name: 'arrays without end', method: 'POST', path: MAPS, type: JSON_TYPE, body: '['.repeat(DEPTH), codes: [400] },
  {
    name: 'deep objects',
    method: 'POST',
    path: MAPS,
    type: JSON_TYPE,
    body: `${'{"data":'.repeat(DEPTH)}1${'}'.repeat(DEPTH)}`,
    codes: [400],
  },
  { name: 'deep YAML', method: 'POST', path: MAPS, type: YAML, body: `data: ${'['.repeat(20_000)}${']'.repeat(20_000)}`, codes: [400] },
  {
    name: 'YAML that doubles by aliases',
    method: 'POST',
    path: MAPS,
    type: YAML,
    body: `a0: &a0 [x]\n${aliases}\nmetadata: {name: a}`,
    codes: [400],
  },
  { name: 'many YAML documents', method: 'POST', path: MAPS, type: YAML, body: 'a: b\n---\n'.repeat(50_000), codes: [400, 422, 201] },
  {
    name: 'a number of many digits',
    method: 'POST',
    path: MAPS,
    type: JSON_TYPE,
    body: `{"metadata":{"name":"n","generation":${'9'.repeat(1_000_000)}}}`,
    codes: [400],
  },
  {
    name: 'a quantity of many digits',
    method: 'POST',
    path: '/api/v1/namespaces/default/resourcequotas',
    type: JSON_TYPE,
    body: JSON.stringify({ metadata: { name: 'q' }, spec: { hard: { pods: '9'.repeat(500_000) } } }),
    codes: [201, 400, 422],
  },
  {
    name: 'a body above 3 MiB',
    method: 'POST',
    path: MAPS,
    type: JSON_TYPE,
    body: `{"metadata":{"name":"a"},"data":{"a":"${'x'.repeat(3_200_000)}"}}`,
    codes: [413],
  },
  {
    name: 'a body of one key many times',
    method: 'POST',
    path: MAPS,
    type: JSON_TYPE,
    body: `{"metadata":{"name":"twice"},"data":{${'"a":"b",'.repeat(200_000)}"a":"b"}}`,
    codes: [201, 400],
  },
  {
    name: 'deep protobuf',
    method: 'POST',
    path: CRDS,
    type: 'application/vnd.kubernetes.protobuf',
    body: deepProtobuf(),
    codes: [400, 422],
  },
  {
    name: 'a JSON patch that copies itself',
    method: 'PATCH',
    path: `${MAPS}/target`,
    type: 'application/json-patch+json',
    body: JSON.stringify([
      { op: 'add', path: '/data/x', value: 'y'.repeat(1000) },
      ...Array.from({ length: 40 }, (_, i) => ({ op: 'copy', from: '/data', path: `/data/c${i}` })),
    ]),
    codes: [400, 413, 422],
  },
  {
    name: 'a merge patch without end',
    method: 'PATCH',
    path: `${MAPS}/target`,
    type: 'application/merge-patch+json',
    body: `${'{"data":'.repeat(DEPTH)}1${'}'.repeat(DEPTH)}`,
    codes: [400, 422],
  },
  {
    name: 'a strategic patch without end',
    method: 'PATCH',
    path: `${MAPS}/target`,
    type: 'application/strategic-merge-patch+json',
    body: `${'{"data":'.repeat(DEPTH)}1${'}'.repeat(DEPTH)}`,
    codes: [400, 422],
  },
  {
    name: 'a configuration without end',
    method: 'PATCH',
    path: `${MAPS}/target?fieldManager=f`,
    type: 'application/apply-patch+yaml',
    body: `${'{"data":'.repeat(DEPTH)}1${'}'.repeat(DEPTH)}`,
    codes: [400, 422, 500],
  },
  {
    name: 'a prototype in a merge patch',
    method: 'PATCH',
    path: `${MAPS}/target`,
    type: 'application/merge-patch+json',
    body: '{"data":{"__proto__":"x"},"__proto__":{"polluted":"yes"}}',
    codes: [200, 400, 422],
  },
  { name: 'a large label selector', method: 'GET', path: `${MAPS}?labelSelector=${selector(5000)}`, codes: [200] },
  {
    name: 'a large field selector',
    method: 'GET',
    path: `${MAPS}?fieldSelector=${encodeURIComponent('metadata.name!=a,'.repeat(2000))}metadata.name%3Da`,
    codes: [200, 400],
  },
  {
    name: 'a pattern that backtracks',
    method: 'POST',
    path: CRDS,
    type: JSON_TYPE,
    body: definition('pattern', { type: 'string', pattern: '^(([a-z])+.)+[A-Z]([a-z])+$' }),
    codes: [201],
  },
  {
    name: 'a pattern that explodes',
    method: 'POST',
    path: CRDS,
    type: JSON_TYPE,
    body: definition('exploding', { type: 'string', pattern: '((a{100}){100}){100}' }),
    codes: [422],
  },
  {
    name: 'a rule that matches by a bad pattern',
    method: 'POST',
    path: CRDS,
    type: JSON_TYPE,
    body: definition('rule', { type: 'string', maxLength: 1000, 'x-kubernetes-validations': [{ rule: "!self.matches('^(a+)+$')" }] }),
    codes: [201],
  },
  {
    name: 'a rule that costs too much',
    method: 'POST',
    path: CRDS,
    type: JSON_TYPE,
    body: definition('costly', {
      type: 'array',
      items: { type: 'string' },
      'x-kubernetes-validations': [{ rule: 'self.all(a, self.all(b, self.all(c, a + b + c != self[0])))' }],
    }),
    codes: [422],
  },
  {
    name: 'a rule without end',
    method: 'POST',
    path: CRDS,
    type: JSON_TYPE,
    body: definition('endless', {
      type: 'string',
      'x-kubernetes-validations': [{ rule: `${'('.repeat(20_000)}true${')'.repeat(20_000)}` }],
    }),
    codes: [422],
  },
  {
    name: 'a deep schema',
    method: 'POST',
    path: CRDS,
    type: JSON_TYPE,
    body: definition('deep', nestedSchema(2000)),
    codes: [201, 400, 413, 422],
  },
];

/** Bombs for the kinds that the definitions above made. */
export const OBJECT_BOMBS: readonly Bomb[] = [
  {
    name: 'what a bad pattern is slow with',
    method: 'POST',
    path: '/apis/bombs.example.com/v1/patterns',
    type: JSON_TYPE,
    body: JSON.stringify({ apiVersion: 'bombs.example.com/v1', kind: 'Pattern', metadata: { name: 'p' }, x: 'a'.repeat(50_000) }),
    codes: [422],
  },
  {
    name: 'what a bad rule is slow with',
    method: 'POST',
    path: '/apis/bombs.example.com/v1/rules',
    type: JSON_TYPE,
    body: JSON.stringify({ apiVersion: 'bombs.example.com/v1', kind: 'Rule', metadata: { name: 'p' }, x: `${'a'.repeat(999)}b` }),
    codes: [201, 422],
  },
];

/** JSONSchemaProps in JSONSchemaProps in …, as length-delimited fields. */
function deepProtobuf(): Buffer {
  let inner = Buffer.alloc(0);
  for (let i = 0; i < 3000; i++) inner = Buffer.concat([Buffer.from([0x8a, 0x02]), varint(inner.length), inner]);
  const raw = Buffer.concat([Buffer.from([0x12]), varint(inner.length), inner]);
  return Buffer.concat([Buffer.from([0x6b, 0x38, 0x73, 0, 0x12]), varint(raw.length), raw]);
}

function varint(n: number): Buffer {
  const out: number[] = [];
  let rest = n;
  for (; rest >= 0x80; rest >>= 7) out.push((rest & 0x7f) | 0x80);
  return Buffer.from([...out, rest]);
}
