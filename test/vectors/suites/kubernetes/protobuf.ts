// Recorded protobuf bodies: decoding gives the recorded object, encoding it gives the same bytes; what a server answers
// to bodies, broken ones among them.
import { builtinType, decodeProtobuf, encodeProtobuf, equal, isObject } from '../../../../kube/index.ts';
import { agree, differ, type Suite, type Verdict } from '../../suite.ts';
import { judgeAnswer } from './request-answer.ts';
import { type RequestServer, requestServer } from './request-server.ts';

let server: RequestServer | undefined;

interface Input {
  readonly type?: string;
  readonly path?: string;
  readonly contentType?: string | null;
  readonly fieldValidation?: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly protobuf: string;
}

export const suite: Suite = {
  async setup({ dir }) {
    server = await requestServer(dir, ['ssa']);
  },
  async check(c) {
    const input = c.in as unknown as Input;
    const bytes = Buffer.from(input.protobuf, 'base64');
    if (input.type === 'http') return checkPost(bytes, input, c.out as Record<string, unknown>);
    if (!builtinType(input.apiVersion, input.kind)) return undefined;
    const { object } = c.out as { object: Record<string, unknown> & { apiVersion: string; kind: string } };
    const decoded = decodeProtobuf(bytes, { apiVersion: input.apiVersion, kind: input.kind }).object;
    if (!equal(bare(decoded), bare(object))) return differ(decoded, object);
    // The recorded object has been through JSON.parse; only the decoded one still knows the digits of long integers.
    const encoded = Buffer.from(encodeProtobuf(hasUnsafeInteger(object) ? (decoded as typeof object) : object));
    if (encoded.equals(bytes)) return agree;
    return differ(encoded.toString('base64'), input.protobuf, listed(object, bytes.length - encoded.length));
  },
  teardown: async () => server?.close(),
};

/** A body posted to a whole server. */
async function checkPost(bytes: Buffer, input: Input, out: Record<string, unknown>): Promise<Verdict | undefined> {
  const query = `dryRun=All${input.fieldValidation ? `&fieldValidation=${input.fieldValidation}` : ''}`;
  const contentType = typeof input.contentType === 'string' ? { contentType: input.contentType } : {};
  const answer = await server?.send({ method: 'POST', path: `${input.path}?${query}`, ...contentType, body: bytes });
  return answer && judgeAnswer(answer, out);
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
