// Resource requests: from RequestInfo to a verb, from its outcome to an answer.
import { type AnyObject, exactJson, methodNotAllowed, noSuchResource, notFound, StatusError } from '../../kube/index.ts';
import { apply } from '../apply/apply.ts';
import type { UserInfo } from '../auth/user.ts';
import type { Entry } from '../cache/index.ts';
import {
  allow,
  type Connection,
  create,
  get,
  list,
  patch,
  type RequestContext,
  readyView,
  remove,
  removeCollection,
  type Served,
  type Subresource,
  scaleOf,
  type Target,
  update,
  updateScale,
  watch,
} from '../registry/index.ts';
import { builtinColumns } from '../table/index.ts';
import { decodeApply } from './apply-body.ts';
import { decodeOptions, decodePatch, decodeWrite, mediaType, scaleChange } from './body.ts';
import { integer, listQuery } from './list-query.ts';
import { negotiate } from './negotiate.ts';
import { deleteOptions, type WriteQuery, writeQuery } from './options.ts';
import { isTrue, type RequestInfo, type ResourceRequest } from './request-info.ts';
import { type Exchange, send, sendObject, sendText, tellDecision } from './respond.ts';
import type { Call, HttpServerParts } from './server-parts.ts';
import { renderList, renderObject, renderWatch } from './shapes.ts';
import { bodyCarrier, watchStream } from './watch-stream.ts';
import { websocketCarrier } from './websocket-watch.ts';

export async function serveResource(
  parts: HttpServerParts,
  x: Exchange,
  o: { info: RequestInfo; r: ResourceRequest; user: UserInfo },
): Promise<void> {
  const { r } = o;
  const reason = await allow(parts.core, {
    user: o.user,
    verb: r.verb || x.request.method?.toLowerCase() || '',
    resource: r,
    subresource: r.subresource,
    namespace: r.namespace,
    name: r.name,
  });
  x.permitted = true;
  tellDecision(x, 'allow', reason);
  const s = parts.core.catalog.find(r.group, r.version, r.plural);
  if (!s || (s.resource.scope === 'Cluster' && r.namespace !== '' && r.plural !== 'namespaces')) {
    if (parts.core.catalog.isCustom(r.group)) return sendText(x, 404, '404 page not found\n');
    throw noSuchResource();
  }
  const call: Call = { parts, x, info: o.info, r, user: o.user, s };
  if (r.subresource !== '') return serveSubresource(call);
  checkPlace(s, r);
  if (!s.verbs.includes(r.verb)) throw methodNotAllowed();
  if (s.warning) x.warnings.add(s.warning);
  await VERBS[r.verb as keyof typeof VERBS](call);
}

/** A namespaced kind without a namespace can only be listed and watched. */
function checkPlace(s: Served, r: ResourceRequest): void {
  if (r.verb === 'create' ? r.name !== '' : (r.verb === 'update' || r.verb === 'patch') && r.name === '') throw methodNotAllowed();
  if (s.resource.scope === 'Cluster' || r.namespace !== '' || r.verb === 'list' || r.verb === 'watch') return;
  if (r.verb === 'create' || r.verb === 'deletecollection') throw methodNotAllowed();
  throw noSuchResource();
}

const target = (c: Call): Target => ({ namespace: c.r.namespace, name: c.r.name, subresource: c.r.subresource });

function context(c: Call, w: Pick<WriteQuery, 'dryRun' | 'fieldManager' | 'options'>): RequestContext {
  return {
    user: c.user,
    signal: c.x.gone.signal,
    dryRun: w.dryRun,
    fieldManager: w.fieldManager,
    options: w.options,
    warn: text => void c.x.warnings.add(text),
    annotate: c.x.audit && ((key, value) => c.x.audit?.annotate(key, value)),
  };
}

const queryOf = (c: Call, kind: string, apply = false): WriteQuery =>
  writeQuery(c.info.query, kind, { userAgent: c.x.request.headers['user-agent'] ?? '', apply });

