// The API server put together: storage, cache, resources, permission, HTTP; and the in-process door for our own components.
import { type Client, type Clock, type Logger, type Runnable, StatusError, silent } from '../kube/index.ts';
import type { AdmissionPlugin } from './admission/plugin.ts';
import { anyOf, bearerAuthenticator, type TokenAuthenticator } from './auth/bearer.ts';
import type { Authenticator, Authorizer } from './auth/contract.ts';
import { openidPaths } from './auth/openid-paths.ts';
import { RbacAuthorizer } from './auth/rbac.ts';
import { type CoreLookup, DEFAULT_ISSUER, ServiceAccountTokens } from './auth/service-account-tokens.ts';
import type { SigningKey } from './auth/signing-key.ts';
import { tokenRequest } from './auth/token-request.ts';
import type { UserInfo } from './auth/user.ts';
import { Cache } from './cache/index.ts';
import type { CustomKind } from './crd/custom-kind.ts';
import { type Conversion, CustomResources } from './custom-resources.ts';
import { discoveryPaths } from './http/discovery.ts';
import { type OpenApiSources, openapiPaths } from './http/openapi.ts';
import { type Listening, type ListenOptions, listen } from './http/server.ts';
import type { HttpServerParts, PathHandler } from './http/server-parts.ts';
import { kindProvider, UNTRACKED } from './kind-provider.ts';
import { garbageCollector, namespaceLoop, serviceAccountTokenLoop } from './loops/index.ts';
import { builtinResources, type KindProvider } from './registry/builtin.ts';
import { inProcessClient } from './registry/in-process-client.ts';
import { Catalog, type Core, type Served } from './registry/index.ts';
import type { Store } from './store/index.ts';

/** Keys the server works with; without them it issues nothing. */
export interface ServerKeys {
  /** Signs service-account tokens. */
  readonly serviceAccount: SigningKey;
  /** PEM of the CA that clients verify the server with. */
  readonly caCert: string;
}

export interface ApiServerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log?: Logger;
  readonly authenticators: readonly Authenticator[];
  /** Bearer tokens taken beside those of service accounts. */
  readonly tokens?: readonly TokenAuthenticator[];
  readonly keys?: ServerKeys;
  /** RBAC over the server's own objects without one. */
  readonly authorizer?: Authorizer;
  readonly plugins?: (core: Core) => readonly AdmissionPlugin[];
  readonly paths?: readonly PathHandler[];
  /** Custom kinds whose versions differ in shape. */
  readonly conversions?: ReadonlyMap<string, Conversion>;
  /** Custom kinds that an extension serves: they are described with the others. */
  readonly documented?: readonly CustomKind[];
  /** Version of the documents: `v1.36.1+…`. */
  readonly version?: string;
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
  const lookup: CoreLookup = (plural, namespace, name) => catalog.find('', 'v1', plural)?.collection.get(namespace, name)?.object;
  const serviceAccounts = o.keys && new ServiceAccountTokens({ key: o.keys.serviceAccount, clock: o.clock, lookup });
  const request = serviceAccounts && tokenRequest({ tokens: serviceAccounts, lookup, now: () => o.clock.now() });
  const kinds: KindProvider = {
    ...kindProvider,
    subresource: (group, name) => (group === '' && name === 'serviceaccounts/token' ? request : kindProvider.subresource(group, name)),
  };
  for (const served of builtinResources(cache, kinds)) catalog.put(served);
  const admission: AdmissionPlugin[] = [];
  const core: Core = { plane: { cache, clock: o.clock, admission }, catalog, authorizer: o.authorizer ?? rbacOver(catalog) };
  admission.push(...(o.plugins?.(core) ?? []));
  for (const served of o.kinds?.(core) ?? []) catalog.put(served);
  const custom = new CustomResources({ core, log: o.log ?? silent, tracking: () => UNTRACKED, conversions: o.conversions ?? new Map() });
  custom.load();
  const tokens = anyOf([...(o.tokens ?? []), ...(serviceAccounts ? [serviceAccounts] : [])]);
  const audiences = serviceAccounts?.audiences ?? [DEFAULT_ISSUER];
  const stop = new AbortController();
  const unavailable = (): never => {
    throw new StatusError({ code: 501, reason: 'NotImplemented', message: 'this server does not do that yet' });
  };
  const parts: HttpServerParts = {
    core,
    log: o.log ?? silent,
    authenticators: [...o.authenticators, bearerAuthenticator(tokens, audiences)],
    paths: [
      ...(o.paths ?? []),
      ...(serviceAccounts ? [openidPaths(serviceAccounts)] : []),
      discoveryPaths(catalog),
      openapiPaths(documentSources(catalog, custom, o)),
    ],
    stopping: stop.signal,
    apply: unavailable,
    connect: unavailable,
  };
  return {
    core,
    loops: [
      custom.loop(),
      namespaceLoop({ core }),
      garbageCollector({ core }),
      ...(serviceAccounts && o.keys ? [serviceAccountTokenLoop({ core, tokens: serviceAccounts, caCert: o.keys.caCert })] : []),
    ],
    client: (user, fieldManager) => inProcessClient(core, { user, fieldManager, apply: unavailable }),
    listen: l => listen(parts, stop, l),
  };
}

function documentSources(catalog: Catalog, custom: CustomResources, o: ApiServerOptions): OpenApiSources {
  return {
    generation: () => catalog.generation,
    builtin: () =>
      catalog
        .all()
        .filter(s => !s.custom)
        .map(s => ({
          group: s.resource.group,
          version: s.resource.version,
          kind: s.resource.kind,
          plural: s.resource.plural,
          namespaced: s.resource.scope === 'Namespaced',
          verbs: s.verbs,
          subresources: [...s.subresources.keys()],
        })),
    custom: () => [...custom.kinds(), ...(o.documented ?? [])],
    version: o.version ?? 'v1.36.1',
    startedMs: o.clock.now(),
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
