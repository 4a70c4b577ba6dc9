// Hands a request on to a member and its answer back, as they come. Where both sides change their protocol (exec, attach,
// port-forward), the two sockets are joined.
import type { IncomingMessage } from 'node:http';
import { type Agent, type RequestOptions, request } from 'node:https';
import type { Socket } from 'node:net';
import { StatusError } from '../../kube/index.ts';
import type { Call } from '../http/server-parts.ts';
import type { Upgrade } from '../registry/index.ts';

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

/** Where a member is, and whom it takes us for. */
export interface Upstream {
  readonly url: URL;
  readonly token: string;
  readonly agent: Agent;
}

/** Resolves when the answer has been handed on to its end, or the caller has gone. */
export function forward(c: Call, upstream: Upstream): Promise<void> {
  const { response } = c.x;
  return new Promise((resolve, reject) => {
    const sent = request(optionsFor(c, upstream), answer => {
      sent.setTimeout(0);
      handOn(c, answer, resolve);
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${CONNECT_MS / 1000} s`)));
    sent.on('error', error => (response.headersSent ? response.destroy() : reject(unreachable(c.r.name, error))));
    sent.end(c.x.body);
  });
}

/** The same for a connection that is to change its protocol; a member that refuses gives an ordinary answer. */
export function forwardUpgrade(c: Call, upstream: Upstream, upgrade: Upgrade): Promise<void> {
  const { headers } = c.x.request;
  const options = optionsFor(c, upstream);
  const asked = { ...(options.headers as Record<string, string[]>), connection: 'Upgrade', upgrade: headers.upgrade ?? '' };
  return new Promise((resolve, reject) => {
    const sent = request({ ...options, headers: asked }, answer => {
      sent.setTimeout(0);
      handOn(c, answer, resolve);
    });
    sent.on('upgrade', (answer: IncomingMessage, member: Socket, first: Buffer) => {
      sent.setTimeout(0);
      const caller = upgrade.take();
      caller.socket.write(headOf(answer));
      if (first.length > 0) caller.socket.write(first);
      if (caller.head.length > 0) member.write(caller.head);
      join(caller.socket, member, resolve);
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${CONNECT_MS / 1000} s`)));
    sent.on('error', error => reject(unreachable(c.r.name, error)));
    sent.end();
  });
}

/** Bytes of each go to the other until one of them has ended. */
function join(a: Socket, b: Socket, ended: () => void): void {
  a.pipe(b);
  b.pipe(a);
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    one.on('error', () => other.destroy());
    one.on('close', () => {
      other.destroy();
      ended();
    });
  }
}

function headOf(answer: IncomingMessage): string {
  const lines = [`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}`];
  for (let i = 0; i < answer.rawHeaders.length; i += 2) lines.push(`${answer.rawHeaders[i]}: ${answer.rawHeaders[i + 1]}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function optionsFor(c: Call, upstream: Upstream): RequestOptions {
  const asked = c.x.request;
  return {
    agent: upstream.agent,
    method: asked.method ?? 'GET',
    path: `${upstream.url.pathname.replace(/\/$/, '')}${behindProxy(asked.url ?? '')}`,
    host: upstream.url.hostname,
    port: upstream.url.port || 443,
    headers: headersFor(c, upstream.token),
    signal: c.x.gone.signal,
    timeout: CONNECT_MS,
  };
}

function handOn(c: Call, answer: IncomingMessage, ended: () => void): void {
  const { response } = c.x;
  const headers = Object.entries(answer.headers).filter(([name]) => !NOT_FORWARDED.has(name));
  response.writeHead(answer.statusCode ?? 502, Object.fromEntries(headers));
  response.flushHeaders();
  answer.pipe(response);
  answer.on('end', ended);
  answer.on('error', () => response.destroy());
  response.on('close', () => {
    answer.destroy();
    ended();
  });
}

/** Path and query behind `/proxy`, as they were sent. */
function behindProxy(url: string): string {
  const rest = url.slice(url.indexOf('/proxy', url.indexOf('/clusters/')) + '/proxy'.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** What the caller sent, repeated headers one by one, on behalf of the caller. */
function headersFor(c: Call, token: string): Record<string, string[]> {
  const headers: Record<string, string[]> = {};
  const { rawHeaders } = c.x.request;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]?.toLowerCase() ?? '';
    if (name.startsWith(':') || name.startsWith('impersonate-') || NOT_FORWARDED.has(name)) continue;
    headers[name] = [...(headers[name] ?? []), rawHeaders[i + 1] ?? ''];
  }
  const groups = c.user.groups.filter(g => !SKIPPED_GROUPS.has(g));
  headers['authorization'] = [`Bearer ${token}`];
  headers['impersonate-user'] = [c.user.username];
  if (groups.length > 0) headers['impersonate-group'] = groups;
  if (c.x.body.length > 0) headers['content-length'] = [String(c.x.body.length)];
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
