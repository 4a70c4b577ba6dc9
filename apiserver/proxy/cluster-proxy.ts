// clusters/<name>/proxy/<path>: a member's API through the control plane. The member is spoken to as its impersonator, on behalf
// of the caller; bytes go through as they come, both ways (specification: controllers §8.14).
import { Agent, type RequestOptions, request } from 'node:https';
import { type AnyObject, at, isObject, StatusError, stringOf, unavailable } from '../../kube/index.ts';
import type { Call } from '../http/resource.ts';
import type { Core } from '../registry/index.ts';

const MAX_AGENTS = 256;
const CONNECT_MS = 30_000;
/** Headers that belong to one connection, or that we set ourselves. */
const NOT_FORWARDED = new Set([
  'authorization',
  'connection',
  'host',
  'keep-alive',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
]);
const SKIPPED_GROUPS = new Set(['system:authenticated', 'system:unauthenticated']);

interface Upstream {
  readonly url: URL;
  readonly token: string;
  readonly agent: Agent;
}

/** Answers the proxy subresource of Clusters. */
export class ClusterProxy {
  readonly #core: Core;
  /** By what a connection is made from, so that new credentials make a new agent. */
  readonly #agents = new Map<string, Agent>();

  constructor(core: Core) {
    this.#core = core;
  }

  serve(c: Call): Promise<void> {
    if (c.x.request.headers.upgrade) {
      throw new StatusError({
        code: 501,
        reason: 'NotImplemented',
        message: 'upgraded connections (exec, attach, port-forward) do not go through the cluster proxy yet',
      });
    }
    const upstream = this.#upstream(c.r.name);
    return forward(c, upstream);
  }

  #upstream(name: string): Upstream {
    const cluster = this.#core.catalog.find('cluster.karmada.io', 'v1alpha1', 'clusters')?.collection.get('', name)?.object;
    if (!cluster) {
      throw new StatusError({
        code: 404,
        reason: 'NotFound',
        message: `clusters.cluster.karmada.io "${name}" not found`,
        details: { name, group: 'cluster.karmada.io', kind: 'clusters' },
      });
    }
    const endpoint = stringOf(at(cluster, 'spec', 'apiEndpoint'));
    if (!endpoint) throw unavailable(`the api endpoint of cluster ${name} is empty`);
    const impersonator = this.#secret(at(cluster, 'spec', 'impersonatorSecretRef'));
    if (!impersonator) throw unavailable(`the impersonatorSecretRef of cluster ${name} is nil, or its Secret is not there`);
    const token = decoded(impersonator, 'token');
    const insecure = at(cluster, 'spec', 'insecureSkipTLSVerification') === true;
    const own = this.#secret(at(cluster, 'spec', 'secretRef'));
    return { url: new URL(endpoint), token, agent: this.#agent(insecure ? '' : decoded(own, 'caBundle'), insecure) };
  }

  #secret(ref: unknown): AnyObject | undefined {
    if (!isObject(ref)) return undefined;
    return this.#core.catalog.find('', 'v1', 'secrets')?.collection.get(stringOf(ref['namespace']), stringOf(ref['name']))?.object;
  }

  #agent(ca: string, insecure: boolean): Agent {
    const id = `${insecure} ${ca}`;
    const known = this.#agents.get(id);
    if (known) return known;
    if (this.#agents.size >= MAX_AGENTS) {
      for (const agent of this.#agents.values()) agent.destroy();
      this.#agents.clear();
    }
    const agent = new Agent({ keepAlive: true, rejectUnauthorized: !insecure, ...(ca ? { ca } : {}) });
    this.#agents.set(id, agent);
    return agent;
  }
}

const decoded = (secret: AnyObject | undefined, key: string): string => Buffer.from(stringOf(at(secret, 'data', key)), 'base64').toString();

/** Resolves when the answer has been handed on to its end, or the caller has gone. */
function forward(c: Call, upstream: Upstream): Promise<void> {
  const { request: asked, response } = c.x;
  const options: RequestOptions = {
    agent: upstream.agent,
    method: asked.method ?? 'GET',
    path: `${upstream.url.pathname.replace(/\/$/, '')}${behindProxy(asked.url ?? '')}`,
    host: upstream.url.hostname,
    port: upstream.url.port || 443,
    headers: headersFor(c, upstream.token),
    signal: c.signal,
    timeout: CONNECT_MS,
  };
  return new Promise((resolve, reject) => {
    const sent = request(options, answer => {
      sent.setTimeout(0);
      const headers = Object.entries(answer.headers).filter(([name]) => !NOT_FORWARDED.has(name));
      response.writeHead(answer.statusCode ?? 502, Object.fromEntries(headers));
      response.flushHeaders();
      answer.pipe(response);
      answer.on('end', resolve);
      answer.on('error', () => response.destroy());
      response.on('close', () => {
        answer.destroy();
        resolve();
      });
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${CONNECT_MS / 1000} s`)));
    sent.on('error', error => (response.headersSent ? response.destroy() : reject(unreachable(c.r.name, error))));
    sent.end(c.x.body);
  });
}

/** Path and query behind `/proxy`, as they were sent. */
function behindProxy(url: string): string {
  const rest = url.slice(url.indexOf('/proxy', url.indexOf('/clusters/')) + '/proxy'.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function headersFor(c: Call, token: string): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(c.x.request.headers)) {
    if (value !== undefined && !NOT_FORWARDED.has(name) && !name.startsWith('impersonate-')) headers[name] = value;
  }
  const groups = c.user.groups.filter(g => !SKIPPED_GROUPS.has(g));
  headers['authorization'] = `Bearer ${token}`;
  headers['impersonate-user'] = c.user.username;
  if (groups.length > 0) headers['impersonate-group'] = groups;
  if (c.x.body.length > 0) headers['content-length'] = String(c.x.body.length);
  return headers;
}

function unreachable(name: string, error: Error): StatusError {
  const { code } = error as { code?: string };
  return new StatusError({
    code: 503,
    reason: 'ServiceUnavailable',
    message: `cluster ${name} is not reachable: ${code ?? error.message}`,
    cause: error,
  });
}
