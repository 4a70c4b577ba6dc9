// The API server put together: storage, cache, resources, permission, HTTP; and the in-process door for our own components.
import { type Client, type Clock, type Logger, type Runnable, StatusError, silent } from '../kube/index.ts';
import type { AdmissionPlugin } from './admission/plugin.ts';
import type { Authenticator, Authorizer } from './auth/contract.ts';
import { RbacAuthorizer } from './auth/rbac.ts';
import type { UserInfo } from './auth/user.ts';
import { Cache } from './cache/index.ts';
import { type Conversion, CustomResources } from './custom-resources.ts';
import { discoveryPaths } from './http/discovery.ts';
import { type Listening, type ListenOptions, listen } from './http/server.ts';
import type { HttpServerParts, PathHandler } from './http/server-parts.ts';
import { kindProvider, UNTRACKED } from './kind-provider.ts';
import { garbageCollector, namespaceLoop } from './loops/index.ts';
import { builtinResources } from './registry/builtin.ts';
import { inProcessClient } from './registry/in-process-client.ts';
import { Catalog, type Core, type Served } from './registry/index.ts';
import type { Store } from './store/index.ts';

export interface ApiServerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log?: Logger;
  readonly authenticators: readonly Authenticator[];
  /** RBAC over the server's own objects without one. */
  readonly authorizer?: Authorizer;
  readonly plugins?: (core: Core) => readonly AdmissionPlugin[];
  readonly paths?: readonly PathHandler[];
  /** Custom kinds whose versions differ in shape. */
  readonly conversions?: ReadonlyMap<string, Conversion>;
  /** Kinds beside Kubernetes' own and custom ones: an extension serves them. */
  readonly kinds?: (core: Core) => readonly Served[];
}

export interface ApiServer {
  readonly core: Core;
  /** What must run beside it: custom resources, namespaces, garbage. */
  readonly loops: readonly Runnable[];
  /** A client that acts as `user` without leaving the process. */
  client(user: UserInfo, fieldManager: string): Client;
  listen(o: ListenOptions): Promise<Listening>;
}

export async function apiServer(o: ApiServerOptions): Promise<ApiServer> {
  const cache = await Cache.open(o.store, o.clock);
  const catalog = new Catalog();
  for (const served of builtinResources(cache, kindProvider)) catalog.put(served);
  const admission: AdmissionPlugin[] = [];
  const core: Core = { plane: { cache, clock: o.clock, admission }, catalog, authorizer: o.authorizer ?? rbacOver(catalog) };
  admission.push(...(o.plugins?.(core) ?? []));
  for (const served of o.kinds?.(core) ?? []) catalog.put(served);
  const custom = new CustomResources({ core, log: o.log ?? silent, tracking: () => UNTRACKED, conversions: o.conversions ?? new Map() });
  custom.load();
  const stop = new AbortController();
  const unavailable = (): never => {
    throw new StatusError({ code: 501, reason: 'NotImplemented', message: 'this server does not do that yet' });
  };
  const parts: HttpServerParts = {
    core,
    log: o.log ?? silent,
    authenticators: o.authenticators,
    paths: [...(o.paths ?? []), discoveryPaths(catalog)],
    stopping: stop.signal,
    apply: unavailable,
    connect: unavailable,
  };
  return {
    core,
    loops: [custom.loop(), namespaceLoop({ core }), garbageCollector({ core })],
    client: (user, fieldManager) => inProcessClient(core, { user, fieldManager, apply: unavailable }),
    listen: l => listen(parts, stop, l),
  };
}

function rbacOver(catalog: Catalog): RbacAuthorizer {
  const collection = (plural: string): Served['collection'] => {
    const served = catalog.find('rbac.authorization.k8s.io', 'v1', plural);
    if (!served) throw new Error(`${plural} is not served`);
    return served.collection;
  };
  return new RbacAuthorizer({
    roles: collection('roles'),
    roleBindings: collection('rolebindings'),
    clusterRoles: collection('clusterroles'),
    clusterRoleBindings: collection('clusterrolebindings'),
  });
}
