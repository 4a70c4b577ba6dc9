// GET and LIST: from the cache, at the present or at an older revision; pages are one stable snapshot.
import { badRequest, expired, notFound, plain500, type StatusError, scanJson, sleep, timeout } from '../../kube/index.ts';
import type { Entry, Snapshot } from '../cache/index.ts';
import { CompactedError } from '../store/index.ts';
import type { ListQuery } from './list-query.ts';
import type { Plane } from './plane.ts';
import { readyView, type Served, viewOf } from './served.ts';

const FUTURE_WAIT_MS = 3000;

export interface Listed {
  /** In the served version. */
  readonly entries: readonly Entry[];
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remaining?: number;
}

/** Who waits for an answer; the signal is asked for only where something has to be waited for. */
export interface Caller {
  readonly signal?: AbortSignal | undefined;
}

export async function get(
  p: Plane,
  s: Served,
  o: { namespace: string; name: string; resourceVersion?: string },
  caller?: Caller,
): Promise<Entry> {
  const asked = revisionOf(o.resourceVersion, text =>
    plain500(`resourceVersion: Invalid value: ${JSON.stringify(o.resourceVersion)}: ${text}`),
  );
  if (asked > p.cache.revision && s.traits.uncached) throw tooLargeRevision(asked, p.cache.revision);
  if (asked > 0) await reach(p, asked, caller?.signal);
  const entry = s.collection.get(o.namespace, o.name);
  if (!entry) throw notFound({ ...s.resource, name: o.name });
  return s.ready ? readyView(s, entry, caller?.signal) : viewOf(s, entry);
}

export async function list(p: Plane, s: Served, q: ListQuery, caller?: Caller): Promise<Listed> {
  const token = q.continue ? readToken(q.continue) : undefined;
  if (token && q.resourceVersion && q.resourceVersion !== '0')
    throw badRequest('specifying resource version is not allowed when using continue');
  const asked = revisionOf(q.resourceVersion, text =>
    badRequest(`invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(q.resourceVersion)}: ${text}`),
  );
  if (asked > p.cache.revision && readsStore(s, q)) throw tooLargeRevision(asked, p.cache.revision);
  if (asked > 0) await reach(p, asked, caller?.signal);
  const exact = token
    ? token.revision
    : asked > 0 && (q.match === 'Exact' || (q.match === undefined && (q.limit ?? 0) > 0))
      ? asked
      : undefined;
  const revision = exact !== undefined && exact >= 0 ? exact : p.cache.revision;
  const range = {
    namespace: q.namespace,
    accept: acceptor(s, q),
    ...(token ? { after: token.after } : {}),
    ...(q.limit && q.resourceVersion !== '0' ? { limit: q.limit } : {}),
  };
  const snapshot =
    exact !== undefined && exact >= 0 && exact < p.cache.revision ? await old(s, revision, range, token) : s.collection.list(range);
  if (s.ready) await s.ready(snapshot.entries, caller?.signal);
  return listed(s, q, snapshot, revision);
}

/** What the reference reads from its store and not from its cache: it does not wait for a revision there. */
const readsStore = (s: Served, q: ListQuery): boolean => q.match === 'Exact' || (q.limit ?? 0) > 0 || s.traits.uncached === true;

function listed(s: Served, q: ListQuery, snapshot: Snapshot, revision: number): Listed {
  const last = snapshot.entries.at(-1);
  const entries = snapshot.entries.map(e => viewOf(s, e));
  if (snapshot.remaining === 0 || !last) return { entries, resourceVersion: String(revision) };
  const selective = !q.labels?.empty && q.labels !== undefined ? true : (q.fields?.requirements.length ?? 0) > 0;
  return {
    entries,
    resourceVersion: String(revision),
    continue: writeToken({ revision, after: relativeKey(s, last) }),
    ...(selective ? {} : { remaining: snapshot.remaining }),
  };
}

const relativeKey = (s: Served, entry: Entry): string => entry.key.slice(s.collection.prefix.length);

