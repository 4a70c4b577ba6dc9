// PKCS#10 certificate requests: what they ask for, and the certificate that answers one.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { Clock } from '../../kube/index.ts';
import { BACKDATE_MS, certificateSerial, type KeyPair, SIGNATURE, signingKeyOf } from './pki.ts';

x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0]);

/** Subject and alternative names of a request. */
export interface RequestedSubject {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly names: Readonly<Record<'dns' | 'ip' | 'email' | 'url', readonly string[]>>;
}

/** Reads spec.request (base64 of PEM); throws where it is no request or its signature is wrong. */
export async function requestedSubject(base64: string): Promise<RequestedSubject> {
  const csr = parsed(base64);
  if (!(await csr.verify())) throw new Error('the signature of the certificate request is not valid');
  const names = alternativeNames(csr)?.names.items ?? [];
  const of = (type: x509.GeneralNameType): string[] => names.filter(n => n.type === type).map(n => n.value);
  return {
    commonName: csr.subjectName.getField('CN').at(-1) ?? '',
    organizations: csr.subjectName.getField('O'),
    names: { dns: of('dns'), ip: of('ip'), email: of('email'), url: of('url') },
  };
}

function parsed(base64: string): x509.Pkcs10CertificateRequest {
  return new x509.Pkcs10CertificateRequest(Buffer.from(base64, 'base64').toString('utf8'));
}

const alternativeNames = (csr: x509.Pkcs10CertificateRequest): x509.SubjectAlternativeNameExtension | undefined =>
  csr.extensions.find(e => e instanceof x509.SubjectAlternativeNameExtension);

/** Lives shorter than this are counted from now, longer ones from the backdated beginning. */
const SHORT_MS = 8 * 3600_000;

export interface Signing {
  readonly ca: KeyPair;
  /** spec.request. */
  readonly request: string;
  /** spec.usages. */
  readonly usages: readonly string[];
  readonly lifeMs: number;
  readonly clock: Clock;
}

/** Signs a request with its subject, names and key; returns PEM. The life ends with that of the CA. */
export async function signRequest(o: Signing): Promise<string> {
  const csr = parsed(o.request);
  const issuer = new x509.X509Certificate(o.ca.cert);
  const now = o.clock.now();
  const ends = now + o.lifeMs - (o.lifeMs < SHORT_MS ? 0 : BACKDATE_MS);
  const names = alternativeNames(csr);
  const cert = await x509.X509CertificateGenerator.create({
    serialNumber: certificateSerial(o.clock),
    subject: csr.subjectName,
    issuer: issuer.subjectName,
    notBefore: new Date(now - BACKDATE_MS),
    notAfter: new Date(Math.min(ends, issuer.notAfter.getTime())),
    signingKey: await signingKeyOf(o.ca.key),
    signingAlgorithm: SIGNATURE,
    publicKey: csr.publicKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      ...usageExtensions(o.usages),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      ...(names ? [names] : []),
    ],
  });
  return `${cert.toString('pem')}\n`;
}

const KEY_USAGES: Readonly<Record<string, x509.KeyUsageFlags>> = {
  signing: x509.KeyUsageFlags.digitalSignature,
  'digital signature': x509.KeyUsageFlags.digitalSignature,
  'content commitment': x509.KeyUsageFlags.nonRepudiation,
  'key encipherment': x509.KeyUsageFlags.keyEncipherment,
  'data encipherment': x509.KeyUsageFlags.dataEncipherment,
  'key agreement': x509.KeyUsageFlags.keyAgreement,
  'cert sign': x509.KeyUsageFlags.keyCertSign,
  'crl sign': x509.KeyUsageFlags.cRLSign,
  'encipher only': x509.KeyUsageFlags.encipherOnly,
  'decipher only': x509.KeyUsageFlags.decipherOnly,
};

const EXTENDED_USAGES: Readonly<Record<string, string>> = {
  any: '2.5.29.37.0',
  'server auth': '1.3.6.1.5.5.7.3.1',
  'client auth': '1.3.6.1.5.5.7.3.2',
  'code signing': '1.3.6.1.5.5.7.3.3',
  'email protection': '1.3.6.1.5.5.7.3.4',
  's/mime': '1.3.6.1.5.5.7.3.4',
  'ipsec end system': '1.3.6.1.5.5.7.3.5',
  'ipsec tunnel': '1.3.6.1.5.5.7.3.6',
  'ipsec user': '1.3.6.1.5.5.7.3.7',
  timestamping: '1.3.6.1.5.5.7.3.8',
  'ocsp signing': '1.3.6.1.5.5.7.3.9',
  'microsoft sgc': '1.3.6.1.4.1.311.10.3.3',
  'netscape sgc': '2.16.840.1.113730.4.1',
};

function usageExtensions(usages: readonly string[]): x509.Extension[] {
  const flags = usages.reduce((all, u) => all | (KEY_USAGES[u] ?? 0), 0);
  const extended = [...new Set(usages.flatMap(u => EXTENDED_USAGES[u] ?? []))];
  return [
    ...(flags === 0 ? [] : [new x509.KeyUsagesExtension(flags, true)]),
    ...(extended.length === 0 ? [] : [new x509.ExtendedKeyUsageExtension(extended)]),
  ];
}
