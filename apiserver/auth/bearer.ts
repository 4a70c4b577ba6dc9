// Bearer tokens: every kind of them is tried in turn, and a token that nobody takes is refused, never anonymous.
import type { IncomingMessage } from 'node:http';
import { unauthorized } from '../../kube/index.ts';
import type { Authenticator } from './contract.ts';
import type { UserInfo } from './user.ts';

/** Whom a token stands for, and which of the audiences asked for it is good for. */
export interface TokenIdentity {
  readonly user: UserInfo;
  readonly audiences: readonly string[];
}

/** Knows one kind of token. Undefined: not such a token, or not a valid one. */
export interface TokenAuthenticator {
  readonly name: string;
  /** `audiences`: the token must be for one of these. */
  authenticateToken(token: string, audiences: readonly string[]): Promise<TokenIdentity | undefined> | TokenIdentity | undefined;
}

const SUBPROTOCOL = 'base64url.bearer.authorization.k8s.io.';

/** The first of several that knows the token. */
export function anyOf(authenticators: readonly TokenAuthenticator[]): TokenAuthenticator {
  return {
    name: 'tokens',
    async authenticateToken(token, audiences) {
      for (const authenticator of authenticators) {
        const found = await authenticator.authenticateToken(token, audiences);
        if (found) return found;
      }
      return undefined;
    },
  };
}

/** Tokens that name no audience of their own are for the server, and for nobody else. */
export function forServer(tokens: TokenAuthenticator, server: readonly string[]): TokenAuthenticator {
  return {
    name: tokens.name,
    async authenticateToken(token, audiences) {
      const good = audiences.filter(a => server.includes(a));
      const found = good.length > 0 ? await tokens.authenticateToken(token, good) : undefined;
      return found && { ...found, audiences: good };
    },
  };
}

/** Requests with `Authorization: Bearer`, and WebSockets of browsers, which can only send a subprotocol. */
export function bearerAuthenticator(tokens: TokenAuthenticator, audiences: readonly string[]): Authenticator {
  return {
    name: 'bearer',
    async authenticate(request) {
      const token = bearerToken(request);
      if (token === undefined) return undefined;
      const found = await tokens.authenticateToken(token, audiences);
      if (!found) throw unauthorized();
      return found.user;
    },
  };
}

/** The bearer token of a request; undefined where it has none. */
function bearerToken(request: Pick<IncomingMessage, 'headers'>): string | undefined {
  const [, fromHeader] = /^bearer +(\S+)/i.exec(request.headers.authorization ?? '') ?? [];
  if (fromHeader) return fromHeader;
  const protocols = String(request.headers['sec-websocket-protocol'] ?? '').split(',');
  const encoded = protocols.map(p => p.trim()).find(p => p.startsWith(SUBPROTOCOL));
  if (encoded === undefined) return undefined;
  return Buffer.from(encoded.slice(SUBPROTOCOL.length), 'base64url').toString() || undefined;
}
