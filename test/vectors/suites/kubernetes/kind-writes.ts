// One write of a built-in kind without a server: decoding, defaults, preparation, validation; what the two suites of kinds
// share. Server-made values are compared as the vectors' README says.
import type { Attributes } from '../../../../apiserver/admission/plugin.ts';
import { crdRules } from '../../../../apiserver/crd/crd-rules.ts';
import { withMetadata } from '../../../../apiserver/custom-rules.ts';
import { dropDuplicateOwners, kindFacts, kindRules, serviceAllocator } from '../../../../apiserver/kinds/index.ts';
import type { KindRules } from '../../../../apiserver/registry/rules.ts';
import {
  badRequest,
  builtinType,
  clone,
  decodeBody,
  invalid,
  isObject,
  listOf,
  MEDIA_TYPES,
  mulberry32,
  notFound,
  objectOf,
  parseApiVersion,
  type Reader,
  StatusError,
  stringOf,
} from '../../../../kube/index.ts';
import { agree, differ, type Verdict } from '../../suite.ts';
import { sameStatus } from './crd-compare.ts';

export type Plain = Record<string, unknown>;

export interface WriteResult {
  readonly code: number;
  readonly object?: Plain;
  readonly status?: unknown;
  readonly warnings?: readonly string[];
}

/** Only the namespaces of the recording exist. */
export const fixedReader: Reader = {
  async get(r, key) {
    if (r.kind !== 'Namespace') throw notFound({ group: r.group, plural: r.plural, name: key.name });
    return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: key.name } } as never;
  },
  list: async () => ({ resourceVersion: '1', items: [] }),
};

const admin = {
  username: 'system:admin',
  groups: ['system:masters', 'system:authenticated'],
  extra: { 'authentication.kubernetes.io/credential-id': ['X509SHA256=dc4556598dab654b80eeee9645a53819746a054bf0c307c938531ed381e2a11e'] },
};

interface Place {
  readonly path: string;
  readonly namespace: string;
  /** Set for an update. */
  readonly old?: Plain;
}

/** The request as admission sees it. */
export function attributesOf(object: Plain, { path, namespace, old }: Place): Attributes {
  const { group, version } = parseApiVersion(stringOf(object['apiVersion']));
  const scope = namespace ? 'Namespaced' : 'Cluster';
  return {
    operation: old ? 'UPDATE' : 'CREATE',
    resource: { group, version, kind: stringOf(object['kind']), plural: path.split('/').at(old ? -2 : -1) ?? '', scope },
    subresource: '',
    namespace,
    name: stringOf(objectOf(object['metadata'])['name']),
    object,
    ...(old ? { oldObject: old } : {}),
    options: {},
    user: admin,
    dryRun: true,
    warn: () => {},
  };
}

/** The body as the server reads it, with what a strict decoder would refuse. */
export function decoded(
  body: unknown,
  expected: { readonly apiVersion: string; readonly kind: string },
): { object: Plain; notes: readonly string[] } {
  const { object, notes } = decodeBody(Buffer.from(JSON.stringify(body)), MEDIA_TYPES.json, expected);
  return { object: object as Plain, notes };
}

/** Rules of a kind, custom resource definitions included. */
export const rulesFor = (apiVersion: string, kind: string): KindRules | undefined =>
  kind === 'CustomResourceDefinition' ? withMetadata(crdRules, 'Cluster', 'none') : kindRules(apiVersion, kind);

/** A strict decoder's refusal of fields that the type does not know. */
export function strictRefusal(o: { readonly apiVersion: string; readonly kind: string }, notes: readonly string[]): StatusError {
  const version = o.apiVersion.split('/').at(-1);
  return badRequest(`${o.kind} in version "${version}" cannot be handled as a ${o.kind}: strict decoding error: ${notes.join(', ')}`);
}

export const factsFor = kindFacts;
export { dropDuplicateOwners };

/** The answer to a refused write. */
export function refusal(error: unknown): WriteResult {
  if (!(error instanceof StatusError)) throw error;
  const { kind: _kind, apiVersion: _apiVersion, metadata: _metadata, ...status } = error.toStatus();
  return { code: error.code, status };
}

export { builtinType, clone, invalid, objectOf, stringOf };

const REMOVED = ['uid', 'creationTimestamp', 'resourceVersion', 'selfLink', 'managedFields'];

/** The object as recordings keep it: without what a server makes. */
export function comparable(object: Plain): Plain {
  const meta = { ...objectOf(object['metadata']) };
  for (const key of REMOVED) delete meta[key];
  return { ...object, metadata: meta };
}

/** Equality in which the recording's placeholders match any fit value. */
function matches(got: unknown, want: unknown): boolean {
  if (want === '<ip>' || want === '<uid>' || want === '<time>' || want === '<now>') return typeof got === 'string';
  // The client certificate of the recording was made anew now and then.
  if (typeof want === 'string' && want.startsWith('X509SHA256=')) return typeof got === 'string';
  if (want === '<port>') return typeof got === 'number';
  if (Array.isArray(want)) return Array.isArray(got) && got.length === want.length && want.every((w, i) => matches(got[i], w));
  if (isObject(want)) {
    if (!isObject(got)) return false;
    const keys = Object.keys(want);
    return (
      Object.keys(got).filter(k => got[k] !== undefined).length === keys.length &&
      keys.every(k => Object.hasOwn(got, k) && matches(got[k], want[k]))
    );
  }
  return got === want;
}

/** Judges a write against the recorded answer. */
export function judge(got: WriteResult, out: unknown): Verdict {
  const want = objectOf(out);
  const expected = { code: want['code'], object: want['object'], status: want['status'], warnings: want['warnings'] };
  const seen = { code: got.code, object: got.object && comparable(got.object), status: got.status, warnings: got.warnings };
  const same =
    got.code === want['code'] &&
    (want['object'] === undefined ? got.object === undefined : matches(seen.object, comparable(objectOf(want['object'])))) &&
    (want['status'] === undefined ? got.status === undefined : sameStatus(got.status, want['status'], want['unordered'] === true)) &&
    matches(got.warnings ?? [], want['warnings'] ?? []);
  if (same) return agree;
  const shuffled = got.code === want['code'] && want['status'] !== undefined && sameStatus(got.status, want['status'], true);
  return differ(
    seen,
    expected,
    shuffled && overAMap(want['status']) ? 'the reference walks a hash map: faults of its members come in any order' : undefined,
  );
}

const MAPS = /(labels|annotations|requests|limits|hard|matchLabels|nodeSelector)(\[|$)|properties\[/;

/** Whether several faults are about members of one map, so that the reference tells them in any order. */
function overAMap(status: unknown): boolean {
  const fields = listOf(objectOf(objectOf(status)['details'])['causes']).map(c => stringOf(objectOf(c)['field']));
  return fields.filter(f => MAPS.test(f)).length > 1;
}

/** Gives a service its addresses, as happens before its rules are asked; throws what is wrong with them. */
export function allocate(object: Plain, old?: Plain): void {
  const allocator = serviceAllocator({ cidr: '10.96.0.0/12', nodePortRange: { from: 30000, to: 32767 }, random: mulberry32(1) });
  if (old) allocator.adopt(old);
  const faults = allocator.allocate(object, { old });
  if (faults.length > 0) throw invalid({ group: '', kind: 'Service', name: stringOf(objectOf(object['metadata'])['name']) }, faults);
}

export { StatusError };
