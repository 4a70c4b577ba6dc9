// Writing answers: status, headers that every answer carries, bodies as they are stored wherever possible.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzip } from 'node:zlib';
import { encodeProtobuf, isStatusError, StatusError, writeYaml } from '../../kube/index.ts';
import type { Trail } from '../audit/index.ts';
import type { Upgrade } from '../registry/index.ts';
import type { Accepted, Encoding } from './negotiate.ts';

const GZIP_FROM_BYTES = 128 * 1024;
const MAX_WARNING_RUNES = 4096;
const LONG_WARNING = 256;

/** One request and its answer, with what has been found out about it on the way. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly auditId: string;
  readonly body: Buffer;
  readonly warnings: Set<string>;
  /** Its signal fires when the caller goes before the answer is whole. Made where it is first asked for: most requests never wait. */
  readonly gone: Pick<AbortController, 'signal'>;
  /** The request wants another protocol. */
  readonly upgrade?: Upgrade;
  /** The encoding errors are written in. */
  encoding: Encoding;
  /** The caller may do this: what is forbidden from here on is forbidden by rules. */
  permitted?: boolean;
  /** Where the request is logged. */
  audit?: Trail | undefined;
}

export function send(x: Exchange, code: number, body: Buffer | string, headers: Record<string, string>): void {
  const { response } = x;
  if (response.headersSent || response.destroyed) return;
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  response.setHeader('Audit-Id', x.auditId);
  response.setHeader('Cache-Control', 'no-cache, private');
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  const warnings = warningHeaders(x.warnings);
  if (warnings.length > 0) response.setHeader('Warning', warnings);
  if (bytes.length > GZIP_FROM_BYTES && x.request.headers['accept-encoding'] === 'gzip') {
    response.setHeader('Vary', 'Accept-Encoding');
    gzip(bytes, { level: 1 }, (error, zipped) => {
      if (error) return void response.destroy(error);
      response.setHeader('Content-Encoding', 'gzip');
      finish(response, code, zipped);
    });
    return;
  }
  finish(response, code, bytes);
}

function finish(response: ServerResponse, code: number, bytes: Buffer): void {
  response.setHeader('Content-Length', bytes.length);
  response.writeHead(code);
  response.end(bytes);
}

/** JSON bytes in the encoding asked for. */
export function sendObject(x: Exchange, code: number, json: Buffer, accepted: Accepted): void {
  x.audit?.response(json);
  if (accepted.encoding !== 'json')
    return send(x, code, encoded(JSON.parse(json.toString()), accepted.encoding), { 'Content-Type': accepted.contentType });
  const body = accepted.pretty ? `${JSON.stringify(JSON.parse(json.toString()), null, 2)}\n` : json;
  send(x, code, body, { 'Content-Type': 'application/json' });
}

const ENCODED: Readonly<Record<Encoding, string>> = {
  json: 'application/json',
  yaml: 'application/yaml',
  protobuf: 'application/vnd.kubernetes.protobuf',
};

/** YAML or protobuf. */
function encoded(
  object: Readonly<Record<string, unknown>> & { apiVersion?: string; kind: string },
  encoding: 'yaml' | 'protobuf',
): Buffer | string {
  if (encoding === 'protobuf') return Buffer.from(encodeProtobuf({ ...object, apiVersion: object.apiVersion ?? 'v1' }));
  return writeYaml(object);
}

export function sendText(x: Exchange, code: number, text: string): void {
  send(x, code, text, { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' });
}

/** What the authorizer said, for the audit log. */
export function tellDecision(x: Exchange, decision: 'allow' | 'forbid', reason: string): void {
  x.audit?.annotate('authorization.k8s.io/decision', decision);
  x.audit?.annotate('authorization.k8s.io/reason', reason);
}

/** Any failure as a Status; what is no StatusError is ours, and its text stays in the log. */
export function sendError(x: Exchange, error: unknown): void {
  const status = isStatusError(error)
    ? error
    : new StatusError({ code: 500, reason: 'InternalError', message: 'Internal error occurred: see the log of the server', cause: error });
  const told = status.toStatus();
  x.audit?.refused({ ...told });
  const headers: Record<string, string> = { 'Content-Type': ENCODED[x.encoding] };
  const retry = status.details?.retryAfterSeconds;
  if (retry) headers['Retry-After'] = String(retry);
  if (status.code === 403 && !x.permitted) tellDecision(x, 'forbid', '');
  if ((status.code === 403 || status.code === 400) && !x.permitted) headers['X-Content-Type-Options'] = 'nosniff';
  send(x, status.code, x.encoding === 'json' ? JSON.stringify(told) : encoded(told as never, x.encoding), headers);
}

/** `299 - "text"`. Once all together are too much, each is cut to a length, and those come that begin below the limit. */
function warningHeaders(warnings: ReadonlySet<string>): string[] {
  const texts = [...warnings].map(text => [...text]);
  const tooMuch = texts.reduce((sum, text) => sum + text.length, 0) > MAX_WARNING_RUNES;
  const headers: string[] = [];
  let size = 0;
  for (const runes of texts) {
    if (size >= MAX_WARNING_RUNES && tooMuch) break;
    const shown = tooMuch ? runes.slice(0, LONG_WARNING) : runes;
    size += shown.length;
    // Header values are Latin-1 on the wire: UTF-8 bytes go out as they are.
    headers.push(Buffer.from(`299 - ${JSON.stringify(shown.join('').replace(/[\u0000-\u001f\u007f]/g, ' '))}`).toString('latin1'));
  }
  return headers;
}
