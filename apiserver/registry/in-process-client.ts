// The Client without HTTP and JSON: the same permission, admission and validation as a remote call; results are the cache's own objects.
import {
  type AnyObject,
  badRequest,
  type Client,
  clone,
  type DeleteOptions,
  expired,
  type GetOptions,
  isObject,
  type KubeObject,
  type ListOptions,
  methodNotAllowed,
  type ObjectKey,
  type Patch,
  parseFieldSelector,
  parseLabelSelector,
  type Resource,
  type StatusError,
  type WatchEvent,
  type WatchOptions,
  type WriteOptions,
} from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import { apply } from '../apply/apply.ts';
import { auditedClient } from '../audit/index.ts';
import type { UserInfo } from '../auth/user.ts';
import type { Entry } from '../cache/index.ts';
import { allow, type Core, servedOf } from './call.ts';
import type { RequestContext } from './context.ts';
import { create } from './create.ts';
import { remove } from './delete.ts';
import { get, list } from './list.ts';
import type { ListQuery } from './list-query.ts';
import { patch } from './patch.ts';
import { scaleOf, updateScale } from './scale.ts';
import type { Served, Subresource } from './served.ts';
import { update } from './update.ts';
import { type Sink, type WatchType, watch } from './watch.ts';

const MAX_PENDING_EVENTS = 100_000;

export interface InProcessOptions {
  readonly user: UserInfo;
  /** Default manager in managedFields. */
  readonly fieldManager: string;
}

type Addressed = Pick<Resource, 'group' | 'version' | 'plural'>;

export function inProcessClient(core: Core, o: InProcessOptions): Client {
  async function enter(
    r: Addressed,
    verb: string,
    at: { namespace?: string | undefined; name?: string | undefined; subresource?: string | undefined },
  ): Promise<Served> {
    await allow(core, {
      user: o.user,
      verb,
      resource: r,
      subresource: at.subresource ?? '',
      namespace: at.namespace ?? '',
      name: at.name ?? '',
    });
    return servedOf(core, r);
  }

  const context = (w: GetOptions | WriteOptions | DeleteOptions, kind: string): RequestContext => ({
    user: o.user,
    ...(w.signal ? { signal: w.signal } : {}),
    dryRun: ('dryRun' in w && w.dryRun) || false,
    fieldManager: ('fieldManager' in w && w.fieldManager) || o.fieldManager,
    options: { kind, apiVersion: 'meta.k8s.io/v1' },
    warn: text => ('onWarning' in w ? w.onWarning?.(text) : undefined),
  });

  const client: Client = {
    async get<T extends KubeObject>(r: Resource<T>, key: ObjectKey, g: GetOptions = {}): Promise<T> {
      const s = await enter(r, 'get', { ...key, subresource: g.subresource });
      const entry = await get(
        core.plane,
        s,
        { namespace: key.namespace ?? '', name: key.name, ...(g.resourceVersion ? { resourceVersion: g.resourceVersion } : {}) },
        g,
      );
      const sub = g.subresource ? subresourceOf(s, g.subresource) : undefined;
      if (sub?.type === 'virtual' && sub.get) return (await sub.get(context(g, 'GetOptions'), entry.object)) as unknown as T;
      return (sub?.type === 'scale' && sub.scale ? scaleOf(entry.object, sub.scale) : entry.object) as unknown as T;
    },
    async list<T extends KubeObject>(r: Resource<T>, l: ListOptions = {}) {
      const s = await enter(r, 'list', { namespace: l.namespace });
      const found = await list(core.plane, s, queryOf(s, l), l);
      return {
        resourceVersion: found.resourceVersion,
        items: found.entries.map(e => e.object as unknown as T),
        ...(found.continue ? { continue: found.continue } : {}),
        ...(found.remaining === undefined ? {} : { remainingItemCount: found.remaining }),
      };
    },
    async create<T extends KubeObject>(r: Resource<T>, object: T, w: WriteOptions = {}): Promise<T> {
      const { namespace = '', name = '' } = object.metadata;
      const s = await enter(r, 'create', { namespace, name, subresource: w.subresource });
      const body = clone(object) as unknown as MutableObject;
      const c = context(w, 'CreateOptions');
      if (!w.subresource) s.prune(body);
      if (!w.subresource) return (await create(core.plane, s, c, { namespace, object: body })) as unknown as T;
      const sub = subresourceOf(s, w.subresource);
      if (!sub.create) throw methodNotAllowed();
      const parent = await get(core.plane, s, { namespace, name }, w);
      return (await sub.create(c, parent.object, body)).object as unknown as T;
    },
    async update<T extends KubeObject>(r: Resource<T>, object: T, w: WriteOptions = {}): Promise<T> {
      const { namespace = '', name = '' } = object.metadata;
      const s = await enter(r, 'update', { namespace, name, subresource: w.subresource });
      const c = context(w, 'UpdateOptions');
      const target = { namespace, name, subresource: w.subresource ?? '' };
      const sub = w.subresource ? subresourceOf(s, w.subresource) : undefined;
      if (sub?.type === 'scale' && sub.scale) {
        return (await updateScale(core.plane, s, c, target, {
          paths: sub.scale,
          make: () => clone(object) as unknown as MutableObject,
        })) as unknown as T;
      }
      const body = clone(object) as unknown as MutableObject;
      s.prune(body);
      return (await update(core.plane, s, c, target, body)).object as unknown as T;
    },
    async patch<T extends KubeObject>(r: Resource<T>, key: ObjectKey, p: Patch, w: WriteOptions = {}): Promise<T> {
      const s = await enter(r, 'patch', { ...key, subresource: w.subresource });
      const c = context(w, 'PatchOptions');
      const target = { namespace: key.namespace ?? '', name: key.name, subresource: w.subresource ?? '' };
      if (p.type === 'apply') {
        if (!isObject(p.body)) throw badRequest('an apply patch is an object');
        return (await apply(core, s, c, { ...target, config: p.body, force: p.force ?? false })).object as unknown as T;
      }
      const text = JSON.stringify(p.body);
      return (await patch(core.plane, s, c, target, {
        type: p.type,
        text,
        value: JSON.parse(text),
        fieldValidation: 'Ignore',
        decode: object => ({ object, notes: s.prune(object) }),
      })) as unknown as T;
    },
    async delete<T extends KubeObject>(r: Resource<T>, key: ObjectKey, d: DeleteOptions = {}): Promise<T | undefined> {
      const s = await enter(r, 'delete', key);
      const done = await remove(
        core.plane,
        s,
        context(d, 'DeleteOptions'),
        { namespace: key.namespace ?? '', name: key.name, subresource: '' },
        d,
      );
      return done.gone ? undefined : (done.object as unknown as T);
    },
    watch<T extends KubeObject>(r: Resource<T>, w: WatchOptions): AsyncIterable<WatchEvent<T>> {
      return follow<T>(core, () => enter(r, 'watch', { namespace: w.namespace }), w);
    },
  };
  return core.audit ? auditedClient(client, { audit: core.audit, clock: core.plane.clock, user: o.user }) : client;
}

