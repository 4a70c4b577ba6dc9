// The ports of a component that stands alone: health for whoever watches over it, metrics for whoever collects them. Plain HTTP, as the reference has it.
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Probes {
  /** Undefined = healthy; else what is wrong. */
  healthy(): string | undefined;
  /** Undefined = may be sent work; else what is missing. */
  ready(): string | undefined;
  metrics(): Promise<string>;
  /** A document under a path, for callers on this machine only; undefined where there is none. */
  document?(path: string): Promise<unknown>;
}

export interface Address {
  readonly host: string | undefined;
  readonly port: number;
}

/** `host:port`, `:port` or `[v6]:port`; undefined for `0` and nothing, which mean off. Throws an Error of one line that names the flag. */
export function bindAddress(text: string, flag: string): Address | undefined {
  if (text === '' || text === '0') return undefined;
  const [, v6, host, digits = ''] = /^(?:\[([^\]]*)\]|([^:]*)):(\d+)$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === '' || port > 65_535) throw new Error(`--${flag}: ${text} is no address: write host:port, :port, or 0 for none`);
  return { host: v6 || host || undefined, port };
}

/** Serves until the result is called. */
export async function probeServer(
  o: { readonly metricsBindAddress: string; readonly healthProbeBindAddress: string },
  probes: Probes,
): Promise<{ close(): void; readonly ports: readonly number[] }> {
  const opened: Server[] = [];
  const health = bindAddress(o.healthProbeBindAddress, 'health-probe-bind-address');
  const metrics = bindAddress(o.metricsBindAddress, 'metrics-bind-address');
  if (health) opened.push(await open(health, 'health-probe-bind-address', answerHealth(probes)));
  if (metrics) opened.push(await open(metrics, 'metrics-bind-address', answerMetrics(probes)));
  return {
    ports: opened.map(server => (server.address() as AddressInfo).port),
    close() {
      for (const server of opened) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

function open({ host, port }: Address, flag: string, listener: RequestListener): Promise<Server> {
  return listening(createServer(listener), { host, port }, `choose another with --${flag}, or 0 for none`);
}

/** Resolves once the server listens; a port in use is an Error of one line that ends with `remedy`. */
export function listening<S extends Server>(server: S, { host, port }: Address, remedy: string): Promise<S> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenFault(error, port, remedy)));
    server.listen({ port, ...(host ? { host } : {}) }, () => resolve(server));
  });
}

/** What a person reads where a port cannot be had. */
export function listenFault(error: NodeJS.ErrnoException, port: number, remedy: string): Error {
  if (error.code === 'EADDRINUSE') return new Error(`port ${port} is in use: ${remedy}`, { cause: error });
  if (error.code === 'EACCES') return new Error(`port ${port} may not be opened by this user: ${remedy}`, { cause: error });
  return error;
}

const answerHealth =
  (probes: Probes): RequestListener =>
  (request, response) => {
    const path = (request.url ?? '').split('?')[0];
    if (path === '/healthz' || path === '/livez') return verdict(response, probes.healthy());
    if (path === '/readyz') return verdict(response, probes.healthy() ?? probes.ready());
    answerDocument(probes, path ?? '', request, response);
  };

/** These ports know no identities: documents are for whoever is on this machine anyway. */
function answerDocument(probes: Probes, path: string, request: IncomingMessage, response: ServerResponse): void {
  if (!probes.document || !path.startsWith('/apis/')) return text(response, 404, '404 page not found\n');
  if (!/^(?:::1|(?:::ffff:)?127\.)/.test(request.socket.remoteAddress ?? '')) return text(response, 403, 'only from this machine\n');
  probes.document(path).then(
    found =>
      found === undefined ? text(response, 404, '404 page not found\n') : text(response, 200, JSON.stringify(found), 'application/json'),
    (error: unknown) => text(response, 500, `${String(error)}\n`),
  );
}

const verdict = (response: ServerResponse, fault: string | undefined): void =>
  fault === undefined ? text(response, 200, 'ok') : text(response, 500, `${fault}\n`);

const answerMetrics =
  (probes: Probes): RequestListener =>
  (request, response) => {
    if ((request.url ?? '').split('?')[0] !== '/metrics') return text(response, 404, '404 page not found\n');
    probes.metrics().then(
      body => text(response, 200, body, 'text/plain; version=0.0.4; charset=utf-8'),
      (error: unknown) => text(response, 500, `${String(error)}\n`),
    );
  };

function text(response: ServerResponse, code: number, body: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(code, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}
