// The admission rules over TLS, on the reference's paths: reviews in, verdicts out.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SecureVersion } from 'node:tls';
import { errorText, isStatusError, type Logger, type Metrics, StatusError } from '../kube/index.ts';
import { type ReviewOptions, reviewAdmission, reviewConversion, ruleAt } from '../webhook/index.ts';
import { type Address, listening } from './probe-server.ts';

const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** Longer than an API server waits for any webhook. */
const TIMEOUT_MS = 30_000;
const LATENCY_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export interface WebhookServerOptions extends Address {
  /** PEM texts. */
  readonly tls: { readonly cert: string; readonly key: string; readonly minVersion: SecureVersion };
  readonly review: ReviewOptions;
  readonly log: Logger;
  readonly metrics: Metrics;
}

export interface WebhookServer {
  readonly port: number;
  /** Takes no more requests, and ends when those that came are answered. */
  close(): Promise<void>;
}

/** Rejects with one line where the port cannot be had. */
export async function webhookServer(o: WebhookServerOptions): Promise<WebhookServer> {
  const counted = requestCounter(o.metrics);
  const server = createServer({ ...o.tls, requestTimeout: TIMEOUT_MS }, (request, response) => {
    const done = counted((request.url ?? '').split('?')[0] ?? '');
    response.on('close', () => done(response.statusCode));
    serve(o, request, response).catch((error: unknown) => {
      if (!isStatusError(error)) o.log.error({ path: request.url, err: errorText(error) }, 'review failed');
      const code = isStatusError(error) ? error.code : 500;
      reply(response, code, 'text/plain; charset=utf-8', `${isStatusError(error) ? error.message : 'the review failed: see the log'}\n`);
    });
  });
  await listening(server as unknown as Server, o, 'choose another with --secure-port');
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

async function serve(o: WebhookServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? '').split('?')[0] ?? '';
  const rule = ruleAt(path);
  if (!rule && path !== '/convert') throw new StatusError({ code: 404, reason: 'NotFound', message: '404 page not found' });
  if (request.method !== 'POST') throw new StatusError({ code: 405, reason: 'MethodNotAllowed', message: 'reviews are sent with POST' });
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const body = await bodyOf(request);
  const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(TIMEOUT_MS)]);
  const answer = rule ? await reviewAdmission(rule, body, o.review, signal) : reviewConversion(body);
  reply(response, 200, 'application/json', JSON.stringify(answer));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES)
      throw new StatusError({ code: 413, reason: 'RequestEntityTooLarge', message: `a review holds at most ${MAX_BODY_BYTES} bytes` });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function reply(response: ServerResponse, code: number, type: string, body: string): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(code, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

/** Counts a request; call the result with its status code. */
function requestCounter(metrics: Metrics): (path: string) => (code: number) => void {
  const total = metrics.counter({
    name: 'controller_runtime_webhook_requests_total',
    help: 'Reviews, by path and status code.',
    labels: ['webhook', 'code'],
  });
  const latency = metrics.histogram({
    name: 'controller_runtime_webhook_latency_seconds',
    help: 'How long reviews take.',
    labels: ['webhook'],
    buckets: LATENCY_SECONDS,
  });
  let open = 0;
  metrics.read({ name: 'controller_runtime_webhook_requests_in_flight', help: 'Reviews that are being answered.' }, () => [[[], open]]);
  return path => {
    const webhook = ruleAt(path) || path === '/convert' ? path : 'unknown';
    const since = performance.now();
    open++;
    return code => {
      open--;
      total.of(webhook, String(code)).add();
      latency.of(webhook).observe((performance.now() - since) / 1000);
    };
  };
}
