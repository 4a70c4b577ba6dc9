// The way of every request: identity, permission, then a resource verb or a path handler.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorText, isStatusError, methodNotAllowed, noSuchResource, tooLarge, unauthorized } from '../../kube/index.ts';
import { hasBadCertificate } from '../auth/certificate.ts';
import { impersonationTarget, type RequestedAction, refusedAction } from '../auth/impersonation.ts';
import { ANONYMOUS, type UserInfo } from '../auth/user.ts';
import { beginTrail } from './audited.ts';
import { type RequestInfo, requestInfo } from './request-info.ts';
import { serveResource } from './resource.ts';
import { type Exchange, sendError, sendText, tellDecision } from './respond.ts';
import type { HttpServerParts } from './server-parts.ts';

/** Why a request's signal fires. One for all: making an exception costs more than most requests. */
const ENDED = new Error('the request has ended');

export async function handle(
  parts: HttpServerParts,
  request: IncomingMessage,
  response: ServerResponse,
  o: Pick<Exchange, 'body' | 'upgrade'>,
): Promise<void> {
  const given = request.headers['audit-id'];
  const gone = new AbortController();
  const x: Exchange = {
    request,
    response,
    auditId: typeof given === 'string' && given !== '' ? given : parts.core.plane.clock.uuid(),
    ...o,
    warnings: new Set(),
    gone,
    encoding: 'json',
  };
  let closed = false;
  response.on('close', () => {
    closed = true;
    if (!response.writableFinished) gone.abort(ENDED);
  });
  try {
    await route(parts, x);
  } catch (fault) {
    if (closed) return;
    const error = isTooDeep(fault) ? tooLarge('the object is nested too deeply') : fault;
    if (!isStatusError(error))
      parts.log.error(
        { path: request.url, method: request.method, err: errorText(error), stack: (error as Error).stack },
        'request failed',
      );
    if (!isStatusError(error)) x.audit?.panic(500);
    sendError(x, error);
  }
}

/** What recursion over an object ends with when a caller nests it by the thousand. */
const isTooDeep = (error: unknown): boolean => error instanceof RangeError && error.message === 'Maximum call stack size exceeded';

async function route(parts: HttpServerParts, x: Exchange): Promise<void> {
  const info = requestInfo(x.request.method ?? 'GET', x.request.url ?? '/');
  const counted = parts.requests?.begin(info, x.request.headers['content-type']);
  if (counted) x.response.on('close', () => counted(x.response.statusCode));
  const caller = await known(parts, x, info);
  const target = impersonationTarget(x.request.rawHeaders);
  const user = target ? await parts.impersonation.actAs({ caller, target, action: actionOf(info) }) : caller;
  if (target) x.audit?.actsAs(user);
  const leave = await parts.inFlight?.enter(info, user, x.gone);
  try {
    return await serve(parts, x, { info, user });
  } finally {
    leave?.();
  }
}

/** Who asks; with an audit log, the trail begins here, also of those whom nobody knows. */
async function known(parts: HttpServerParts, x: Exchange, info: RequestInfo): Promise<UserInfo> {
  const { audit } = parts.core;
  if (!audit) return identify(parts, x.request, info.path);
  await audit.room();
  try {
    const user = await identify(parts, x.request, info.path);
    x.audit = beginTrail(audit, x, { info, user });
    if (x.audit?.wantsRequest && info.method === 'PATCH') x.audit.request(patchIn(x.body));
    return user;
  } catch (error) {
    x.audit = beginTrail(audit, x, { info });
    throw error;
  }
}

/** A patch as it was sent: JSON where it is JSON. */
function patchIn(body: Buffer): unknown {
  const text = body.toString();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

interface Asked {
  readonly info: RequestInfo;
  readonly user: UserInfo;
}

async function serve(parts: HttpServerParts, x: Exchange, { info, user }: Asked): Promise<void> {
  const r = info.resource;
  if (r) {
    if (!parts.core.catalog.hasGroup(r.group)) {
      await mayPath(parts, x, { info, user });
      return sendText(x, 404, '404 page not found\n');
    }
    return serveResource(parts, x, { info, r, user });
  }
  await mayPath(parts, x, { info, user });
  return servePath(parts, x, info);
}

async function identify(parts: HttpServerParts, request: IncomingMessage, path: string): Promise<UserInfo> {
  for (const authenticator of parts.authenticators) {
    const user = await authenticator.authenticate(request);
    if (user) return withAuthenticated(user);
  }
  if (request.headers.authorization || hasBadCertificate(request)) throw unauthorized();
  if (parts.anonymousPaths && !parts.anonymousPaths.includes(path)) throw unauthorized();
  return ANONYMOUS;
}

function withAuthenticated(user: UserInfo): UserInfo {
  const marked = user.groups.includes('system:authenticated') || user.groups.includes('system:unauthenticated');
  return marked ? user : { ...user, groups: [...user.groups, 'system:authenticated'] };
}

const PATH_VERBS = new Map([
  ['GET', 'get'],
  ['HEAD', 'head'],
  ['POST', 'post'],
  ['PUT', 'put'],
  ['PATCH', 'patch'],
  ['DELETE', 'delete'],
  ['OPTIONS', 'options'],
]);

/** What is asked of the authorizer about a request. */
function actionOf(info: RequestInfo): RequestedAction {
  const { method, path, resource: r } = info;
  if (!r) return { verb: PATH_VERBS.get(method) ?? method.toLowerCase(), path };
  const { group, version, plural, subresource, namespace, name } = r;
  return { verb: r.verb || method.toLowerCase(), path: '', resource: { group, version, plural, subresource, namespace, name } };
}

async function mayPath(parts: HttpServerParts, x: Exchange, { info: { method, path }, user }: Pick<Asked, 'info' | 'user'>): Promise<void> {
  const action = actionOf({ method, path, query: new URLSearchParams() });
  const decision = await parts.core.authorizer.authorize({ user, ...action });
  if (!decision.allowed) throw refusedAction(user, action, decision.reason);
  tellDecision(x, 'allow', decision.reason);
}

function servePath(parts: HttpServerParts, x: Exchange, info: RequestInfo): Promise<void> | void {
  const handler = parts.paths.find(h => h.matches(info.path));
  if (handler) {
    if (!handler.methods.includes(info.method)) throw methodNotAllowed();
    return handler.serve(x, info.path, info.query, x.gone.signal);
  }
  const [, root = '', group = ''] = info.path.split('/');
  if (root === 'api' || (root === 'apis' && parts.core.catalog.hasGroup(group))) throw noSuchResource();
  return sendText(x, 404, '404 page not found\n');
}
