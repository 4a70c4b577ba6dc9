// Client certificates: the common name is the user, each organisation a group.
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import type { Authenticator } from './contract.ts';
import type { UserInfo } from './user.ts';

/** Who a connection belongs to: its certificate does not change while it lasts. */
const byConnection = new WeakMap<object, UserInfo>();

/** The connection of a request; over HTTP/2 every request has a `socket` object of its own. */
function connectionOf(request: IncomingMessage): object {
  const { stream } = request as IncomingMessage & { readonly stream?: { readonly session?: object } };
  return stream?.session ?? request.socket;
}

/** Whether the caller showed a certificate that the client CA did not sign, or that is not valid now. */
export function hasBadCertificate(request: IncomingMessage): boolean {
  const socket = request.socket as TLSSocket;
  return socket.authorized === false && Object.keys(socket.getPeerCertificate()).length > 0;
}

/** Takes certificates that the TLS layer verified against the client CA; others count as none. */
export const certificateAuthenticator: Authenticator = {
  name: 'x509',
  authenticate(request: IncomingMessage) {
    const socket = request.socket as TLSSocket;
    if (!socket.authorized) return undefined;
    const connection = connectionOf(request);
    const known = byConnection.get(connection);
    if (known) return known;
    const certificate = socket.getPeerCertificate() as DetailedPeerCertificate | undefined;
    const subject = certificate?.subject as Record<string, string | string[]> | undefined;
    const name = [subject?.['CN'] ?? []].flat()[0];
    if (!name || !certificate?.raw) return undefined;
    const fingerprint = createHash('sha256').update(certificate.raw).digest('hex');
    const user: UserInfo = {
      username: name,
      groups: [...new Set([...[subject?.['O'] ?? []].flat(), 'system:authenticated'])],
      extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] },
    };
    byConnection.set(connection, user);
    return user;
  },
};
