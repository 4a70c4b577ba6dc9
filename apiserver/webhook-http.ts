// Posts JSON to webhooks over HTTPS: to a URL, or to a Service of this server. Connections are kept per certificate bundle and
// server name, at most 64 of them; waiting and answers are bounded. undici is loaded with the first call.
import { isIP } from 'node:net';
import type { Agent } from 'undici';
import { type Clock, objectOf, stringOf } from '../kube/index.ts';
import type { Address, ServiceTarget } from './service-address.ts';

const MAX_AGENTS = 64;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

export interface WebhookHttpOptions {
  readonly clock: Clock;
  readonly resolve: (service: ServiceTarget) => Address;
}

export interface WebhookCall {
  /** url or service, and caBundle. */
  readonly clientConfig: Readonly<Record<string, unknown>>;
  readonly timeoutSeconds: number;
  /** Put on the URL, without the question mark. */
  readonly query: string;
  readonly body: unknown;
}

/** What a webhook said, whatever its status. */
export interface WebhookAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

export interface WebhookHttp {
  /** Fails with a text that names the URL when the webhook cannot be reached or does not answer in time. */
  post(call: WebhookCall, signal?: AbortSignal): Promise<WebhookAnswer>;
  close(): Promise<void>;
}

interface Place {
  /** As messages show it. */
  readonly url: string;
  readonly servername: string;
  /** Where it really is, for a service. */
  readonly address?: Address;
}

/** The client. */
export function webhookHttp(o: WebhookHttpOptions): WebhookHttp {
  const agents = new Map<string, Agent>();
  const agentFor = async (ca: string, servername: string): Promise<Agent> => {
    const undici = await import('undici');
    const key = `${servername} ${ca}`;
    const known = agents.get(key);
    if (known) return known;
    const [oldest] = agents.keys();
    if (agents.size >= MAX_AGENTS && oldest !== undefined) {
      void agents.get(oldest)?.close();
      agents.delete(oldest);
    }
    const trust = ca ? { ca: Buffer.from(ca, 'base64').toString('utf8') } : {};
    const named = isIP(servername) ? {} : { servername };
    const agent = new undici.Agent({ connect: { ...trust, ...named }, keepAliveTimeout: 10_000, connections: 32 });
    agents.set(key, agent);
    return agent;
  };
  return {
    async post(call, signal) {
      const place = placeOf(call.clientConfig);
      const url = `${place.url}${call.query ? `?${call.query}` : ''}`;
      const deadline = new AbortController();
      const timer = o.clock.after(call.timeoutSeconds * 1000, () => deadline.abort());
      try {
        const service = serviceOf(call.clientConfig);
        const target = service ? moved(url, o.resolve(service)) : url;
        const dispatcher = await agentFor(stringOf(call.clientConfig['caBundle']), place.servername);
        const ended = signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal;
        return await send(target, { host: new URL(url).host, body: JSON.stringify(call.body), dispatcher, signal: ended });
      } catch (error) {
        signal?.throwIfAborted();
        throw new Error(`Post ${JSON.stringify(url)}: ${deadline.signal.aborted ? 'context deadline exceeded' : reasonOf(error)}`, {
          cause: error,
        });
      } finally {
        timer.cancel();
      }
    },
    async close() {
      await Promise.all([...agents.values()].map(a => a.close()));
    },
  };
}

function serviceOf(config: Readonly<Record<string, unknown>>): ServiceTarget | undefined {
  if (stringOf(config['url'])) return undefined;
  const { namespace, name, port } = objectOf(config['service']);
  return { namespace: stringOf(namespace), name: stringOf(name), port: typeof port === 'number' ? port : 443 };
}

function placeOf(config: Readonly<Record<string, unknown>>): Place {
  const service = serviceOf(config);
  if (!service) {
    const url = stringOf(config['url']);
    return { url, servername: new URL(url).hostname.replace(/^\[|\]$/g, '') };
  }
  const servername = `${service.name}.${service.namespace}.svc`;
  const path = stringOf(objectOf(config['service'])['path']).replace(/^\/?/, '/');
  return { url: `https://${servername}:${service.port}${path}`, servername };
}

function moved(url: string, { host, port }: Address): string {
  const target = new URL(url);
  target.hostname = host.includes(':') ? `[${host}]` : host;
  target.port = String(port);
  return target.href;
}

async function send(
  url: string,
  o: { readonly host: string; readonly body: string; readonly dispatcher: Agent; readonly signal: AbortSignal },
): Promise<WebhookAnswer> {
  const { request } = await import('undici');
  const answer = await request(url, {
    method: 'POST',
    headers: { host: o.host, 'content-type': 'application/json', accept: 'application/json' },
    body: o.body,
    dispatcher: o.dispatcher,
    signal: o.signal,
  });
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of answer.body as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_ANSWER_BYTES) throw new Error(`the answer is larger than ${MAX_ANSWER_BYTES} bytes`);
    parts.push(part);
  }
  const type = answer.headers['content-type'];
  return { status: answer.statusCode, contentType: typeof type === 'string' ? type : '', text: Buffer.concat(parts).toString('utf8') };
}

const UNTRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);

interface Fault extends Error {
  readonly code?: string;
  readonly address?: string;
  readonly port?: number;
}

/** In the words operators know from other API servers. */
function reasonOf(error: unknown): string {
  const e = error as Fault & { readonly errors?: readonly Fault[] };
  const { code = '', address = '', port, message } = e.errors?.[0] ?? e;
  const dialled = `dial tcp ${address.includes(':') ? `[${address}]` : address}:${port}`;
  if (code === 'ECONNREFUSED') return `${dialled}: connect: connection refused`;
  if (code === 'EHOSTUNREACH') return `${dialled}: connect: no route to host`;
  if (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET') return 'EOF';
  if (code === 'ENOTFOUND') return `dial tcp: lookup ${(e as { hostname?: string }).hostname ?? ''}: no such host`;
  if (UNTRUSTED.has(code)) return 'tls: failed to verify certificate: x509: certificate signed by unknown authority';
  if (code === 'CERT_HAS_EXPIRED') return 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid';
  return message;
}

const REFUSALS: ReadonlyMap<number, string> = new Map([
  [400, 'the server rejected our request for an unknown reason'],
  [401, 'the server has asked for the client to provide credentials'],
  [404, 'the server could not find the requested resource'],
  [405, 'the server does not allow this method on the requested resource'],
  [409, 'the server reported a conflict'],
  [422, 'the server rejected our request due to an error in our request'],
  [429, 'the server has received too many requests and has asked us to try again later'],
  [503, 'the server is currently unable to handle the request'],
  [504, 'the server was unable to return a response in the time allotted, but may still be processing the request'],
]);

/** Why an answer is none, in the words of other API servers; undefined for a success. */
export function refusalOf({ status, contentType, text }: WebhookAnswer): string | undefined {
  if (status >= 200 && status <= 206) return undefined;
  const told = contentType.startsWith('text/') && text ? text.trim() : 'unknown';
  const known = REFUSALS.get(status) ?? (status === 403 || status === 406 || status === 415 ? told : undefined);
  if (known) return known;
  return status >= 500
    ? `an error on the server (${JSON.stringify(told)}) has prevented the request from succeeding`
    : `the server responded with the status code ${status} but did not return more information`;
}
