// The two questions asked of every request: who is it, and may they.
import type { IncomingMessage } from 'node:http';
import type { UserInfo } from './user.ts';

/** Finds out who asks. Undefined: this authenticator sees no credentials of its sort. Throws Unauthorized on bad ones. */
export interface Authenticator {
  readonly name: string;
  authenticate(request: IncomingMessage): Promise<UserInfo | undefined> | UserInfo | undefined;
}

export interface AuthorizationAttributes {
  readonly user: UserInfo;
  readonly verb: string;
  /** Set for resource requests; a path otherwise. */
  readonly resource?: {
    readonly group: string;
    readonly version: string;
    readonly plural: string;
    readonly subresource: string;
    readonly namespace: string;
    readonly name: string;
  };
  readonly path: string;
}

export interface Decision {
  readonly allowed: boolean;
  /** What allowed or refused it, for audit and for reviews. */
  readonly reason: string;
}

export interface Authorizer {
  authorize(a: AuthorizationAttributes): Promise<Decision> | Decision;
}
