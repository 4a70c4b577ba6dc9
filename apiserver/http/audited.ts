// From a request to the subject of its audit trail.
import type { ServerResponse } from 'node:http';
import type { Audit, Trail } from '../audit/index.ts';
import type { UserInfo } from '../auth/user.ts';
import type { RequestInfo } from './request-info.ts';
import type { Exchange } from './respond.ts';

/** Begins the trail of a request and ends it with the answer; undefined where the policy does not log it. */
export function beginTrail(audit: Audit, x: Exchange, o: { readonly info: RequestInfo; readonly user?: UserInfo }): Trail | undefined {
  const { request, response } = x;
  const { resource: r, path, method } = o.info;
  const trail = audit.begin({
    auditId: x.auditId,
    uri: request.url ?? '/',
    path,
    verb: r?.verb || method.toLowerCase(),
    ...(o.user ? { user: o.user } : {}),
    userAgent: request.headers['user-agent'] ?? '',
    sourceIps: sourceIps(x),
    ...(r ? { resource: r } : {}),
  });
  if (trail) endTrail(trail, response);
  return trail;
}

function endTrail(trail: Trail, response: ServerResponse): void {
  const end = (): void => trail.complete(response.statusCode);
  response.once('finish', end);
  response.once('close', end);
}

/** Who says to have forwarded the request, then who sent it. */
function sourceIps({ request }: Exchange): string[] {
  const forwarded = [request.headers['x-forwarded-for'] ?? []].flat().flatMap(h => h.split(','));
  const told = [...forwarded, ...[request.headers['x-real-ip'] ?? []].flat()]
    .map(ip => ip.trim())
    .filter(ip => /^[0-9a-fA-F.:]{2,45}$/.test(ip));
  const sender = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  return [...new Set([...told, ...(sender ? [sender] : [])])];
}
