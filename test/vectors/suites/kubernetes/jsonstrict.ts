// Bodies of requests, well-formed and not: decoding, strictness, media types, depth.
import { equal, isObject } from '../../../../kube/index.ts';
import { agree, differ, type Suite } from '../../suite.ts';
import { type Answer, type RequestServer, requestServer } from './request-server.ts';

let server: RequestServer | undefined;

interface Input {
  readonly method?: string;
  readonly path: string;
  readonly contentType?: string | null;
  readonly fieldValidation?: string;
  readonly body?: string;
  readonly bodyBase64?: string;
  readonly bodyGenerated?: 'deep-arr' | 'deep-obj' | 'deep-cm';
  readonly depth?: number;
}

function generated({ bodyGenerated, depth = 0 }: Input): string {
  const list = '['.repeat(depth) + ']'.repeat(depth);
  if (bodyGenerated === 'deep-cm') return `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"zz":${list}}`;
  const value = bodyGenerated === 'deep-arr' ? list : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  return `{"apiVersion":"ssa.example.com/v1","kind":"Thing","metadata":{"name":"x"},"spec":{"any":{"v":${value}}}}`;
}

function bodyOf(input: Input): Buffer {
  if (input.bodyGenerated) return Buffer.from(generated(input));
  return input.bodyBase64 === undefined ? Buffer.from(input.body ?? '') : Buffer.from(input.bodyBase64, 'base64');
}

const FREE = ['uid', 'creationTimestamp', 'resourceVersion', 'selfLink', 'managedFields'];

/** Given out by a server: not in the recording. */
const ALLOCATED = new Set(['clusterIP', 'clusterIPs', 'nodePort', 'healthCheckNodePort']);

/** Without what the server makes up, and free source locations. */
function tidy(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/in scheme "[^"]*"/g, 'in scheme');
  if (Array.isArray(value)) return value.map(tidy);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, inner]) => (ALLOCATED.has(key) ? [] : [[key, tidy(inner)]])));
}

function objectOfAnswer(answer: Record<string, unknown>): unknown {
  const uid = isObject(answer['metadata']) ? answer['metadata']['uid'] : undefined;
  const body = JSON.parse(JSON.stringify(answer).replaceAll(String(uid), '<uid>')) as Record<string, unknown>;
  const meta = isObject(body['metadata']) ? { ...body['metadata'] } : {};
  for (const key of FREE) delete meta[key];
  return { ...body, metadata: meta };
}

function recorded(answer: Answer, expected: Record<string, unknown>): Record<string, unknown> {
  const got: Record<string, unknown> = { code: answer.code };
  if (answer.warnings.length > 0) got['warnings'] = answer.warnings;
  if (!isObject(answer.body)) return { ...got, text: answer.body };
  if (answer.code >= 400) {
    const { kind: _kind, apiVersion: _version, metadata: _metadata, ...status } = answer.body;
    const start = expected['messageStart'];
    if (typeof start === 'string') return { ...got, messageStart: String(status['message']).slice(0, start.length) };
    return { ...got, status };
  }
  return 'object' in expected ? { ...got, object: objectOfAnswer(answer.body) } : got;
}

export const suite: Suite = {
  async setup({ dir }) {
    server = await requestServer(dir, ['ssa']);
  },
  async check({ in: raw, out }) {
    const input = raw as unknown as Input;
    const apply = input.method === 'PATCH';
    const query = `dryRun=All${input.fieldValidation ? `&fieldValidation=${input.fieldValidation}` : ''}${apply ? '&fieldManager=a' : ''}`;
    const answer = await server?.send({
      method: input.method ?? 'POST',
      path: `${input.path}${input.path.includes('?') ? '&' : '?'}${query}`,
      ...(typeof input.contentType === 'string' ? { contentType: input.contentType } : {}),
      body: bodyOf(input),
    });
    if (!answer) return undefined;
    const expected = out as Record<string, unknown>;
    const got = tidy(recorded(answer, expected));
    return equal(JSON.parse(JSON.stringify(got)), tidy(expected)) ? agree : differ(got, expected);
  },
  teardown: async () => server?.close(),
};
