// The socket: fastify over TLS, one catch-all route; bodies as bytes, answers written by us.
import type { IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type FastifyInstance, type FastifyRequest, fastify } from 'fastify';
import { tooLarge } from '../../kube/index.ts';
import { handle } from './handler.ts';
import { sendError } from './respond.ts';
import type { HttpServerParts } from './server-parts.ts';
import { serveUpgrade } from './upgrade.ts';

const MAX_BODY_BYTES = 3 * 1024 * 1024;
/** Methods that are answered with a refusal of ours. */
const OTHER_METHODS = ['PROPFIND', 'PROPPATCH', 'MKCOL', 'COPY', 'MOVE', 'LOCK', 'UNLOCK', 'SEARCH', 'REPORT'];
const MEDIA_TYPE = /^[\w.+-]+\/[\w.+-]+\s*(;.*)?$/;
const KEEP_ALIVE_MS = 95_000;

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

export async function listen(parts: HttpServerParts, stop: AbortController, o: ListenOptions): Promise<Listening> {
  const server: FastifyInstance = fastify({
    https: {
      cert: o.tls.cert,
      key: o.tls.key,
      ca: o.tls.clientCa,
      requestCert: true,
      rejectUnauthorized: false,
      keepAlive: true,
      noDelay: true,
    },
    bodyLimit: MAX_BODY_BYTES,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: 0,
    connectionTimeout: 0,
    maxRequestsPerSocket: 0,
    forceCloseConnections: true,
    return503OnClosing: false,
    exposeHeadRoutes: false,
    logger: false,
  });
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
        encoding: 'json',
      },
      limit,
    );
  });
  server.server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => void serveUpgrade(parts, request, socket, head));
  await server.listen({ host: o.host, port: o.port });
  const secure = server.server as unknown as { setSecureContext(c: object): void; address(): AddressInfo };
  return {
    port: secure.address().port,
    renew: tls => secure.setSecureContext({ cert: tls.cert, key: tls.key, ca: tls.clientCa }),
    async close() {
      stop.abort();
      await server.close();
    },
  };
}
