// The socket: fastify over TLS, HTTP/2 or 1.1 as the client chooses by ALPN, one catch-all route; bodies as bytes, answers
// written by us. docs/adr/http2.md has the figures behind HTTP/2.
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { type FastifyRequest, fastify } from 'fastify';
import { tooLarge } from '../../kube/index.ts';
import { Connections } from './connections.ts';
import { handle } from './handler.ts';
import { sendError } from './respond.ts';
import type { HttpServerParts } from './server-parts.ts';
import { serveUpgrade } from './upgrade.ts';

const MAX_BODY_BYTES = 3 * 1024 * 1024;
/** Methods that are answered with a refusal of ours. */
const OTHER_METHODS = ['PROPFIND', 'PROPPATCH', 'MKCOL', 'COPY', 'MOVE', 'LOCK', 'UNLOCK', 'SEARCH', 'REPORT'];
const MEDIA_TYPE = /^[\w.+-]+\/[\w.+-]+\s*(;.*)?$/;
const KEEP_ALIVE_MS = 95_000;
/** Selectors make long URLs. */
const MAX_HEADER_BYTES = 64 * 1024;
/** Streams on one connection at a time: every informer of a client is one. */
const MAX_STREAMS = 1000;
/** How long requests in flight may take when the server ends. */
const GRACE_MS = 10_000;

export interface ListenOptions {
  readonly host: string;
  /** 0 = a free one. */
  readonly port: number;
  readonly tls: { readonly cert: string; readonly key: string; readonly clientCa: string };
}

export interface Listening {
  readonly port: number;
  /** Takes up a renewed certificate. */
  renew(tls: ListenOptions['tls']): void;
  /** Ends watches, lets writes finish, then closes. */
  close(): Promise<void>;
}

/** node:http2 answers HTTP/1.1 on the same port; both give requests and answers with the members that we use. */
function secureServer(tls: ListenOptions['tls'], answer: RequestListener): Http2SecureServer {
  const options = {
    cert: tls.cert,
    key: tls.key,
    ca: tls.clientCa,
    requestCert: true,
    rejectUnauthorized: false,
    keepAlive: true,
    noDelay: true,
    allowHTTP1: true,
    settings: { maxConcurrentStreams: MAX_STREAMS, maxHeaderListSize: MAX_HEADER_BYTES },
  };
  // What node:http takes as options, the HTTP/1.1 side of node:http2 reads from the server itself.
  const forHttp1 = { keepAliveTimeout: KEEP_ALIVE_MS, maxHeaderSize: MAX_HEADER_BYTES };
  return Object.assign(createSecureServer(options, answer as never), forHttp1);
}

export async function listen(parts: HttpServerParts, stop: AbortController, o: ListenOptions): Promise<Listening> {
  let made: Http2SecureServer | undefined;
  const server = fastify({
    serverFactory: answer => {
      made = secureServer(o.tls, answer as RequestListener);
      return made as unknown as Server;
    },
    bodyLimit: MAX_BODY_BYTES,
    return503OnClosing: false,
    exposeHeadRoutes: false,
    logger: false,
  });
  if (!made) throw new Error('fastify made no server');
  const secure = made;
  const connections = new Connections(secure, KEEP_ALIVE_MS);
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES },
    (_request: FastifyRequest, body: Buffer, done: (error: Error | null, body?: Buffer) => void) => done(null, body),
  );
  // What is no media type is judged by the handler, as every other type is.
  server.addHook('onRequest', (request, _reply, done) => {
    const { headers } = request.raw;
    if (headers['content-type'] === '') delete headers['content-type'];
    else if (headers['content-type'] !== undefined && !MEDIA_TYPE.test(headers['content-type']))
      headers['content-type'] = 'application/x-unknown';
    done();
  });
  for (const method of OTHER_METHODS) server.addHttpMethod(method, { hasBody: true });
  server.route({
    method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', ...OTHER_METHODS],
    url: '/*',
    handler: (request, reply) => {
      reply.hijack();
      const { body } = request;
      return handle(parts, request.raw, reply.raw, { body: Buffer.isBuffer(body) ? body : Buffer.alloc(0) });
    },
  });
  server.setErrorHandler((error: Error & { code?: string }, request, reply) => {
    reply.hijack();
    const limit = error.code === 'FST_ERR_CTP_BODY_TOO_LARGE' ? tooLarge(`Request entity too large: limit is ${MAX_BODY_BYTES}`) : error;
    sendError(
      {
        request: request.raw,
        response: reply.raw,
        auditId: parts.core.plane.clock.uuid(),
        body: Buffer.alloc(0),
        warnings: new Set(),
        gone: new AbortController(),
        encoding: 'json',
      },
      limit,
    );
  });
  secure.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => void serveUpgrade(parts, request, socket, head));
  await server.listen({ host: o.host, port: o.port });
  return {
    port: (secure.address() as AddressInfo).port,
    renew: tls => secure.setSecureContext({ cert: tls.cert, key: tls.key, ca: tls.clientCa }),
    async close() {
      stop.abort();
      const closed = server.close();
      await connections.end(parts.core.plane.clock, GRACE_MS);
      await closed;
    },
  };
}
