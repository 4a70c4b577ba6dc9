// The API server put together: storage, cache, resources, permission, HTTP; and the in-process door for our own components.
import { type Client, type Clock, type Logger, StatusError, silent } from '../kube/index.ts';
import type { AdmissionPlugin } from './admission/plugin.ts';
import type { Authenticator, Authorizer } from './auth/contract.ts';
import type { UserInfo } from './auth/user.ts';
import { Cache } from './cache/index.ts';
import { CustomResources } from './custom-resources.ts';
import { type Listening, type ListenOptions, listen } from './http/server.ts';
import type { HttpServerParts, PathHandler } from './http/server-parts.ts';
import { kindProvider, UNTRACKED } from './kind-provider.ts';
import { garbageCollector, namespaceLoop } from './loops/index.ts';
import { builtinResources } from './registry/builtin.ts';
import { inProcessClient } from './registry/in-process-client.ts';
import { Catalog, type Core } from './registry/index.ts';
import type { Store } from './store/index.ts';

export interface ApiServerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log?: Logger;
  readonly authenticators: readonly Authenticator[];
  readonly authorizer: Authorizer;
  readonly plugins?: readonly AdmissionPlugin[];
  readonly paths?: readonly PathHandler[];
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
  const core: Core = { plane: { cache, clock: o.clock, admission: o.plugins ?? [] }, catalog, authorizer: o.authorizer };
  const custom = new CustomResources({ core, log: o.log ?? silent, tracking: () => UNTRACKED, conversions: new Map() });
  custom.load();
  const stop = new AbortController();
  const unavailable = (): never => {
    throw new StatusError({ code: 501, reason: 'NotImplemented', message: 'this server does not do that yet' });
  };
  const parts: HttpServerParts = {
    core,
    log: o.log ?? silent,
    authenticators: o.authenticators,
    paths: o.paths ?? [],
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