const acceptedFor = (c: Call, shapes: Parameters<typeof negotiate>[3]): ReturnType<typeof negotiate> => {
  const { headers } = c.x.request;
  const accepted = negotiate(headers.accept, headers['user-agent'], c.info.query, {
    ...shapes,
    ...(c.s.custom ? {} : { protobuf: true }),
    ...insteadOf(c, shapes),
  });
  c.x.encoding = accepted.encoding;
  return accepted;
};

/** Metadata of one object where there are many, and the other way round, is told apart from shapes that nobody knows. */
function insteadOf(c: Call, shapes: Parameters<typeof negotiate>[3]): Pick<Parameters<typeof negotiate>[3], 'instead'> {
  if (shapes.watch) return {};
  const { group, kind } = c.s.resource;
  const type = c.s.custom ? '*unstructured.Unstructured' : `*${group.split('.')[0] || 'core'}.${kind}`;
  const instead: Parameters<typeof negotiate>[3]['instead'] = shapes.list
    ? { shape: 'PartialObjectMetadata', text: `you requested PartialObjectMetadata, but the requested object is a list (${type}List)` }
    : {
        shape: 'PartialObjectMetadataList',
        text: `you requested PartialObjectMetadataList, but the requested object is not a list (${type})`,
      };
  return shapes.shapes.length > 0 ? { instead } : {};
}

const ONE = { shapes: ['Table', 'PartialObjectMetadata'] } as const;
const MANY = { shapes: ['Table', 'PartialObjectMetadataList'], list: true } as const;
/** Parts of objects that know of no table. */
const WITHOUT_TABLE = new Set(['resourceclaims', 'customresourcedefinitions']);

/** Neither do answers that are never stored. */
const oneOf = (c: Call): Parameters<typeof negotiate>[3] =>
  c.s.answer || (c.r.subresource !== '' && !c.s.custom && WITHOUT_TABLE.has(c.r.plural)) ? { shapes: ['PartialObjectMetadata'] } : ONE;

const STREAM = { shapes: ['Table', 'PartialObjectMetadata'], watch: true } as const;

