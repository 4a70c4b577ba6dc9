// Recorded protobuf bodies: decoding gives the recorded object, encoding it gives the same bytes; broken bodies are refused in the
// recorded words. Bodies that decode and are judged by validation need a server and are left out here.
import { builtinType, decodeProtobuf, encodeProtobuf, equal, isObject, isStatusError } from '../../../../kube/index.ts';
import { agree, differ, type Suite } from '../../suite.ts';

const KINDS: Record<string, { apiVersion: string; kind: string }> = {
  configmaps: { apiVersion: 'v1', kind: 'ConfigMap' },
  secrets: { apiVersion: 'v1', kind: 'Secret' },
  namespaces: { apiVersion: 'v1', kind: 'Namespace' },
  roles: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role' },
  leases: { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' },
};

interface Input {
  readonly type?: string;
  readonly path?: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly protobuf: string;
}

export const suite: Suite = {
  check(c) {
    const input = c.in as unknown as Input;
    const bytes = Buffer.from(input.protobuf, 'base64');
    if (input.type === 'http') return checkRefusal(bytes, input.path ?? '', c.out as { status?: { message: string; code: number } });
    if (!builtinType(input.apiVersion, input.kind)) return undefined;
    const { object } = c.out as { object: Record<string, unknown> & { apiVersion: string; kind: string } };
    const decoded = decodeProtobuf(bytes, { apiVersion: input.apiVersion, kind: input.kind }).object;
    if (!equal(bare(decoded), bare(object))) return differ(decoded, object);
    const encoded = Buffer.from(encodeProtobuf(object));
    if (encoded.equals(bytes)) return agree;
    return differ(encoded.toString('base64'), input.protobuf, listed(object, bytes.length - encoded.length));
  },
};

function checkRefusal(bytes: Uint8Array, path: string, out: { status?: { message: string; code: number } }): ReturnType<Suite['check']> {
  const expected = KINDS[path.slice(path.lastIndexOf('/') + 1)];
  const message = out.status?.message ?? '';
  const ours = / cannot be handled as a | is unrecognized /.test(message);
  if (!expected || !ours) return undefined;
  try {
    return differ(decodeProtobuf(bytes, expected).object, out);
  } catch (error) {
    if (!isStatusError(error)) throw error;
    const free = (text: string): string => text.replace(/in scheme "[^"]*"/, 'in scheme');
    return error.code === out.status?.code && free(error.message) === free(message) ? agree : differ(error.message, message);
  }
}

/** Differences that JSON brings: lost digits, and an empty byte field (two bytes) that it does not show. */
function listed(object: unknown, missingBytes: number): string | undefined {
  if (hasUnsafeInteger(object)) return 'integers beyond 2^53 lose digits';
  return missingBytes === 2 ? 'an empty byte field is not shown in JSON' : undefined;
}

function hasUnsafeInteger(value: unknown): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(hasUnsafeInteger);
}

/** Without zero values, empty lists and empty structs, which may be absent on either side. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.length ? value.map(item => bare(item) ?? null) : undefined;
  if (!isObject(value)) return value === null || value === '' || value === 0 || value === false ? undefined : value;
  const kept = Object.entries(value).flatMap(([key, item]) => {
    const rest = bare(item);
    return rest === undefined ? [] : [[key, rest] as const];
  });
  return kept.length ? Object.fromEntries(kept) : undefined;
}
