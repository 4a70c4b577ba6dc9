// The Client over HTTPS: any Kubernetes API server, ours or another. Every failure becomes a StatusError; every request ends
// with its signal or its time-out; bodies are bounded.
import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type {
  Client,
  DeleteOptions,
  GetOptions,
  ListOptions,
  Patch,
  RawClient,
  RawResponse,
  RequestOptions,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './client.ts';
import { type Clock, sleep, systemClock } from './clock.ts';
import type { AnyObject, KubeObject, ObjectKey, ObjectList } from './object.ts';
import { keyOf } from './object.ts';
import { collectionPath, objectPath } from './paths.ts';
import { tokenBucket } from './rate-limit.ts';
import type { Resource } from './resource.ts';
import { apiVersionOf } from './resource.ts';
import { expired, type Status, StatusError, unavailable } from './status-error.ts';

export interface Connection {
  /** `https://host:port` */
  readonly server: string;
  /** PEM. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Asked before each request, so that a rotated token is taken up. */
  readonly token?: () => string | Promise<string>;
  readonly insecureSkipTlsVerify?: boolean;
  readonly serverName?: string;
  /** `http://…` or `https://…`: requests go through this proxy. */
  readonly proxy?: string;
  readonly proxyHeaders?: Readonly<Record<string, string>>;
}

export interface HttpClientOptions {
  readonly connection: Connection;
  readonly userAgent: string;
  readonly clock?: Clock;
  /** Of a request other than a watch; 32 s without. */
  readonly timeoutMs?: number;
  readonly qps?: number;
  readonly burst?: number;
  /** Sockets to the server; 32 without. */
  readonly connections?: number;
}

export interface HttpClient extends Client, RawClient {
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 512 * 1024 * 1024;
const MAX_FRAME_BYTES = 32 * 1024 * 1024;
const WATCHES_MAX = 1024;
/** A watch tells a bookmark about once a minute: one that says nothing for longer is a connection that nobody has at the other end. */
const SILENT_WATCH_MS = 180_000;
const CONTENT_TYPES = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

interface Request {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  readonly signal?: AbortSignal | undefined;
  readonly onWarning?: ((text: string) => void) | undefined;
}

interface Asked {
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

export function httpClient(o: HttpClientOptions): HttpClient {
  const clock = o.clock ?? systemClock;
  const take = o.qps ? tokenBucket(o.qps, o.burst ?? o.qps) : undefined;
  let opened: Promise<Connected> | undefined;
  const connected = (): Promise<Connected> => {
    opened ??= connect(o);
    return opened;
  };

  async function send(r: Request, streaming: boolean): Promise<Dispatcher.ResponseData> {
    const wait = take?.(clock.monotonic()) ?? 0;
    if (wait > 0) await sleep(clock, wait, r.signal);
    const token = await o.connection.token?.();
    const { request, ...dispatchers } = await connected();
    const query = new URLSearchParams(
      Object.entries(r.query ?? {}).flatMap(([k, v]) => (v === undefined ? [] : [[k, v] as [string, string]])),
    );
    try {
      return await request(`${o.connection.server}${r.path}${query.size > 0 ? `?${query}` : ''}`, {
        method: r.method as Dispatcher.HttpMethod,
        dispatcher: streaming ? dispatchers.watching : dispatchers.asking,
        headers: {
          accept: r.accept ?? 'application/json',
          'user-agent': o.userAgent,
          ...(token ? { authorization: `Bearer ${token}` } : {}),
          ...(r.body === undefined ? {} : { 'content-type': r.contentType ?? 'application/json' }),
        },
        body: r.body === undefined ? null : typeof r.body === 'string' ? r.body : JSON.stringify(r.body),
        signal: r.signal ?? null,
        headersTimeout: streaming ? 30_000 : (o.timeoutMs ?? 32_000),
        bodyTimeout: streaming ? SILENT_WATCH_MS : (o.timeoutMs ?? 32_000),
      });
    } catch (error) {
      r.signal?.throwIfAborted();
      throw unreachable(o.connection.server, error);
    }
  }

  async function json<T>(r: Request): Promise<T> {
    const response = await send(r, false);
    tellWarnings(response, r.onWarning);
    const text = await textOf(response, o.connection.server);
    if (response.statusCode >= 300) throw failure(response.statusCode, text);
    try {
      return JSON.parse(text) as T;
    } catch (error) {
      throw wrongAnswer(r, `${response.statusCode} with a body that is no JSON`, error);
    }
  }

  /** What was asked for, or an error: another object, or a list where one object was asked for, is no answer. */
  async function one<T extends KubeObject>({ name, subresource }: Asked, r: Request): Promise<T> {
    const answer = await json<T>(r);
    if (subresource === undefined && name && answer?.metadata?.name !== name)
      throw wrongAnswer(r, `with ${answer?.kind || 'something'} ${answer?.metadata?.name ?? 'without a name'} where ${name} was asked for`);
    return answer;
  }

  const wrongAnswer = ({ path }: Request, text: string, cause?: unknown): StatusError =>
    new StatusError({ code: 502, reason: 'InternalError', message: `${o.connection.server}${path} answered ${text}`, cause });

  return {
    get: <T extends KubeObject>(r: Resource<T>, key: ObjectKey, g: GetOptions = {}) =>
      one<T>(
        { name: key.name, subresource: g.subresource },
        { method: 'GET', path: objectPath(r, key, g.subresource), query: { resourceVersion: g.resourceVersion }, signal: g.signal },
      ),
    async list<T extends KubeObject>(r: Resource<T>, l: ListOptions = {}): Promise<ObjectList<T>> {
      const request: Request = { method: 'GET', path: collectionPath(r, l.namespace), query: listQuery(l), signal: l.signal };
      const found = await json<{ metadata?: Record<string, string>; items?: T[]; kind?: string } | null>(request);
      // An answer that is no list at all must not pass for one without items.
      if (!found || !(Array.isArray(found.items) || found.kind?.endsWith('List')))
        throw wrongAnswer(request, 'with something that is no list');
      const { resourceVersion = '', continue: token, remainingItemCount } = found.metadata ?? {};
      const items = (found.items ?? []).map(item => (item.kind ? item : ({ ...item, apiVersion: apiVersionOf(r), kind: r.kind } as T)));
      return {
        resourceVersion,
        items,
        ...(token ? { continue: token } : {}),
        ...(remainingItemCount === undefined ? {} : { remainingItemCount: Number(remainingItemCount) }),
      };
    },
    create: <T extends KubeObject>(r: Resource<T>, object: T, w: WriteOptions = {}) => {
      const { namespace, name } = object.metadata;
      const path = w.subresource
        ? objectPath(r, { ...(namespace ? { namespace } : {}), name: name ?? '' }, w.subresource)
        : collectionPath(r, namespace);
      const request: Request = { method: 'POST', path, query: writeQuery(w), body: object, signal: w.signal, onWarning: w.onWarning };
      return one<T>({ name, subresource: w.subresource }, request);
    },
    update: <T extends KubeObject>(r: Resource<T>, object: T, w: WriteOptions = {}) =>
      one<T>(
        { name: object.metadata.name, subresource: w.subresource },
        {
          method: 'PUT',
          path: objectPath(r, keyOf(object), w.subresource),
          query: writeQuery(w),
          body: object,
          signal: w.signal,
          onWarning: w.onWarning,
        },
      ),
    patch: <T extends KubeObject>(r: Resource<T>, key: ObjectKey, p: Patch, w: WriteOptions = {}) =>
      one<T>(
        { name: key.name, subresource: w.subresource },
        {
          method: 'PATCH',
          path: objectPath(r, key, w.subresource),
          query: { ...writeQuery(w), ...(p.force ? { force: 'true' } : {}) },
          body: p.body,
          contentType: CONTENT_TYPES[p.type],
          signal: w.signal,
          onWarning: w.onWarning,
        },
      ),
    async delete<T extends KubeObject>(r: Resource<T>, key: ObjectKey, d: DeleteOptions = {}): Promise<T | undefined> {
      const { signal, dryRun, ...options } = d;
      const body = { kind: 'DeleteOptions', apiVersion: 'v1', ...options, ...(dryRun ? { dryRun: ['All'] } : {}) };
      const answer = await json<T>({ method: 'DELETE', path: objectPath(r, key), body, signal });
      return answer.kind === 'Status' || answer.metadata.deletionTimestamp === undefined ? undefined : answer;
    },
    watch: <T extends KubeObject>(r: Resource<T>, w: WatchOptions) =>
      frames<T>(
        () => send({ method: 'GET', path: collectionPath(r, w.namespace), query: watchQuery(w), signal: w.signal }, true),
        o.connection.server,
        w.signal,
      ),
    async raw(
      method: string,
      path: string,
      q: RequestOptions & { body?: string; contentType?: string; accept?: string } = {},
    ): Promise<RawResponse> {
      const response = await send({ method, path, ...q }, false);
      return { code: response.statusCode, body: await bodyText(response.body, o.connection.server) };
    },
    async close() {
      const { asking, watching } = (await opened) ?? {};
      await Promise.all([asking?.destroy(), watching?.destroy()]);
    },
  };
}

/** Watches have sockets of their own: each holds one for as long as it lasts, and however many there are, requests get through. */
interface Connected {
  readonly request: typeof import('undici').request;
  readonly asking: Dispatcher;
  readonly watching: Dispatcher;
}

async function connect(o: HttpClientOptions): Promise<Connected> {
  const { Agent, ProxyAgent, request } = await import('undici');
  const { ca, cert, key, serverName, insecureSkipTlsVerify, proxy, proxyHeaders } = o.connection;
  const tls = {
    rejectUnauthorized: !insecureSkipTlsVerify,
    ...(ca ? { ca } : {}),
    ...(cert ? { cert } : {}),
    ...(key ? { key } : {}),
    ...(serverName ? { servername: serverName } : {}),
  };
  if (proxy) {
    const agent = new ProxyAgent({ uri: proxy, requestTls: tls, ...(proxyHeaders ? { headers: proxyHeaders } : {}) });
    return { request, asking: agent, watching: agent };
  }
  const agent = (connections: number): Dispatcher =>
    new Agent({ connect: { ...tls, timeout: 10_000 }, connections, keepAliveTimeout: 60_000, pipelining: 1 });
  return { request, asking: agent(o.connections ?? 32), watching: agent(WATCHES_MAX) };
}

const unreachable = (server: string, error: unknown): StatusError => {
  const { message, code } = error as { message: string; code?: string };
  const failure = unavailable(`${server} is not reachable: ${code ?? message}`);
  return new StatusError({ code: failure.code, reason: failure.reason, message: failure.message, cause: error });
};

function failure(code: number, text: string): StatusError {
  try {
    const status = JSON.parse(text) as Partial<Status>;
    if (status.kind === 'Status') return StatusError.fromStatus(status, code);
  } catch {
    // The body is text: it becomes the message.
  }
  return new StatusError({
    code,
    reason: code === 404 ? 'NotFound' : code >= 500 ? 'ServiceUnavailable' : 'Unknown',
    message: text.trim().slice(0, 500) || `the server answered ${code}`,
  });
}

function tellWarnings(response: Dispatcher.ResponseData, onWarning: ((text: string) => void) | undefined): void {
  const { warning } = response.headers;
  if (!onWarning || !warning) return;
  for (const text of [warning].flat())
    for (const match of text.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)) onWarning((match[1] ?? '').replace(/\\(.)/g, '$1'));
}

/** The body at once where the answer says how long it is and that is not too long. */
async function textOf({ headers, body }: Dispatcher.ResponseData, server: string): Promise<string> {
  if (!(Number(headers['content-length']) <= MAX_BODY_BYTES)) return bodyText(body, server);
  try {
    return await body.text();
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error;
    throw unreachable(server, error);
  }
}

async function bodyText(body: Readable, server: string): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_BODY_BYTES)
        throw new StatusError({ code: 502, reason: 'InternalError', message: `${server} answered more than ${MAX_BODY_BYTES} bytes` });
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof StatusError || (error as Error).name === 'AbortError') throw error;
    throw unreachable(server, error);
  }
  return Buffer.concat(chunks).toString();
}