function subresourceOf(s: Served, name: string): Subresource {
  const found = s.subresources.get(name);
  if (!found) throw methodNotAllowed();
  return found;
}

function queryOf(s: Served, l: ListOptions | WatchOptions): ListQuery {
  const fields = l.fieldSelector ? parseFieldSelector(l.fieldSelector) : undefined;
  const refusal = fields && s.fields.refusal(fields);
  if (refusal) throw badRequest(refusal);
  return {
    namespace: l.namespace ?? '',
    ...(l.labelSelector ? { labels: parseLabelSelector(l.labelSelector) } : {}),
    ...(fields ? { fields } : {}),
    ...('limit' in l && l.limit ? { limit: l.limit } : {}),
    ...('continue' in l && l.continue ? { continue: l.continue } : {}),
    ...(l.resourceVersion ? { resourceVersion: l.resourceVersion } : {}),
    ...('resourceVersionMatch' in l && l.resourceVersionMatch ? { match: l.resourceVersionMatch } : {}),
  };
}

/** Events in a bounded queue; a reader that falls too far behind is told to list again. */
async function* follow<T extends KubeObject>(core: Core, enter: () => Promise<Served>, w: WatchOptions): AsyncGenerator<WatchEvent<T>> {
  const s = await enter();
  let pending: WatchEvent<T>[] = [];
  let failure: StatusError | undefined;
  let wake: () => void = () => undefined;
  const sink: Sink = {
    event(type: WatchType, entry: Entry) {
      if (pending.length >= MAX_PENDING_EVENTS) failure ??= expired('this watch fell too far behind: list again');
      else pending.push({ type, object: entry.object as unknown as T });
      wake();
    },
    bookmark(revision) {
      pending.push({ type: 'BOOKMARK', object: bookmark(s, revision) as unknown as T });
      wake();
    },
    error(error) {
      failure = error;
      wake();
    },
  };
  const ended = new AbortController();
  const signal = AbortSignal.any([w.signal, ended.signal]);
  const onAbort = (): void => wake();
  w.signal.addEventListener('abort', onAbort);
  try {
    await watch(core.plane, s, { ...queryOf(s, w), bookmarks: w.allowBookmarks ?? false }, sink, signal);
    for (;;) {
      const batch = pending;
      pending = [];
      yield* batch;
      if (w.signal.aborted) return;
      if (failure) throw failure;
      if (pending.length > 0) continue;
      await new Promise<void>(resolve => {
        wake = resolve;
      });
    }
  } finally {
    ended.abort();
    w.signal.removeEventListener('abort', onAbort);
  }
}

const bookmark = (s: Served, revision: number): AnyObject => ({
  apiVersion: s.resource.group ? `${s.resource.group}/${s.resource.version}` : s.resource.version,
  kind: s.resource.kind,
  metadata: { resourceVersion: String(revision) },
});
