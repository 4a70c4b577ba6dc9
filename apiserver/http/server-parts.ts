// What the HTTP layer is given to work with.
import type { Logger } from '../../kube/index.ts';
import type { Authenticator } from '../auth/contract.ts';
import type { Impersonation } from '../auth/impersonation.ts';
import type { UserInfo } from '../auth/user.ts';
import type { Core, Served, Subresource } from '../registry/index.ts';
import type { InFlight } from './in-flight.ts';
import type { RequestInfo, ResourceRequest } from './request-info.ts';
import type { RequestMetrics } from './request-metrics.ts';
import type { Exchange } from './respond.ts';

/** A path that is no resource: health, version, discovery, OpenAPI, metrics. */
export interface PathHandler {
  /** Whether this handler answers the path. */
  matches(path: string): boolean;
  /** Methods it answers; others get 405. */
  readonly methods: readonly string[];
  serve(x: Exchange, path: string, query: URLSearchParams, signal: AbortSignal): Promise<void> | void;
}

export interface HttpServerParts {
  readonly core: Core;
  readonly log: Logger;
  readonly authenticators: readonly Authenticator[];
  readonly impersonation: Impersonation;
  readonly paths: readonly PathHandler[];
  readonly requests?: RequestMetrics;
  /** Where a request without credentials is anonymous; absent: everywhere. */
  readonly anonymousPaths?: readonly string[] | undefined;
  /** Limits how much is done at once. */
  readonly inFlight?: InFlight | undefined;
  /** Fires when the server shuts down: watches end. */
  readonly stopping: AbortSignal;
  /** Streams: proxy, log, exec. */
  connect(c: Call, sub: Subresource): Promise<void>;
}

/** One resource request with everything found out about it. */
export interface Call {
  readonly parts: HttpServerParts;
  readonly x: Exchange;
  readonly info: RequestInfo;
  readonly r: ResourceRequest;
  readonly user: UserInfo;
  readonly s: Served;
}