const VERBS = {
  async get(c: Call): Promise<void> {
    const accepted = acceptedFor(c, oneOf(c));
    const resourceVersion = c.info.query.get('resourceVersion');
    const entry = await get(c.parts.core.plane, c.s, { ...target(c), ...(resourceVersion ? { resourceVersion } : {}) }, c.x.gone);
    sendObject(c.x, 200, await renderObject(c, entry, accepted), accepted);
  },

  async list(c: Call): Promise<void> {
    const accepted = acceptedFor(c, MANY);
    const found = await list(c.parts.core.plane, c.s, listQuery(c, 'list'), c.x.gone);
    sendObject(c.x, 200, await renderList(c, found, accepted), accepted);
  },

  async watch(c: Call): Promise<void> {
    const accepted = acceptedFor(c, STREAM);
    const seconds = watchSeconds(c);
    const asked = listQuery(c, 'watch');
    const { query } = c.info;
    const ended = new AbortController();
    const signal = AbortSignal.any([c.x.gone.signal, ended.signal, c.parts.stopping]);
    const { cache } = c.parts.core.plane;
    const carrier = c.x.upgrade ? await websocketCarrier(c.x, c.x.upgrade) : bodyCarrier(c.x);
    const rendering = await renderWatch(c, accepted);
    const stream = watchStream(c.x, { cache, rendering, carrier, onClose: () => ended.abort() });
    const started = watch(
      c.parts.core.plane,
      c.s,
      {
        ...asked,
        bookmarks: isTrue(query.get('allowWatchBookmarks')),
        endsAfterMs: seconds * 1000,
      },
      stream,
      signal,
    );
    await started;
    stream.open();
    const timer = c.parts.core.plane.clock.after(seconds * 1000, () => stream.close());
    signal.addEventListener('abort', () => {
      timer.cancel();
      stream.close();
    });
  },

  async create(c: Call): Promise<void> {
    const accepted = acceptedFor(c, oneOf(c));
    const w = queryOf(c, 'CreateOptions');
    const object = decodeWrite(c, w);
    await answer(c, 201, await create(c.parts.core.plane, c.s, context(c, w), { namespace: c.r.namespace, object }), accepted);
  },

  async update(c: Call): Promise<void> {
    const accepted = acceptedFor(c, oneOf(c));
    const w = queryOf(c, 'UpdateOptions');
    const written = await update(c.parts.core.plane, c.s, context(c, w), target(c), decodeWrite(c, w));
    await answer(c, written.created ? 201 : 200, written.object, accepted);
  },

  async patch(c: Call): Promise<void> {
    const accepted = acceptedFor(c, oneOf(c));
    const type = c.x.request.headers['content-type'] ?? '';
    const applied = isApply(type);
    const w = queryOf(c, 'PatchOptions', applied);
    if (applied) {
      const done = await apply(c.parts.core, c.s, context(c, w), { ...target(c), ...decodeApply(c, w) });
      return answer(c, done.created ? 201 : 200, done.object, accepted);
    }
    const object = await patch(c.parts.core.plane, c.s, context(c, w), target(c), decodePatch(c, w, type));
    return answer(c, 200, object, accepted);
  },

  async delete(c: Call): Promise<void> {
    const accepted = acceptedFor(c, ONE);
    const o = deleteOptions(decodeOptions(c), c.info.query);
    const done = await remove(
      c.parts.core.plane,
      c.s,
      context(c, { dryRun: o.dryRun, fieldManager: '', options: o.options }),
      target(c),
      o.deletion,
    );
    if (done.gone && c.s.traits.deleteReply === 'status')
      return send(c.x, 200, successStatus(c.s, done.object), { 'Content-Type': 'application/json' });
    return answer(c, !done.gone && o.keep ? 202 : 200, done.object, accepted);
  },

  async deletecollection(c: Call): Promise<void> {
    const accepted = acceptedFor(c, MANY);
    const o = deleteOptions(decodeOptions(c), c.info.query);
    const found = await removeCollection(
      c.parts.core.plane,
      c.s,
      context(c, { dryRun: o.dryRun, fieldManager: '', options: o.options }),
      listQuery(c, 'list'),
      o.deletion,
    );
    sendObject(c.x, 200, await renderList(c, found, accepted), accepted);
  },
};

/** The bytes as stored where the object is the cache's own; else made from it. */
async function answer(c: Call, code: number, object: AnyObject, accepted: ReturnType<typeof negotiate>): Promise<void> {
  const { name = '', namespace = '' } = object.metadata;
  const stored = c.s.collection.get(namespace, name);
  const entry = stored && (await readyView(c.s, stored));
  if (entry?.object === object) return sendObject(c.x, code, await renderObject(c, entry, accepted), accepted);
  const made = { object, bytes: Buffer.from(exactJson(object)) } as Pick<Entry, 'object' | 'bytes'>;
  return sendObject(c.x, code, await renderObject(c, made, accepted), accepted);
}

function successStatus(s: Served, object: AnyObject): string {
  const { name, uid } = object.metadata;
  const { group, plural } = s.resource;
  return JSON.stringify({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name, ...(group ? { group } : {}), kind: plural, uid },
  });
}

/** Server-side apply; its CBOR form is not taken, as where that is switched off. */
const isApply = (contentType: string): boolean => mediaType(contentType) === 'application/apply-patch+yaml';

function watchSeconds(c: Call): number {
  const given = integer(c.info.query, 'timeoutSeconds');
  return given > 0 ? given : 1800 + Math.floor(c.parts.core.plane.clock.random() * 1800);
}

/** A verb that the subresources of custom kinds do not have. */
function notSupported({ resource }: Served, verb: string): StatusError {
  const { group, plural } = resource;
  return new StatusError({
    code: 405,
    reason: 'MethodNotAllowed',
    message: `${verb} is not supported on resources of kind "${plural}.${group}"`,
    details: { group, kind: plural },
  });
}

