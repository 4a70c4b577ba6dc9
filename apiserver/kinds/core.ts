// ConfigMap, Secret, ServiceAccount and Namespace.
import { equal, isObject } from '../../kube/index.ts';
import { forbiddenField, IMMUTABLE, invalidValue, mapKey, required, texts, tooLong } from './checks.ts';
import type { KindDefinition } from './define.ts';
import { configKey, qualifiedName } from './names.ts';
import { ensure, entries, type Faults, flag, has, type Obj, presetText, strings, sub, text } from './read.ts';

const MAX_DATA = 1024 * 1024;
const WHEN_IMMUTABLE = 'field is immutable when `immutable` is set';

const decodedLength = (base64: string): number => Buffer.byteLength(base64, 'base64');

function immutableData(faults: Faults, o: Obj, old: Obj, keys: readonly string[]): void {
  if (!flag(old, 'immutable')) return;
  if (!flag(o, 'immutable')) faults.push(forbiddenField('immutable', WHEN_IMMUTABLE));
  for (const key of keys) if (!equal(o[key] ?? {}, old[key] ?? {})) faults.push(forbiddenField(key, WHEN_IMMUTABLE));
}

export const configMap: KindDefinition = {
  scope: 'Namespaced',
  update: ['meta', 'changes', 'full'],
  spec(faults, o) {
    let size = 0;
    const binary = sub(o, 'binaryData');
    for (const [key, value] of entries(o, 'data')) {
      texts(faults, mapKey('data', key), key, configKey(key));
      if (Object.hasOwn(binary, key)) faults.push(invalidValue(mapKey('data', key), key, 'duplicate of key present in binaryData'));
      size += Buffer.byteLength(value);
    }
    for (const [key, value] of entries(o, 'binaryData')) {
      texts(faults, mapKey('binaryData', key), key, configKey(key));
      size += decodedLength(value);
    }
    if (size > MAX_DATA) faults.push(tooLong('[]', MAX_DATA));
  },
  changes: (faults, o, old) => immutableData(faults, o, old, ['data', 'binaryData']),
};

const SECRET_KEYS: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
};

export const secret: KindDefinition = {
  scope: 'Namespaced',
  update: ['meta', 'changes', 'full'],
  defaults(o) {
    const plain = o['stringData'];
    delete o['stringData'];
    if (isObject(plain))
      for (const [key, value] of Object.entries(plain))
        Object.defineProperty(ensure(o, 'data'), key, {
          value: Buffer.from(String(value), 'utf8').toString('base64'),
          enumerable: true,
          writable: true,
          configurable: true,
        });
    presetText(o, 'type', 'Opaque');
  },
  prepareUpdate(o, old) {
    if (text(o, 'type') === '') o['type'] = old['type'];
  },
  spec(faults, o) {
    let size = 0;
    for (const [key, value] of entries(o, 'data')) {
      texts(faults, mapKey('data', key), key, configKey(key));
      size += decodedLength(value);
    }
    if (size > MAX_DATA) faults.push(tooLong('data', MAX_DATA));
    secretType(faults, o);
  },
  changes(faults, o, old) {
    if (text(o, 'type') !== text(old, 'type')) faults.push(invalidValue('type', text(o, 'type'), IMMUTABLE));
    immutableData(faults, o, old, ['data']);
  },
  warnings: secretWarnings,
};

function secretType(faults: Faults, o: Obj): void {
  const type = text(o, 'type');
  const data = sub(o, 'data');
  if (type === 'kubernetes.io/service-account-token') {
    const name = sub(sub(o, 'metadata'), 'annotations')['kubernetes.io/service-account.name'];
    if (typeof name !== 'string' || name === '') faults.push(required('metadata.annotations[kubernetes.io/service-account.name]'));
  } else if (type === 'kubernetes.io/basic-auth') {
    if (!Object.hasOwn(data, 'username') && !Object.hasOwn(data, 'password')) {
      faults.push(required('data[username]'));
      faults.push(required('data[password]'));
    }
  }
  for (const key of Object.hasOwn(SECRET_KEYS, type) ? (SECRET_KEYS[type] ?? []) : []) {
    if (!Object.hasOwn(data, key) || (type === 'kubernetes.io/ssh-auth' && data[key] === '')) faults.push(required(mapKey('data', key)));
    else if (key.startsWith('.docker')) dockerConfig(faults, key, String(data[key]));
  }
}

