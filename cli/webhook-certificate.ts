// The certificate of the webhook server: from files, or made here under an authority of its own.
import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../kube/index.ts';

export interface CertificateOptions {
  readonly dir: string;
  readonly certName: string;
  readonly keyName: string;
  /** Names and addresses under which API servers may come. */
  readonly hosts: readonly string[];
  readonly clock: Clock;
}

export interface Certificate {
  /** PEM texts. */
  readonly cert: string;
  readonly key: string;
  /** What API servers verify it with. */
  readonly ca: string;
}

const SERVICE = 'karmada-webhook.karmada-system';

/** Files that are there are taken as they are; what we made ourselves is renewed in time. */
export async function webhookCertificate(o: CertificateOptions): Promise<Certificate> {
  const [cert, key, ca] = [o.certName, o.keyName, 'ca.crt'].map(name => join(o.dir, name)) as [string, string, string];
  const isOurs = existsSync(join(o.dir, 'ca.key'));
  if (existsSync(cert) && existsSync(key) && !isOurs) {
    const text = readFileSync(cert, 'utf8');
    return { cert: text, key: readFileSync(key, 'utf8'), ca: existsSync(ca) ? readFileSync(ca, 'utf8') : text };
  }
  const { Pki } = await import('../apiserver/index.ts');
  const pki = await Pki.open(o.dir, o.clock);
  const hosts = new Set(['127.0.0.1', '::1', 'localhost', hostname(), `${SERVICE}.svc`, `${SERVICE}.svc.cluster.local`, ...o.hosts]);
  return { ...(await pki.leaf('tls', { commonName: 'karmada-webhook', hosts: [...hosts] })), ca: pki.caCert };
}