async function old(
  s: Served,
  revision: number,
  range: Parameters<Served['collection']['listAt']>[1],
  token: Token | undefined,
): Promise<Snapshot> {
  try {
    return await s.collection.listAt(revision, range);
  } catch (error) {
    if (!(error instanceof CompactedError)) throw error;
    if (!token) throw expired(`The resourceVersion for the provided list is too old.`);
    throw expired(
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
      writeToken({ revision: -1, after: token.after }),
    );
  }
}

/** Whether an entry of the collection belongs to the answer. */
export function acceptor(s: Served, q: Pick<ListQuery, 'labels' | 'fields'>): (entry: Entry) => boolean {
  const { labels, fields } = q;
  const byLabel = labels && !labels.empty ? labels : undefined;
  const byField = fields && fields.requirements.length > 0 ? fields : undefined;
  if (!byLabel && !byField) return () => true;
  return entry => {
    const object = s.ready && !entry.hasView(s.viewId) ? entry.object : viewOf(s, entry).object;
    if (byLabel && !byLabel.matches(object.metadata.labels ?? {})) return false;
    return !byField || s.fields.matches(byField, object);
  };
}

const MAX_REVISION = 2n ** 64n - 1n;

/** 0 where none was given or any will do. */
export function revisionOf(text: string | undefined, refuse: (message: string) => StatusError): number {
  if (text === undefined || text === '' || text === '0') return 0;
  if (!/^\d+$/.test(text)) throw refuse(`strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`);
  if (BigInt(text) > MAX_REVISION) throw refuse(`strconv.ParseUint: parsing ${JSON.stringify(text)}: value out of range`);
  return Number(text);
}

/** Waits a little for a revision that this server has not seen, then says that it is too large. */
export async function reach(p: Plane, revision: number, signal?: AbortSignal): Promise<void> {
  if (revision <= p.cache.revision) return;
  const reached = new AbortController();
  const stop = p.cache.onBatch(now => now >= revision && reached.abort());
  try {
    await sleep(p.clock, FUTURE_WAIT_MS, signal ? AbortSignal.any([signal, reached.signal]) : reached.signal);
  } catch {
    signal?.throwIfAborted();
  } finally {
    stop();
  }
  if (revision > p.cache.revision) throw tooLargeRevision(revision, p.cache.revision, 1);
}

const tooLargeRevision = (asked: number, current: number, retryAfterSeconds?: number): StatusError =>
  timeout(`Timeout: Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });

interface Token {
  /** -1: whatever is there now. */
  readonly revision: number;
  readonly after: string;
}

/** The reference's own form, so that tokens made for it are judged alike. */
function writeToken(t: Token): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: t.revision, start: `${t.after}\u0000` })).toString('base64url');
}

function readToken(text: string): Token {
  const refuse = (why: string): StatusError => badRequest(`invalid continue token: continue key is not valid: ${why}`);
  let parsed: { v?: unknown; rv?: unknown; start?: unknown };
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw refuse('illegal base64 data at input byte 0');
  try {
    parsed = JSON.parse(Buffer.from(text, 'base64url').toString()) as typeof parsed;
  } catch (error) {
    const scanned = scanJson(Buffer.from(text, 'base64url').toString('latin1'), 'latin1');
    throw refuse('fault' in scanned ? scanned.fault : (error as Error).message);
  }
  if (parsed.v !== 'meta.k8s.io/v1') throw refuse(`server does not recognize this encoded version ${String(parsed.v ?? '')}`);
  if (typeof parsed.rv !== 'number' || parsed.rv === 0) throw refuse('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  if (typeof parsed.start !== 'string' || parsed.start === '') throw refuse('encoded start key empty (version meta.k8s.io/v1)');
  if (parsed.start.startsWith('/') || parsed.start.includes('..')) throw refuse(parsed.start);
  return { revision: parsed.rv, after: parsed.start.replace(/\u0000$/, '') };
}