function dockerConfig(faults: Faults, key: string, value: string): void {
  const path = mapKey('data', key);
  const json = Buffer.from(value, 'base64').toString('utf8');
  try {
    const parsed: unknown = JSON.parse(json);
    if (!isObject(parsed) && parsed !== null)
      faults.push(
        invalidValue(
          path,
          '<secret contents redacted>',
          `json: cannot unmarshal ${jsonKind(parsed)} into Go value of type map[string]interface {}`,
        ),
      );
  } catch {
    faults.push(invalidValue(path, '<secret contents redacted>', goJsonError(json)));
  }
}

const jsonKind = (v: unknown): string => (Array.isArray(v) ? 'array' : typeof v === 'boolean' ? 'bool' : typeof v);

/** The decoder's words for the first thing that is wrong. */
function goJsonError(json: string): string {
  const start = json.trimStart();
  if (start === '') return 'unexpected end of JSON input';
  const first = start[0] ?? '';
  if (!/[{["\-0-9tfn]/.test(first)) return `invalid character '${first}' looking for beginning of value`;
  return 'unexpected end of JSON input';
}

function secretWarnings(o: Obj): string[] {
  if (text(o, 'type') !== 'kubernetes.io/tls') return [];
  const data = sub(o, 'data');
  const pem = (key: string): string => Buffer.from(String(data[key] ?? ''), 'base64').toString('utf8');
  if (!Object.hasOwn(data, 'tls.crt')) return [];
  if (!/-----BEGIN [A-Z ]+-----/.test(pem('tls.crt'))) return ['tls: failed to find any PEM data in certificate input'];
  if (!/-----BEGIN [A-Z ]+-----/.test(pem('tls.key'))) return ['tls: failed to find any PEM data in key input'];
  return [];
}

export const serviceAccount: KindDefinition = {
  scope: 'Namespaced',
  deleteReply: 'object',
  subresources: ['token'],
  update: ['meta', 'full'],
};

const FINALIZE = 'kubernetes';

export const namespace: KindDefinition = {
  scope: 'Cluster',
  name: 'label',
  status: true,
  deleteReply: 'object',
  subresources: ['finalize', 'status'],
  update: ['full', 'meta', 'changes'],
  defaults(o) {
    presetText(ensure(o, 'status'), 'phase', 'Active');
    const meta = ensure(o, 'metadata');
    const name = text(meta, 'name');
    if (name !== '') ensure(meta, 'labels')['kubernetes.io/metadata.name'] = name;
  },
  prepareCreate(o) {
    const spec = ensure(o, 'spec');
    const before = strings(spec, 'finalizers');
    if (!before.includes(FINALIZE)) spec['finalizers'] = [...before, FINALIZE];
    o['status'] = { phase: 'Active' };
  },
  prepareUpdate(o, old, subresource) {
    if (subresource === 'finalize') {
      o['status'] = old['status'];
      return;
    }
    const finalizers = sub(old, 'spec')['finalizers'];
    const spec = ensure(o, 'spec');
    if (finalizers === undefined) delete spec['finalizers'];
    else spec['finalizers'] = finalizers;
  },
  spec(faults, o) {
    strings(sub(o, 'spec'), 'finalizers').forEach(name => {
      finalizerName(faults, 'spec.finalizers', name);
    });
  },
  changes(faults, o, _old, subresource) {
    if (subresource !== 'status') return;
    const ending = has(sub(o, 'metadata'), 'deletionTimestamp');
    const phase = text(sub(o, 'status'), 'phase');
    if (phase === (ending ? 'Terminating' : 'Active')) return;
    const why = ending
      ? "may only be 'Terminating' if `deletionTimestamp` is not empty"
      : "may only be 'Active' if `deletionTimestamp` is empty";
    faults.push(invalidValue('status.Phase', phase, why));
  },
};

function finalizerName(faults: Faults, path: string, name: string): void {
  texts(faults, path, name, qualifiedName(name));
  if (!name.includes('/') && !['kubernetes', 'orphan', 'foregroundDeletion'].includes(name))
    faults.push(invalidValue(path, name, 'name is neither a standard finalizer name nor is it fully qualified'));
}
