// Client certificates: the common name is the user, each organisation a group.
import type { IncomingMessage } from 'node:http';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import type { Authenticator } from './contract.ts';

/** Takes certificates that the TLS layer verified against the client CA; others count as none. */
export const certificateAuthenticator: Authenticator = {
  name: 'x509',
  authenticate(request: IncomingMessage) {
    const socket = request.socket as TLSSocket;
    if (!socket.authorized) return undefined;
    const subject = (socket.getPeerCertificate() as DetailedPeerCertificate | undefined)?.subject as
      | Record<string, string | string[]>
      | undefined;
    const name = [subject?.['CN'] ?? []].flat()[0];
    if (!name) return undefined;
    return { username: name, groups: [subject?.['O'] ?? []].flat() };
  },
};
