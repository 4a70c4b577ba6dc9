import { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { type MemoryServer, memoryServer } from '../memory-server.ts';

let plane: MemoryServer | undefined;
afterEach(() => plane?.close());

/** The serial number of the certificate that the port shows. */
function shownAt(port: number, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca }, () => {
      resolve(socket.getPeerX509Certificate()?.serialNumber ?? '');
      socket.end();
    });
    socket.on('error', reject);
  });
}

test('a renewed certificate is shown to new connections, and clients are still asked for theirs', async () => {
  plane = await memoryServer();
  const { pki } = plane;
  const listening = await plane.listen();
  const before = await shownAt(listening.port, pki.caCert);
  const pair = await pki.issue({ commonName: 'server', hosts: ['127.0.0.1'] });
  listening.renew({ ...pair, clientCa: pki.caCert });
  const after = await shownAt(listening.port, pki.caCert);
  expect(after).toBe(new X509Certificate(pair.cert).serialNumber);
  expect(after).not.toBe(before);
  const { Agent, request } = await import('undici');
  const dispatcher = new Agent({ connect: { ca: pki.caCert, ...(await plane.certificate('root', 'system:masters')) } });
  const answer = await request(`https://127.0.0.1:${listening.port}/api/v1/secrets`, { dispatcher });
  await answer.body.dump();
  expect(answer.statusCode).toBe(200);
  await dispatcher.close();
});
