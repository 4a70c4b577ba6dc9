// The certificates of a running API server: its own and its administrator's, made or renewed as needed, at start and twice a day.
import { isIPv4 } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import type { KeyPair, Listening, Pki } from '../apiserver/index.ts';
import { type Clock, type Logger, periodic, type Runnable } from '../kube/index.ts';
import type { Home } from './home.ts';
import { writeContext } from './kubeconfig.ts';

const LOOK_MS = 12 * 3600_000;
const LOCAL = ['127.0.0.1', '::1', 'localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];

const WILDCARDS = ['0.0.0.0', '::'];

/** The server's pair; it is good for the address the server listens on, or for all of the machine where it listens on all. */
export const serverPair = (pki: Pki, host: string): Promise<KeyPair> =>
  pki.leaf('apiserver', { commonName: 'flotilla-apiserver', hosts: [...new Set([...LOCAL, host, ...machineNames(host)])] });

/** What others may call this machine by. An address that is gone again stays in a certificate; a new one makes a new certificate. */
function machineNames(host: string): readonly string[] {
  if (!WILDCARDS.includes(host)) return [];
  const addresses = Object.values(networkInterfaces()).flatMap(all => all ?? []);
  const reachable = addresses.filter(({ family, scopeid }) => (family === 'IPv4' ? true : host === '::' && !scopeid));
  return [hostname(), ...reachable.map(({ address }) => address)];
}

/** Where others reach a server that listens at this address; undefined where only this machine does and it has no address of its own. */
export function reachableAddress(host: string): string | undefined {
  if (isIPv4(host) && !host.startsWith('127.') && !WILDCARDS.includes(host)) return host;
  const addresses = Object.values(networkInterfaces()).flatMap(all => all ?? []);
  return addresses.find(a => a.family === 'IPv4' && !a.internal && !a.address.startsWith('169.254.'))?.address;
}

/** Writes the administrator's kubeconfig with a pair that is good for a while. */
export async function writeAdmin(pki: Pki, home: Home, port: number): Promise<void> {
  const admin = await pki.leaf('admin', { commonName: 'system:admin', organizations: ['system:masters'] });
  writeContext(home.kubeconfig, { name: 'karmada-apiserver', server: `https://127.0.0.1:${port}`, ca: pki.caCert, ...admin });
}

export interface RenewalOptions {
  readonly pki: Pki;
  readonly home: Home;
  readonly host: string;
  readonly listening: Pick<Listening, 'port' | 'renew'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Open connections stay as they are; new ones meet the new certificate. */
export function renewal(o: RenewalOptions): Runnable {
  let shown: string | undefined;
  return periodic({ name: 'certificates', everyMs: LOOK_MS, clock: o.clock, log: o.log }, async () => {
    const pair = await serverPair(o.pki, o.host);
    if (shown !== undefined && shown !== pair.cert) {
      o.listening.renew({ ...pair, clientCa: o.pki.caCert });
      o.log.info({}, 'the certificate of the API server has been renewed');
    }
    shown = pair.cert;
    await writeAdmin(o.pki, o.home, o.listening.port);
  });
}
