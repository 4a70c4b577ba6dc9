// WATCH: the present state or the history first, then each change as it becomes durable, in revision order, without a gap.
import { expired, plain500, StatusError } from '../../kube/index.ts';
import type { CacheEvent, Entry } from '../cache/index.ts';
import { acceptor, reach, revisionOf } from './list.ts';
import type { ListQuery } from './list-query.ts';
import type { Plane } from './plane.ts';
import { type Served, viewOf } from './served.ts';

export interface WatchQuery extends Pick<ListQuery, 'namespace' | 'labels' | 'fields' | 'resourceVersion' | 'match'> {
  readonly bookmarks: boolean;
  /** undefined: not asked for. */
  readonly sendInitialEvents?: boolean;
  /** When the caller is going to end it: a bookmark comes just before. */
  readonly endsAfterMs?: number;
}

export type WatchType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** Where events go. A sink must not block; one that falls behind ends itself. */
export interface Sink {
  /** `shared` keeps what was serialised of this event for other watchers. */
  event(type: WatchType, entry: Entry, shared: Map<string, Buffer> | undefined): void;
  /** `initialEnd`: everything that was there has been sent. */
  bookmark(revision: number, initialEnd: boolean): void;
  /** Sends what came outside a commit. */
  flush?(): void;
  /** The last thing a sink hears: the stream ends with this error. */
  error(error: StatusError): void;
}

const BOOKMARK_MS = 55_000;
const BEFORE_END_MS = 2000;

/** Starts a watch; it goes on until the signal fires. Rejects before anything was sent where the query is wrong. */
export async function watch(p: Plane, s: Served, q: WatchQuery, sink: Sink, signal: AbortSignal): Promise<void> {
  const from = revisionOf(q.resourceVersion, text =>
    plain500(`resourceVersion: Invalid value: ${JSON.stringify(q.resourceVersion)}: ${text}`),
  );
  if (q.sendInitialEvents && from > 0) {
    try {
      await reach(p, from, signal);
    } catch (error) {
      signal.throwIfAborted();
      sink.error(error as StatusError);
      return;
    }
  }
  const initial = q.sendInitialEvents ?? from === 0;
  const accept = acceptor(s, q);
  const start = initial || from === 0 ? p.cache.revision : from;
  const missed = initial ? [] : s.collection.since(start);
  if (!missed) {
    sink.error(expired(`too old resource version: ${from} (${s.collection.floor + 1})`));
    return;
  }
  const send = s.ready ? inOrder(s.ready, sink, signal) : (_entries: readonly Entry[], work: () => void): void => work();
  if (initial) {
    const { entries } = s.collection.list({ namespace: q.namespace, accept });
    send(entries, () => {
      for (const entry of entries) sink.event('ADDED', viewOf(s, entry), undefined);
      if (q.bookmarks && (q.sendInitialEvents || q.resourceVersion === '0')) sink.bookmark(start, true);
    });
  }
  const forward = (e: CacheEvent): void => {
    if (e.revision <= start || (q.namespace && e.entry.namespace !== q.namespace)) return;
    send(e.previous ? [e.entry, e.previous] : [e.entry], () => deliver(s, accept, sink, e));
  };
  for (const e of missed) forward(e);
  follow(p, s, q, { sink, forward, send, signal });
}

type Send = (entries: readonly Entry[], work: () => void) => void;

/** Where views have to be waited for, events wait in the order in which they came. */
function inOrder(ready: NonNullable<Served['ready']>, sink: Sink, signal: AbortSignal): Send {
  let last: Promise<void> = Promise.resolve();
  let failed = false;
  return (entries, work) => {
    last = last
      .then(() => (failed || signal.aborted ? undefined : ready(entries, signal)))
      .then(() => {
        if (failed || signal.aborted) return;
        work();
        sink.flush?.();
      })
      .catch((error: unknown) => {
        if (signal.aborted) return;
        failed = true;
        sink.error(error instanceof StatusError ? error : plain500(String(error)));
      });
  };
}

function follow(
  p: Plane,
  s: Served,
  q: WatchQuery,
  o: { sink: Sink; forward: (e: CacheEvent) => void; send: Send; signal: AbortSignal },
): void {
  const stop = s.collection.subscribe(q.namespace, o.forward);
  const endsAtMs = p.clock.monotonic() + (q.endsAfterMs ?? Infinity) - BEFORE_END_MS;
  const untilNext = (): number => {
    const leftMs = endsAtMs - p.clock.monotonic();
    return leftMs > 0 ? Math.min(BOOKMARK_MS, leftMs) : BOOKMARK_MS;
  };
  let timer = q.bookmarks ? p.clock.after(untilNext(), bookmark) : undefined;
  function bookmark(): void {
    const { revision } = p.cache;
    o.send([], () => o.sink.bookmark(revision, false));
    timer = p.clock.after(untilNext(), bookmark);
  }
  o.signal.addEventListener(
    'abort',
    () => {
      stop();
      timer?.cancel();
    },
    { once: true },
  );
}

/** What a change means to a watcher that sees only some objects. */
function deliver(s: Served, accept: (entry: Entry) => boolean, sink: Sink, e: CacheEvent): void {
  const before = e.previous !== undefined && accept(e.previous);
  if (e.type === 'DELETED') {
    if (before) sink.event('DELETED', viewOf(s, e.entry), e.frames);
    return;
  }
  if (accept(e.entry)) sink.event(before ? 'MODIFIED' : 'ADDED', viewOf(s, e.entry), e.frames);
  else if (before && e.previous) sink.event('DELETED', viewOf(s, e.previous.deletedAt(e.revision)), e.frames);
}
