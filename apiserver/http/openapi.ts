// /openapi/v2 and /openapi/v3 (specification §1.4, §1.5): documents are built when first asked for after a change, in slices.
import type { CustomKind } from '../crd/custom-kind.ts';
import type { OpenApi } from '../openapi/openapi.ts';
import type { ApiResource } from '../openapi/resource.ts';
import { parseAccept } from './negotiate.ts';
import { type Exchange, send } from './respond.ts';
import type { PathHandler } from './server-parts.ts';

export interface OpenApiSources {
  /** Rises when the kinds change. */
  readonly generation: () => number;
  readonly builtin: () => readonly ApiResource[];
  readonly custom: () => readonly CustomKind[];
  readonly version: string;
  /** When the server started: Last-Modified of documents. */
  readonly startedMs: number;
}

const ANY_METHOD = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];
const GNOSTIC = /^application\/com\.github\.proto-openapi\.spec\.v2[@.]v1\.0\+protobuf$/;
const YEAR_MS = 365 * 24 * 3600 * 1000;

export function openapiPaths(o: OpenApiSources): PathHandler {
  let made: { readonly generation: number; readonly documents: Promise<OpenApi> } | undefined;
  const documents = (): Promise<OpenApi> => {
    if (made?.generation !== o.generation()) made = { generation: o.generation(), documents: load(o) };
    return made.documents;
  };
  return {
    methods: ANY_METHOD,
    matches: path => /^\/openapi\/v[23](\/|$)/.test(path),
    async serve(x, path, query) {
      const built = await documents();
      if (path.startsWith('/openapi/v2')) return serveV2(x, built, o);
      if (/^\/openapi\/v3\/?$/.test(path)) return serveIndex(x, built, o);
      return serveV3(x, built, { path, hash: query.get('hash'), startedMs: o.startedMs });
    },
  };
}

async function load(o: OpenApiSources): Promise<OpenApi> {
  const { openapi } = await import('../openapi/openapi.ts');
  return openapi({ builtin: o.builtin(), custom: o.custom(), version: o.version });
}

const date = (ms: number): string => new Date(ms).toUTCString();

async function serveV2(x: Exchange, built: OpenApi, o: OpenApiSources): Promise<void> {
  const types = parseAccept(x.request.headers.accept).map(c => c.type);
  const found =
    types.length === 0
      ? 'application/json'
      : types.find(t => GNOSTIC.test(t) || t === 'application/json' || t === '*/*' || t === 'application/*');
  if (!found) return send(x, 406, '', {});
  const proto = GNOSTIC.test(found);
  const { bytes, hash } = proto ? await built.v2Proto() : await built.v2Json();
  const etag = `"${hash}"`;
  const headers = { ETag: etag, Vary: 'Accept', 'Last-Modified': date(o.startedMs) };
  if (x.request.headers['if-none-match'] === etag) return send(x, 304, '', headers);
  return send(x, 200, bytes, {
    ...headers,
    'Content-Type': proto ? 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf' : 'application/json',
  });
}

async function serveIndex(x: Exchange, built: OpenApi, o: OpenApiSources): Promise<void> {
  send(x, 200, (await built.v3Index()).bytes, { 'Content-Type': 'text/plain; charset=utf-8', 'Last-Modified': date(o.startedMs) });
}

async function serveV3(x: Exchange, built: OpenApi, o: { path: string; hash: string | null; startedMs: number }): Promise<void> {
  const document = await built.v3(o.path.slice('/openapi/v3/'.length).replace(/\/$/, ''));
  if (!document) return send(x, 404, '', {});
  const types = parseAccept(x.request.headers.accept).map(c => c.type);
  if (types.length > 0 && !types.some(t => t === 'application/json' || t === '*/*' || t === 'application/*')) return send(x, 406, '', {});
  const etag = `"${document.hash}"`;
  if (o.hash !== null && o.hash !== document.hash) return send(x, 301, '', { Location: `${o.path}?hash=${document.hash}` });
  const headers: Record<string, string> = { ETag: etag, Vary: 'Accept', 'Last-Modified': date(o.startedMs) };
  if (o.hash !== null) Object.assign(headers, { 'Cache-Control': 'public, immutable', Expires: date(o.startedMs + YEAR_MS) });
  if (x.request.headers['if-none-match'] === etag) return send(x, 304, '', headers);
  return send(x, 200, document.bytes, { ...headers, 'Content-Type': 'application/json' });
}