async function serveSubresource(c: Call): Promise<void> {
  const sub = c.s.subresources.get(c.r.subresource);
  if (!sub && c.s.custom && c.r.name !== '') throw notFound({ ...c.s.resource, name: c.r.name });
  if (!sub || c.r.name === '') throw noSuchResource();
  if (c.s.resource.scope === 'Namespaced' && c.r.namespace === '') throw noSuchResource();
  const verb = c.r.verb === 'list' ? 'get' : c.r.verb;
  if (sub.type === 'connect') return sub.connect ? sub.connect(await connection(c)) : c.parts.connect(c, sub);
  if (!sub.verbs.includes(verb)) throw c.s.custom ? notSupported(c.s, verb) : methodNotAllowed();
  if (c.s.warning) c.x.warnings.add(c.s.warning);
  if (sub.type === 'part') return VERBS[verb as 'get' | 'update' | 'patch'](c);
  if (sub.type === 'scale') return serveScale(c, sub, verb);
  return serveVirtual(c, sub, verb);
}

/** What a subresource that answers by itself is given; the parent must be there. */
async function connection(c: Call): Promise<Connection> {
  const { request, response, body, upgrade } = c.x;
  const parent = (await get(c.parts.core.plane, c.s, target(c), c.x.gone)).object;
  const { query } = c.info;
  return { user: c.user, parent, query, rest: c.r.rest, request, response, body, ...(upgrade ? { upgrade } : {}), signal: c.x.gone.signal };
}

async function serveScale(c: Call, sub: Subresource, verb: string): Promise<void> {
  const accepted = acceptedFor(c, ONE);
  const paths = sub.scale ?? { specReplicas: ['spec', 'replicas'], statusReplicas: ['status', 'replicas'] };
  const { plane } = c.parts.core;
  if (verb === 'get') {
    const entry = await get(plane, c.s, target(c), c.x.gone);
    return sendScale(c, scaleOf(entry.object, paths), accepted);
  }
  const applied = verb === 'patch' && isApply(c.x.request.headers['content-type'] ?? '');
  const w = queryOf(c, verb === 'update' ? 'UpdateOptions' : 'PatchOptions', applied);
  if (applied) {
    const done = await apply(c.parts.core, c.s, context(c, w), { ...target(c), ...decodeApply(c, w) });
    return sendScale(c, done.object, accepted);
  }
  const make = scaleChange(c, w, verb as 'update' | 'patch');
  const scale = await updateScale(plane, c.s, context(c, w), target(c), { paths, make, patched: verb === 'patch' });
  return sendScale(c, scale, accepted);
}

async function sendScale(c: Call, scale: AnyObject, accepted: ReturnType<typeof negotiate>): Promise<void> {
  const made = { object: scale, bytes: Buffer.from(JSON.stringify(scale)) } as Pick<Entry, 'object' | 'bytes'>;
  sendObject(
    c.x,
    200,
    await renderObject({ ...c, s: { ...c.s, table: builtinColumns('autoscaling/v1', 'Scale') } }, made, accepted),
    accepted,
  );
}

async function serveVirtual(c: Call, sub: Subresource, verb: string): Promise<void> {
  const accepted = acceptedFor(c, { shapes: [] });
  const { plane } = c.parts.core;
  const parent = (await get(plane, c.s, target(c), c.x.gone)).object;
  if (verb === 'get' && sub.get) {
    const object = await sub.get(context(c, { dryRun: false, fieldManager: '', options: {} }), parent);
    return sendObject(c.x, 200, Buffer.from(JSON.stringify(object)), accepted);
  }
  if (verb !== 'create' || !sub.create) throw methodNotAllowed();
  const w = queryOf(c, 'CreateOptions');
  const body = decodeWrite(c, w, sub.kind ?? { ...c.s.resource });
  const done = await sub.create(context(c, w), parent, body);
  return sendObject(c.x, done.code, Buffer.from(JSON.stringify(done.object)), accepted);
}
