// The plane's own certificates: one CA (ECDSA P-256, 10 years), leaves of a year, renewed when less than a fifth is left.
// Keys lie in files of mode 0600 in a folder of mode 0700; nothing here is ever logged.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import type { Clock } from '../../kube/index.ts';

type CryptoKey = webcrypto.CryptoKey;

x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0]);

/** How every key of ours signs. */
export const SIGNATURE = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 24 * 3600 * 1000;
/** Certificates begin a little before now: clocks differ. */
export const BACKDATE_MS = 5 * 60_000;
const CA_DAYS = 3650;
const LEAF_DAYS = 365;
const RENEW_BELOW = 0.2;

/** PEM texts. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

export interface LeafRequest {
  readonly commonName: string;
  readonly organizations?: readonly string[];
  /** DNS names and IP addresses; a certificate with them is a server's, one without a client's. */
  readonly hosts?: readonly string[];
  readonly days?: number;
}

export class Pki {
  readonly #dir: string;
  readonly #clock: Clock;
  readonly #ca: KeyPair;

  private constructor(dir: string, clock: Clock, ca: KeyPair) {
    this.#dir = dir;
    this.#clock = clock;
    this.#ca = ca;
  }

  /** Opens the folder, making the CA where it is missing. */
  static async open(dir: string, clock: Clock): Promise<Pki> {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const known = readPair(dir, 'ca');
    const ca = known ?? (await makeCa(clock));
    if (!known) writePair(dir, 'ca', ca);
    return new Pki(dir, clock, ca);
  }

  get caCert(): string {
    return this.#ca.cert;
  }

  /** Signs with the CA: for certificate signing requests. */
  get ca(): KeyPair {
    return this.#ca;
  }

  /** The named pair, made or renewed as needed. A changed list of hosts makes a new one too. */
  async leaf(name: string, request: LeafRequest): Promise<KeyPair> {
    const known = readPair(this.#dir, name);
    if (known && this.#good(known, request)) return known;
    const made = await this.issue(request);
    writePair(this.#dir, name, made);
    return made;
  }

  /** A fresh pair that is kept nowhere. */
  async issue(request: LeafRequest): Promise<KeyPair> {
    const keys = await webcrypto.subtle.generateKey(SIGNATURE, true, ['sign', 'verify']);
    const cert = await signLeaf(this.#ca, { ...request, publicKey: keys.publicKey }, this.#clock);
    return { cert, key: await pemOf(keys.privateKey) };
  }

  #good(pair: KeyPair, request: LeafRequest): boolean {
    const cert = new x509.X509Certificate(pair.cert);
    const total = cert.notAfter.getTime() - cert.notBefore.getTime();
    if (cert.notAfter.getTime() - this.#clock.now() < total * RENEW_BELOW) return false;
    const names = cert.getExtension(x509.SubjectAlternativeNameExtension)?.names.items.map(n => n.value) ?? [];
    return (request.hosts ?? []).every(host => names.includes(host));
  }
}

async function makeCa(clock: Clock): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(SIGNATURE, true, ['sign', 'verify']);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: certificateSerial(clock),
    name: 'CN=flotilla-ca',
    notBefore: new Date(clock.now() - BACKDATE_MS),
    notAfter: new Date(clock.now() + CA_DAYS * DAY_MS),
    signingAlgorithm: SIGNATURE,
    keys: keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: `${cert.toString('pem')}\n`, key: await pemOf(keys.privateKey) };
}

/** Signs a certificate for a public key; returns PEM. */
export async function signLeaf(
  ca: KeyPair,
  o: LeafRequest & { readonly publicKey: CryptoKey | x509.PublicKey; readonly seconds?: number },
  clock: Clock,
): Promise<string> {
  const issuer = new x509.X509Certificate(ca.cert);
  const hosts = o.hosts ?? [];
  const cert = await x509.X509CertificateGenerator.create({
    serialNumber: certificateSerial(clock),
    subject: subjectOf(o),
    issuer: issuer.subjectName,
    notBefore: new Date(clock.now() - BACKDATE_MS),
    notAfter: new Date(
      Math.min(clock.now() + (o.seconds === undefined ? (o.days ?? LEAF_DAYS) * DAY_MS : o.seconds * 1000), issuer.notAfter.getTime()),
    ),
    signingKey: await signingKeyOf(ca.key),
    signingAlgorithm: SIGNATURE,
    publicKey: o.publicKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
      new x509.ExtendedKeyUsageExtension([hosts.length > 0 ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      ...(hosts.length > 0
        ? [
            new x509.SubjectAlternativeNameExtension(
              hosts.map(value => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value })),
            ),
          ]
        : []),
    ],
  });
  return `${cert.toString('pem')}\n`;
}

function subjectOf(o: LeafRequest): x509.Name {
  return new x509.Name([...(o.organizations ?? []).map(value => ({ O: [{ utf8String: value }] })), { CN: [{ utf8String: o.commonName }] }]);
}

export const certificateSerial = (clock: Clock): string => `01${clock.uuid().replaceAll('-', '')}`;

async function pemOf(key: CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}

/** A PEM key, ready to sign. */
export function signingKeyOf(pem: string): Promise<CryptoKey> {
  return webcrypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(pem), SIGNATURE, false, ['sign']);
}

function readPair(dir: string, name: string): KeyPair | undefined {
  const [cert, key] = [join(dir, `${name}.crt`), join(dir, `${name}.key`)];
  return existsSync(cert) && existsSync(key) ? { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') } : undefined;
}

function writePair(dir: string, name: string, pair: KeyPair): void {
  for (const [ending, text] of [
    ['key', pair.key],
    ['crt', pair.cert],
  ] as const) {
    const file = join(dir, `${name}.${ending}`);
    writeFileSync(`${file}.new`, text, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
}
