import 'reflect-metadata';
import { generateKeyPairSync, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { describe, expect, it } from 'vitest';
import type { AnyObject } from '../../kube/index.ts';
import { agentRequest } from './recognize.ts';

const AGENT = 'CN=system:karmada:agent:m1, O=system:karmada:agents';
const USAGES = ['digital signature', 'client auth'];

async function request(name: string, o: { readonly dns?: string; readonly usages?: readonly string[] } = {}): Promise<AnyObject> {
  x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0]);
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({
    name,
    keys,
    signingAlgorithm: algorithm,
    extensions: o.dns ? [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: o.dns }])] : [],
  });
  return {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: 'c' },
    spec: {
      signerName: 'kubernetes.io/kube-apiserver-client',
      usages: o.usages ?? USAGES,
      request: Buffer.from(csr.toString('pem')).toString('base64'),
    },
  };
}

describe('a certificate request', () => {
  it("is an agent's with the right organisation, name and usages", async () => {
    expect(agentRequest(await request(AGENT))).toEqual({ commonName: 'system:karmada:agent:m1' });
    expect(agentRequest(await request(AGENT, { usages: [...USAGES, 'key encipherment'] }))).toBeDefined();
  });

  it.each([
    ['another organisation', 'CN=system:karmada:agent:m1, O=system:masters', {}],
    ['one organisation more', `${AGENT}, O=system:masters`, {}],
    ['another name', 'CN=admin, O=system:karmada:agents', {}],
    ['an alternative name', AGENT, { dns: 'example.com' }],
    ['a usage more', AGENT, { usages: [...USAGES, 'server auth'] }],
    ['a usage less', AGENT, { usages: ['client auth'] }],
  ])("is not an agent's with %s", async (_title, name, o) => {
    expect(agentRequest(await request(name, o))).toBeUndefined();
  });

  it("is not an agent's when it cannot be read", () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const spec = {
      signerName: 'kubernetes.io/kube-apiserver-client',
      usages: USAGES,
      request: Buffer.from(pem).toString('base64'),
    };
    expect(agentRequest({ apiVersion: 'v1', kind: 'CertificateSigningRequest', metadata: {}, spec })).toBeUndefined();
  });
});
