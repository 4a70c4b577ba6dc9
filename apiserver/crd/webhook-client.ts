// Posts ConversionReviews over HTTPS: to a URL, or to a service whose address the caller resolves.
import { Agent, request } from 'undici';
import { objectOf, stringOf } from '../../kube/index.ts';
import type { CallWebhook } from './convert.ts';

const TIMEOUT_MS = 30_000;
const MAX_ANSWER = 64 * 1024 * 1024;

/** Where a service listens: `https://host:port`. */
export type ResolveService = (service: { readonly namespace: string; readonly name: string; readonly port: number }) => string;

/** Calls webhooks; connections are kept per certificate bundle, at most 64 of them. */
export function webhookClient(resolve: ResolveService): { readonly call: CallWebhook; close(): Promise<void> } {
  const agents = new Map<string, Agent>();
  const agentOf = (ca: string): Agent => {
    const known = agents.get(ca);
    if (known) return known;
    const [oldest] = agents.keys();
    if (agents.size >= 64 && oldest !== undefined) {
      void agents.get(oldest)?.close();
      agents.delete(oldest);
    }
    const agent = new Agent({ connect: ca ? { ca: Buffer.from(ca, 'base64').toString('utf8') } : {} });
    agents.set(ca, agent);
    return agent;
  };
  return {
    async call(clientConfig, review, signal) {
      const deadline = AbortSignal.timeout(TIMEOUT_MS);
      const url = urlOf(clientConfig, resolve);
      const answer = await request(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify(review),
        dispatcher: agentOf(stringOf(clientConfig['caBundle'])),
        signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
      });
      const text = await readBounded(answer.body);
      if (answer.statusCode < 200 || answer.statusCode > 299) throw new Error(`the server answered ${answer.statusCode}`);
      return JSON.parse(text) as unknown;
    },
    async close() {
      await Promise.all([...agents.values()].map(a => a.close()));
    },
  };
}

async function readBounded(body: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of body) {
    size += part.length;
    if (size > MAX_ANSWER) throw new Error(`the answer is larger than ${MAX_ANSWER} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function urlOf(clientConfig: Readonly<Record<string, unknown>>, resolve: ResolveService): string {
  const url = stringOf(clientConfig['url']);
  if (url) return url;
  const service = objectOf(clientConfig['service']);
  const port = typeof service['port'] === 'number' ? service['port'] : 443;
  const base = resolve({ namespace: stringOf(service['namespace']), name: stringOf(service['name']), port });
  return `${base}${stringOf(service['path']) || '/'}`;
}
