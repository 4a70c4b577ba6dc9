// What every caller of the verbs goes through, in process or over HTTP: find the resource, ask whether the user may, then act.
import { noSuchResource, type Resource, StatusError } from '../../kube/index.ts';
import type { Audit } from '../audit/index.ts';
import type { Authorizer } from '../auth/contract.ts';
import type { UserInfo } from '../auth/user.ts';
import type { Catalog } from './catalog.ts';
import type { Plane } from './plane.ts';
import type { Served } from './served.ts';

/** The whole of what requests work on. */
export interface Core {
  readonly plane: Plane;
  readonly catalog: Catalog;
  readonly authorizer: Authorizer;
  /** Logs who did what. */
  readonly audit?: Audit | undefined;
}

export interface Access {
  readonly user: UserInfo;
  readonly verb: string;
  readonly resource: Pick<Resource, 'group' | 'version' | 'plural'>;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

/** Throws Forbidden with the reference's text where the user may not. Returns why the user may. */
export async function allow(core: Core, a: Access): Promise<string> {
  const { group, version, plural } = a.resource;
  const decision = await core.authorizer.authorize({
    user: a.user,
    verb: a.verb,
    resource: { group, version, plural, subresource: a.subresource, namespace: a.namespace, name: a.name },
    path: '',
  });
  if (!decision.allowed) throw refused(a, decision.reason);
  return decision.reason;
}

function refused(a: Access, reason: string): StatusError {
  const { group, plural } = a.resource;
  const what = a.subresource ? `${plural}/${a.subresource}` : plural;
  const where = a.namespace ? `in the namespace "${a.namespace}"` : 'at the cluster scope';
  const about = `${group ? `${plural}.${group}` : plural}${a.name ? ` "${a.name}"` : ''}`;
  const why = `User ${JSON.stringify(a.user.username)} cannot ${a.verb} resource "${what}" in API group "${group}" ${where}${reason ? `: ${reason}` : ''}`;
  return new StatusError({
    code: 403,
    reason: 'Forbidden',
    message: `${about} is forbidden: ${why}`,
    details: { ...(a.name ? { name: a.name } : {}), ...(group ? { group } : {}), kind: plural },
  });
}

/** The served resource, or the 404 that a client of an unknown one gets. */
export function servedOf(core: Core, r: Pick<Resource, 'group' | 'version' | 'plural'>): Served {
  const found = core.catalog.find(r.group, r.version, r.plural);
  if (!found) throw noSuchResource();
  return found;
}
