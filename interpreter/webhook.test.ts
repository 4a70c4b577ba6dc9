import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { X509CertificateGenerator } from '@peculiar/x509';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ResourceInterpreterWebhookConfiguration } from '../crds/index.ts';
import { type AnyObject, systemClock } from '../kube/index.ts';
import { webhookLayer } from './webhook.ts';
import { selectWebhook } from './webhook-selection.ts';

const object: AnyObject = { apiVersion: 'example.com/v1', kind: 'Foo', metadata: { name: 'f', namespace: 'ns' }, spec: { n: 1 } };
let server: Server;
let caBundle = '';
let answer: (request: Record<string, unknown>) => unknown = () => ({});
const CONTEXT = { apiVersion: 'config.karmada.io/v1alpha1', kind: 'ResourceInterpreterContext' };
let envelope: { readonly apiVersion?: string; readonly kind?: string } = CONTEXT;
const asked: Record<string, unknown>[] = [];

beforeAll(async () => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const { SubjectAlternativeNameExtension } = await import('@peculiar/x509');
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: 'CN=interpreter',
      notBefore: new Date('2020-01-01'),
      notAfter: new Date('2120-01-01'),
      signingAlgorithm: algorithm,
      keys,
      extensions: [new SubjectAlternativeNameExtension([{ type: 'dns', value: 'hook.ns.svc' }])],
    },
    webcrypto,
  );
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const cert = certificate.toString('pem');
  caBundle = Buffer.from(cert).toString('base64');
  server = createServer({ cert, key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n` }, (req, res) => {
    let body = '';
    req.on('data', chunk => (body += chunk));
    req.on('end', () => {
      const { request } = JSON.parse(body) as { request: Record<string, unknown> };
      asked.push(request);
      const response = answer(request);
      res.end(typeof response === 'string' ? response : JSON.stringify({ ...envelope, response }));
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function configuration(name: string, operations: string[] = ['*']): ResourceInterpreterWebhookConfiguration {
  const { port } = (server?.address() ?? { port: 1 }) as AddressInfo;
  const rules = [{ operations, apiGroups: ['example.com'], apiVersions: ['*'], kinds: ['Foo'] }];
  const clientConfig = { service: { namespace: 'ns', name: 'hook', port, path: '/ask' }, caBundle };
  return {
    apiVersion: 'config.karmada.io/v1alpha1',
    kind: 'ResourceInterpreterWebhookConfiguration',
    metadata: { name },
    webhooks: [{ name: 'w', clientConfig, rules, timeoutSeconds: 2, interpreterContextVersions: ['v1alpha1'] }],
  };
}

const layer = (operations?: string[]) =>
  webhookLayer({ configurations: () => [configuration('c', operations)], serviceHost: async () => '127.0.0.1', clock: systemClock });
const hook = (operations?: string[]) => layer(operations).interpreterFor('example.com/v1', 'Foo');

describe('interpreter webhooks', () => {
  it('are asked with the object and answer with replicas', async () => {
    answer = request => ({
      uid: request['uid'],
      successful: true,
      replicas: 4,
      replicaRequirements: { resourceRequest: { cpu: '1000m' } },
    });
    expect(await hook()?.replicas?.(object)).toEqual({ replicas: 4, requirements: { resourceRequest: { cpu: '1' } } });
    expect(asked.at(-1)).toMatchObject({
      operation: 'InterpretReplica',
      name: 'f',
      namespace: 'ns',
      kind: { group: 'example.com', version: 'v1', kind: 'Foo' },
      object,
    });
  });
  it('may name neither version nor kind, and leave an empty list out', async () => {
    answer = request => ({ uid: request['uid'], successful: true });
    envelope = {};
    expect(await hook()?.dependencies?.(object)).toEqual([]);
    expect(await hook()?.components?.(object)).toEqual([]);
    envelope = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' };
    await expect(hook()?.dependencies?.(object)).rejects.toThrow('expected webhook response of config.karmada.io/v1alpha1');
    envelope = CONTEXT;
  });
  it('change objects by a JSON patch, or not at all', async () => {
    const patch = Buffer.from(JSON.stringify([{ op: 'replace', path: '/spec/n', value: 7 }])).toString('base64');
    answer = request => ({ uid: request['uid'], successful: true, patch, patchType: 'JSONPatch' });
    expect((await hook()?.revise?.(object, 7))?.['spec']).toEqual({ n: 7 });
    answer = request => ({ uid: request['uid'], successful: true });
    expect(await hook()?.revise?.(object, 7)).toBe(object);
  });
  it.each([
    ['answer for somebody else', () => ({ uid: 'other', successful: true, healthy: true }), 'response.uid'],
    ['leave their field out', (r: Record<string, unknown>) => ({ uid: r['uid'], successful: true }), 'response.healthy'],
    [
      'report a failure',
      (r: Record<string, unknown>) => ({ uid: r['uid'], successful: false, status: { code: 403, message: 'no' } }),
      'no (code 403)',
    ],
    ['fail without a status', (r: Record<string, unknown>) => ({ uid: r['uid'], successful: false }), 'response.status'],
    ['answer nonsense', () => 'nonsense', 'failed calling webhook'],
    ['answer without end', () => 'x'.repeat(2 * 1024 * 1024), 'more than'],
  ])('that %s are an internal error', async (_title, wrong, text) => {
    answer = wrong;
    await expect(hook()?.health?.(object)).rejects.toThrow(text);
    await expect(hook()?.health?.(object)).rejects.toMatchObject({ code: 500 });
  });
  it('are left alone for operations and kinds they did not ask for', () => {
    expect(hook(['Retain'])?.health).toBeUndefined();
    expect(layer().interpreterFor('example.com/v1', 'Bar')?.health).toBeUndefined();
  });
  it('are chosen by the smallest name', () => {
    const chosen = selectWebhook([configuration('b'), configuration('a')], { apiVersion: 'example.com/v1', kind: 'Foo' }, 'Retain');
    expect(chosen?.id).toBe('a/w');
  });
});
