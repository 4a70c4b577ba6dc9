// Where a member listens. Switched off, nobody answers there; switched on again, it is the same address with the same certificate.
import type { ApiServer, Listening, ListenOptions, Pki } from '../apiserver/index.ts';

/** How to reach a member as its administrator; PEM texts. */
export interface MemberAccess {
  readonly server: string;
  readonly port: number;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface Door {
  open(o: { readonly host: string; readonly port: number }): Promise<MemberAccess>;
  power(state: 'on' | 'off'): Promise<void>;
  close(): Promise<void>;
}

const LOCAL = ['127.0.0.1', '::1', 'localhost'];
const IN_CLUSTER = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local', '10.96.0.1'];

/** The door of one member; it opens once. */
export function doorOf(server: ApiServer, pki: Pki, member: string): Door {
  let address: ListenOptions | undefined;
  let listening: Listening | undefined;
  return {
    async open({ host, port }) {
      const hosts = [...LOCAL, ...IN_CLUSTER, ...(LOCAL.includes(host) ? [] : [host])];
      const [leaf, admin] = await Promise.all([
        pki.leaf('apiserver', { commonName: `${member}-apiserver`, hosts }),
        pki.leaf('admin', { commonName: 'kubernetes-admin', organizations: ['system:masters'] }),
      ]);
      const tls = { ...leaf, clientCa: pki.caCert };
      listening = await server.listen({ host, port, tls });
      address = { host, port: listening.port, tls };
      const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
      return { server: `https://${reachable}:${listening.port}`, port: listening.port, ca: pki.caCert, ...admin };
    },
    async power(state) {
      if (state === 'off') {
        const open = listening;
        listening = undefined;
        await open?.close();
      } else if (!listening && address) {
        listening = await server.listen(address);
      }
    },
    async close() {
      const open = listening;
      listening = undefined;
      address = undefined;
      await open?.close();
    },
  };
}
