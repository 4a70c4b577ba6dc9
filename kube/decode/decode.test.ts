import { expect, test } from 'vitest';
import { builtinType } from '../types.ts';
import { decodeBody, MEDIA_TYPES, pruneUnknown, yamlToJson } from './index.ts';

const DEPLOYMENT = { apiVersion: 'apps/v1', kind: 'Deployment' };
const json = (text: string, expected = DEPLOYMENT): ReturnType<typeof decodeBody> =>
  decodeBody(Buffer.from(text), MEDIA_TYPES.json, expected);

test('unknown and repeated fields are told in the order met, with their paths', () => {
  const { object, notes } = json('{"metadata":{"name":"d","name":"e"},"Spec":{},"spec":{"template":{"spec":{"containers":[{"nope":1}]}}}}');
  expect(notes).toEqual([
    'duplicate field "metadata.name"',
    'unknown field "Spec"',
    'unknown field "spec.template.spec.containers[0].nope"',
  ]);
  expect(object).toEqual({ ...DEPLOYMENT, metadata: { name: 'e' }, spec: { template: { spec: { containers: [{}] } } } });
});

test('a value of the wrong type is refused with its struct, path and type', () => {
  expect(() => json('{"spec":{"replicas":1.0}}')).toThrow(
    'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal number 1.0 into Go struct field DeploymentSpec.spec.replicas of type int32',
  );
  expect(() => json('{"spec":{"template":{"spec":{"containers":{}}}}}')).toThrow(
    'PodSpec.spec.template.spec.containers of type []v1.Container',
  );
});

test('a fault inside a quantity wins over a plain one met before', () => {
  const limits = '{"spec":{"paused":1,"template":{"spec":{"containers":[{"resources":{"limits":{"cpu":"x"}}}]}}}}';
  expect(() => json(limits)).toThrow('quantities must match the regular expression');
});

test('members of an object given twice are merged', () => {
  expect(json('{"spec":{"paused":true},"spec":{"replicas":2}}').object).toEqual({ ...DEPLOYMENT, spec: { paused: true, replicas: 2 } });
});

test('keys such as __proto__ stay plain keys', () => {
  const { object } = decodeBody(Buffer.from('{"data":{"__proto__":"x"}}'), MEDIA_TYPES.json, { apiVersion: 'v1', kind: 'ConfigMap' });
  expect(Object.keys(object['data'] as object)).toEqual(['__proto__']);
});

test('YAML is read as YAML 1.1 without base 60, with merge keys, and repeated keys are told by line', () => {
  const { json: text, duplicates } = yamlToJson('base: &b {a: yes, t: 1:30}\nuse:\n  <<: *b\n  m: 0o17\n  m: 0x1F\n');
  expect(JSON.parse(text)).toEqual({ base: { a: true, t: '1:30' }, use: { a: true, t: '1:30', m: 31 } });
  expect(duplicates).toEqual(['line 5: key "m" already set in map']);
});

test('a small YAML text cannot grow without bound through aliases', () => {
  const lines = ['a: &a [x,x,x,x,x,x,x,x,x]'];
  for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg'].map(pair => [...pair]))
    lines.push(`${to}: &${to} [${Array(9).fill(`*${from}`).join(',')}]`);
  expect(() => yamlToJson(lines.join('\n'))).toThrow('excessive aliasing');
});

test('objects in memory lose what their type does not have', () => {
  const type = builtinType('v1', 'ConfigMap');
  const object: Record<string, unknown> = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a', nope: 1 },
    data: { any: 'x' },
    spec: {},
  };
  expect(type && pruneUnknown(object, type)).toEqual(['unknown field "metadata.nope"', 'unknown field "spec"']);
  expect(object).toEqual({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { any: 'x' } });
});

test('an empty YAML key is refused whatever its value holds', () => {
  for (const text of ['{: {toString: []}}', '{: [a]}', '{: a}', '{: }']) expect(() => yamlToJson(text)).toThrow(/unsupported map key/);
});

