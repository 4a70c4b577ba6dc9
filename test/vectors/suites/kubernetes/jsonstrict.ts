// Bodies of requests, well-formed and not: decoding, strictness, media types, depth.
import type { Suite } from '../../suite.ts';
import { judgeAnswer } from './request-answer.ts';
import { type RequestServer, requestServer } from './request-server.ts';

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
    return judgeAnswer(answer, out as Record<string, unknown>);
  },
  teardown: async () => server?.close(),
};
