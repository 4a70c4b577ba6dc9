// The API server put together: storage, cache, resources, permission, HTTP; and the in-process door for our own components.
import { type Client, type Clock, type Logger, type Metrics, type Runnable, silent } from '../kube/index.ts';
import { dynamicAdmission } from './admission/dynamic.ts';
import type { AdmissionPlugin } from './admission/plugin.ts';
import { resourceQuota } from './admission/quota/resource-quota.ts';
import type { Audit } from './audit/index.ts';
import type { TokenAuthenticator } from './auth/bearer.ts';
import type { Authenticator, Authorizer } from './auth/contract.ts';
import { Impersonation } from './auth/impersonation.ts';
import type { UserInfo } from './auth/user.ts';
import { Cache } from './cache/index.ts';
import { conversionCall } from './conversion-call.ts';
import type { CustomKind } from './crd/custom-kind.ts';
import type { Conversion } from './custom-conversion.ts';
import { CustomResources, type Extensions } from './custom-resources.ts';
import { discoveryPaths } from './http/discovery.ts';
import { InFlight, type InFlightLimits } from './http/in-flight.ts';
import { type OpenApiSources, openapiPaths } from './http/openapi.ts';
import { RequestMetrics } from './http/request-metrics.ts';
import { type Listening, type ListenOptions, listen } from './http/server.ts';
import type { HttpServerParts, PathHandler } from './http/server-parts.ts';
import { kindProvider } from './kind-provider.ts';
import { compactionLoop, eventExpiryLoop, garbageCollector, localApiServicesLoop, loopClient, namespaceLoop } from './loops/index.ts';
import { podSubresources } from './pod-subresources.ts';
import { ClusterProxy, withoutBackend } from './proxy/index.ts';
import { builtinResources } from './registry/builtin.ts';
import { inProcessClient } from './registry/in-process-client.ts';
import { Catalog, type Core, type Served } from './registry/index.ts';
import { type ServerKeys, security } from './security.ts';
import { serviceAddress } from './service-address.ts';
import type { Store } from './store/index.ts';
import { webhookHttp } from './webhook-http.ts';

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
  /** Where requests are counted. */
  readonly metrics?: Metrics;
  /** Custom kinds whose versions differ in shape. */
  readonly conversions?: ReadonlyMap<string, Conversion>;
  /** Subresources of custom kinds that a component answers. */
  readonly extensions?: Extensions;
  /** Custom kinds that an extension serves: they are described with the others. */
  readonly documented?: readonly CustomKind[];
  /** Logs who did what; absent: nobody does. */
  readonly audit?: Audit | undefined;
  /** Where a request without credentials is anonymous; absent: everywhere. */
  readonly anonymousPaths?: readonly string[] | undefined;
  /** How much is done at once; absent: no limit. */
  readonly limits?: InFlightLimits | undefined;
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
  const secured = security({ ...o, catalog });
  for (const served of builtinResources(cache, secured.kinds(kindProvider))) catalog.put(served);
  const admission: AdmissionPlugin[] = [];
  const core: Core = { plane: { cache, clock: o.clock, admission }, catalog, authorizer: secured.authorizer(), audit: o.audit };
  const http = webhookHttp({ clock: o.clock, resolve: serviceAddress(catalog) });
  admission.push(...(o.plugins?.(core) ?? []), ...secured.admission(), ...dynamicAdmission(core, http));
  admission.push(resourceQuota(core, loopClient(core, 'kube-apiserver')));
  catalog.put(podSubresources(core));
  for (const served of o.kinds?.(core) ?? []) catalog.put(served);
  const custom = new CustomResources({
    core,
    log: o.log ?? silent,
    conversions: o.conversions ?? new Map(),
    call: conversionCall(http),
    ...(o.extensions ? { extensions: o.extensions } : {}),
  });
  custom.load();
  const proxy = new ClusterProxy(core);
  const parts: Omit<HttpServerParts, 'stopping'> = {
    core,
    log: o.log ?? silent,
    authenticators: secured.authenticators,
    impersonation: new Impersonation(core.authorizer),
    ...(o.metrics ? { requests: new RequestMetrics(o.metrics, { catalog, clock: o.clock }) } : {}),
    anonymousPaths: o.anonymousPaths,
    inFlight: o.limits && new InFlight(o.limits, o.clock),
    paths: [...(o.paths ?? []), ...secured.paths, discoveryPaths(catalog), openapiPaths(documentSources(catalog, custom, o))],
    connect: async c => (c.s.resource.plural === 'clusters' && c.r.subresource === 'proxy' ? proxy.serve(c) : withoutBackend(core, c)),
  };
  return {
    core,
    loops: [
      custom.loop(),
      namespaceLoop({ core }),
      garbageCollector({ core }),
      ...secured.loops(core, o.log ?? silent),
      eventExpiryLoop({ core, log: o.log ?? silent }),
      compactionLoop({ core, log: o.log ?? silent }),
      localApiServicesLoop({ core, log: o.log ?? silent }),
    ],
    client: (user, fieldManager) => inProcessClient(core, { user, fieldManager }),
    listen(l) {
      const stop = new AbortController();
      return listen({ ...parts, stopping: stop.signal }, stop, l);
    },
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