test('YAML ends with the bracket that closes its first document, and refuses what JSON alone may escape', () => {
  expect(yamlToJson('{"a": 1}x').json).toBe('{"a":1}');
  expect(() => yamlToJson('{"a" 1')).toThrow(/^yaml: /);
  expect(() => yamlToJson('{"a": "\\ud800"}')).toThrow('yaml: found invalid Unicode character escape code');
  expect(() => yamlToJson('a: "\\x"')).toThrow('yaml: did not find expected hexdecimal number');
});

test('a merge key counts where it stands, and of its maps the first one wins', () => {
  const read = (text: string): unknown => JSON.parse(yamlToJson(text).json);
  expect(read('a: 1\n<<: {a: 2}\n')).toEqual({ a: 2 });
  expect(read('<<: {a: 2}\na: 1\n')).toEqual({ a: 1 });
  expect(read('<<: [{a: 1}, {a: 2, b: 3}]\n')).toEqual({ a: 1, b: 3 });
  expect(yamlToJson('<<: [{a: 1}, {a: 2}]\n').duplicates).toEqual(['line 1: key "a" already set in map']);
});

test('a repeated key is told with the line its value begins on', () => {
  expect(yamlToJson('m:\n  a: 1\nm:\n  b: 1\n').duplicates).toEqual(['line 4: key "m" already set in map']);
});

test('escapes that YAML 1.1 does not know are refused, with their line from the second one on', () => {
  const faults: readonly [string, string][] = [
    ['"\\/"', 'yaml: found unknown escape character'],
    ['"\\\\/"', ''],
    ['"\\x4"', 'yaml: did not find expected hexdecimal number'],
    ['"\\ud83d\\ude00"', 'yaml: found invalid Unicode character escape code'],
    ['\n"\\ud800"', 'yaml: line 2: found invalid Unicode character escape code'],
    ['"open', 'yaml: found unexpected end of stream'],
  ];
  for (const [text, fault] of faults) {
    if (fault === '') expect(() => yamlToJson(text)).not.toThrow();
    else expect(() => yamlToJson(text), text).toThrow(new RegExp(`^${fault}$`));
  }
});

test('a key of a flow map is one on one line', () => {
  for (const text of ['{"a\nb": 1}', '{"\u2028": 1}'])
    expect(() => yamlToJson(text)).toThrow("yaml: line 1: did not find expected ',' or '}'");
  expect(JSON.parse(yamlToJson('{? "a\nb" : 1}').json)).toEqual({ 'a b': 1 });
});

test('nothing is read behind a document in brackets, but one left open is refused', () => {
  expect(JSON.parse(yamlToJson('{a: 1}x').json)).toEqual({ a: 1 });
  expect(JSON.parse(yamlToJson('{a: 1}{}').json)).toEqual({ a: 1 });
  for (const text of ['{', '{a: 1', '{"a"']) expect(() => yamlToJson(text)).toThrow(/^yaml: line 1: did not find expected/);
});

test('bytes that are no UTF-8 and halves of surrogate pairs become replacement characters', () => {
  const read = (bytes: Buffer): unknown =>
    decodeBody(bytes, MEDIA_TYPES.json, { apiVersion: 'a.example.com/v1', kind: 'Thing' }).object['v'];
  const around = (inside: Buffer): Buffer =>
    Buffer.concat([Buffer.from('{"apiVersion":"a.example.com/v1","kind":"Thing","v":"'), inside, Buffer.from('"}')]);
  expect(read(around(Buffer.from([0xe2, 0x82])))).toBe('\ufffd\ufffd');
  expect(read(around(Buffer.from([0xc3, 0xa4, 0xff, 0x61])))).toBe('\u00e4\ufffda');
  expect(read(around(Buffer.from('\\udc00x')))).toBe('\ufffdx');
  expect(read(around(Buffer.from('\\ud83d\\ude00')))).toBe('\u{1f600}');
  expect(read(around(Buffer.from('\\\\udc00')))).toBe('\\udc00');
});

test('merging many times what is large is refused before it costs much', () => {
  const large = Array.from({ length: 2000 }, (_, i) => `k${i}: 1`).join(', ');
  const text = `a: &a {${large}}\nb:\n  <<: [${Array(1000).fill('*a').join(', ')}]\n`;
  expect(() => yamlToJson(text)).toThrow('excessive aliasing');
});
