import 'reflect-metadata';
import { webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AnyObject, at, type Client, resource, simulatedClock } from '../../kube/index.ts';
import { type MemoryServer, memoryServer, refusal } from '../memory-server.ts';
import { isStale } from './csr-cleaner.ts';

const CSRS = resource({
  group: 'certificates.k8s.io',
  version: 'v1',
  kind: 'CertificateSigningRequest',
  plural: 'certificatesigningrequests',
  scope: 'Cluster',
});
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

let plane: MemoryServer;
let client: Client;
beforeAll(async () => {
  plane = await memoryServer();
  client = plane.client;
});
afterAll(() => plane.close());

async function request(name: string, names: x509.JsonGeneralName[] = []): Promise<string> {
  const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({
    name,
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : [],
  });
  return Buffer.from(csr.toString('pem')).toString('base64');
}

async function asked(name: string, spec: Record<string, unknown>): Promise<AnyObject> {
  return client.create(CSRS, {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name },
    spec,
  } as AnyObject);
}

const approve = (csr: AnyObject, by: Client = client): Promise<AnyObject> =>
  by.update(
    CSRS,
    { ...csr, status: { conditions: [{ type: 'Approved', status: 'True', reason: 'Test', message: '' }] } },
    { subresource: 'approval' },
  );

async function settled(name: string): Promise<AnyObject> {
  await expect
    .poll(async () => at(await client.get(CSRS, { name }), 'status'), { timeout: 5000 })
    .toSatisfy(s => at(s, 'certificate') !== undefined || JSON.stringify(s).includes('Failed'));
  return client.get(CSRS, { name });
}

const certificateOf = (csr: AnyObject): X509Certificate =>
  new X509Certificate(Buffer.from(String(at(csr, 'status', 'certificate')), 'base64'));

test('an approved client request is signed by the cluster CA for the time asked for, with its subject and usages', async () => {
  const csr = await asked('ok', {
    request: await request('CN=jane, O=dev'),
    signerName: 'kubernetes.io/kube-apiserver-client',
    usages: ['client auth', 'digital signature'],
    expirationSeconds: 3600,
  });
  await approve(csr);
  const cert = certificateOf(await settled('ok'));
  expect(cert.verify(new X509Certificate(plane.pki.caCert).publicKey)).toBe(true);
  expect([...cert.subject.split('\n')].sort()).toEqual(['CN=jane', 'O=dev']);
  expect(cert.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  const minutes = (Date.parse(cert.validTo) - Date.parse(cert.validFrom)) / 60_000;
  expect(minutes).toBeGreaterThan(64);
  expect(minutes).toBeLessThan(66);
});

test('a request that breaks the rules of its signer fails with the reason, and is not signed', async () => {
  const cases: [string, string, Record<string, unknown>][] = [
    [
      'usage',
      'invalid usage for client certificate: server auth',
      { signerName: 'kubernetes.io/kube-apiserver-client', usages: ['server auth'] },
    ],
    [
      'org',
      'subject organization is not system:nodes',
      { signerName: 'kubernetes.io/kube-apiserver-client-kubelet', usages: ['client auth'] },
    ],
  ];
  for (const [name, message, spec] of cases) {
    await approve(await asked(name, { request: await request('CN=jane'), ...spec }));
    const csr = await settled(name);
    expect(at(csr, 'status', 'certificate')).toBeUndefined();
    expect(at(csr, 'status', 'conditions', 1)).toMatchObject({
      type: 'Failed',
      status: 'True',
      reason: 'SignerValidationFailure',
      message,
    });
  }
});

test('a serving certificate of a kubelet keeps its alternative names', async () => {
  const body = await request('CN=system:node:n1, O=system:nodes', [
    { type: 'dns', value: 'n1' },
    { type: 'ip', value: '10.0.0.1' },
  ]);
  const usages = ['digital signature', 'key encipherment', 'server auth'];
  await approve(await asked('serving', { request: body, signerName: 'kubernetes.io/kubelet-serving', usages }));
  expect(certificateOf(await settled('serving')).subjectAltName).toBe('DNS:n1, IP Address:10.0.0.1');
});

test('a signer of somebody else is left to whoever runs it', async () => {
  await approve(await asked('other', { request: await request('CN=x'), signerName: 'example.com/own', usages: ['client auth'] }));
  await approve(
    await asked('after', { request: await request('CN=x'), signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] }),
  );
  await settled('after');
  expect(at(await client.get(CSRS, { name: 'other' }), 'status', 'certificate')).toBeUndefined();
});

test('approving needs the verb approve on the signer, also with the right to write approvals', async () => {
  const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1', scope: 'Cluster' } as const;
  await client.create(resource({ ...rbac, kind: 'ClusterRole', plural: 'clusterroles' }), {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'approver' },
    rules: [
      {
        apiGroups: ['certificates.k8s.io'],
        resources: ['certificatesigningrequests', 'certificatesigningrequests/approval'],
        verbs: ['*'],
      },
    ],
  } as AnyObject);
  await client.create(resource({ ...rbac, kind: 'ClusterRoleBinding', plural: 'clusterrolebindings' }), {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'approver' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'approver' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'eve' }],
  } as AnyObject);
  const csr = await asked('guarded', {
    request: await request('CN=x'),
    signerName: 'kubernetes.io/kube-apiserver-client',
    usages: ['client auth'],
  });
  expect(await refusal(approve(csr, plane.as('eve')))).toBe(
    'certificatesigningrequests.certificates.k8s.io "guarded" is forbidden: user not permitted to approve requests with signerName "kubernetes.io/kube-apiserver-client"',
  );
});

test('decided requests are stale after an hour, pending ones after a day', () => {
  const clock = simulatedClock();
  const ago = (hours: number): string => new Date(clock.now() - hours * 3600_000).toISOString();
  const csr = (created: number, status: unknown): AnyObject =>
    ({ metadata: { creationTimestamp: ago(created) }, status }) as unknown as AnyObject;
  const decided = (type: string, hours: number) => ({ conditions: [{ type, status: 'True', lastUpdateTime: ago(hours) }] });
  expect(isStale(csr(23, {}), clock)).toBe(false);
  expect(isStale(csr(25, {}), clock)).toBe(true);
  expect(isStale(csr(25, decided('Denied', 0.5)), clock)).toBe(false);
  expect(isStale(csr(25, decided('Denied', 1.5)), clock)).toBe(true);
  expect(isStale(csr(25, decided('Approved', 1.5)), clock)).toBe(false);
  expect(isStale(csr(25, { ...decided('Approved', 1.5), certificate: 'eA==' }), clock)).toBe(true);
});
