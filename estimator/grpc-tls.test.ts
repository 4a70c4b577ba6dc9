import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../kube/index.ts';
import { grpcEstimator } from './grpc-client.ts';
import { type EstimatorServer, estimatorServer } from './grpc-server.ts';
import { readTlsFiles } from './tls-files.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const signal = new AbortController().signal;

/** A certificate that signs itself, for 127.0.0.1, in PEM. */
async function selfSigned(name: string): Promise<{ cert: Buffer; key: Buffer }> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: `CN=${name}`,
    keys,
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(systemClock.now() - 60_000),
    notAfter: new Date(systemClock.now() + 3_600_000),
    extensions: [new x509.BasicConstraintsExtension(true), new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return {
    cert: Buffer.from(cert.toString('pem')),
    key: Buffer.from(`-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`),
  };
}

const servers: EstimatorServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

describe('an estimator over TLS', () => {
  it('answers a client whose certificate it knows, and no other', async () => {
    const [server, known, stranger] = await Promise.all(['server', 'known', 'stranger'].map(selfSigned));
    if (!server || !known || !stranger) throw new Error('no certificates');
    const listening = await estimatorServer({
      clusterName: 'm1',
      address: '127.0.0.1:0',
      tls: { ...server, clientCa: known.cert },
      handlers: { replicas: () => 3, sets: () => 0, unschedulable: () => 0 },
    });
    servers.push(listening);
    const ask = async (pair: { cert: Buffer; key: Buffer }): Promise<number | undefined> => {
      const client = await grpcEstimator({
        clock: systemClock,
        timeoutMs: 1_000,
        tls: { ca: server.cert, ...pair },
        resolve: async () => [`127.0.0.1:${listening.port}`],
        dialMs: 500,
      });
      try {
        await client.connect('m1', signal);
        return (await client.maxReplicas({ clusters: [{ metadata: { name: 'm1' } }] }, signal)).get('m1');
      } finally {
        client.close();
      }
    };
    expect(await ask(known)).toBe(3);
    await expect(ask(stranger)).rejects.toThrow();
  });
});

describe('files of certificates', () => {
  it('are told of by their flags where they are absent, broken, or do not belong together', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'flotilla-tls-'));
    const file = (name: string, content: Buffer | string): string => {
      writeFileSync(join(dir, name), content);
      return join(dir, name);
    };
    const [one, other] = await Promise.all([selfSigned('one'), selfSigned('other')]);
    const [cert, key, wrongKey, text] = [
      file('one.crt', one.cert),
      file('one.key', one.key),
      file('other.key', other.key),
      file('text', 'hello'),
    ];
    await expect(readTlsFiles({ ca: ['ca-file', ''], cert: ['cert-file', cert], key: ['key-file', key] })).resolves.toEqual(one);
    await expect(readTlsFiles({ ca: ['ca-file', '/nowhere'] })).rejects.toThrow('--ca-file /nowhere: there is no such file');
    const broken = 'the files of --cert-file, --key-file do not make TLS';
    await expect(readTlsFiles({ cert: ['cert-file', text], key: ['key-file', key] })).rejects.toThrow(broken);
    await expect(readTlsFiles({ cert: ['cert-file', cert], key: ['key-file', wrongKey] })).rejects.toThrow(broken);
    rmSync(dir, { recursive: true });
  });
});