const writeQuery = (w: WriteOptions): Record<string, string | undefined> => ({
  ...(w.dryRun ? { dryRun: 'All' } : {}),
  fieldManager: w.fieldManager,
  fieldValidation: w.fieldValidation,
});

const listQuery = (l: ListOptions): Record<string, string | undefined> => ({
  labelSelector: l.labelSelector,
  fieldSelector: l.fieldSelector,
  limit: l.limit === undefined ? undefined : String(l.limit),
  continue: l.continue,
  resourceVersion: l.resourceVersion,
  resourceVersionMatch: l.resourceVersionMatch,
});

const watchQuery = (w: WatchOptions): Record<string, string | undefined> => ({
  watch: 'true',
  labelSelector: w.labelSelector,
  fieldSelector: w.fieldSelector,
  resourceVersion: w.resourceVersion,
  ...(w.allowBookmarks ? { allowWatchBookmarks: 'true' } : {}),
});

async function* frames<T extends KubeObject>(
  open: () => Promise<Dispatcher.ResponseData>,
  server: string,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent<T>> {
  if (signal.aborted) return;
  let response: Dispatcher.ResponseData;
  try {
    response = await open();
  } catch (error) {
    if (signal.aborted) return;
    throw error;
  }
  if (response.statusCode >= 300) throw failure(response.statusCode, await bodyText(response.body, server));
  try {
    for await (const line of lines(response.body)) {
      const event = JSON.parse(line) as { type: WatchEvent<T>['type'] | 'ERROR'; object: AnyObject };
      if (event.type === 'ERROR') throw StatusError.fromStatus(event.object as unknown as Partial<Status>, 410);
      yield event as unknown as WatchEvent<T>;
    }
  } catch (error) {
    if (signal.aborted) return;
    if (error instanceof StatusError) throw error;
    throw unreachable(server, error);
  } finally {
    response.body.destroy();
  }
}

async function* lines(body: Readable): AsyncGenerator<string> {
  let rest: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const line = Buffer.concat([...rest, chunk.subarray(from, end)]).toString();
      rest = [];
      size = 0;
      from = end + 1;
      if (line.trim() !== '') yield line;
    }
    if (from < chunk.length) {
      rest.push(chunk.subarray(from));
      size += chunk.length - from;
      if (size > MAX_FRAME_BYTES) throw expired('a watch event is larger than this client takes');
    }
  }
}
