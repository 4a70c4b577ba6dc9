import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { memoryServer } from '../memory-server.ts';

test('answers that are never stored have no table', async () => {
  const server = await memoryServer();
  const { port } = await server.listen();
  const agent = new Agent({ ca: server.pki.caCert, ...(await server.certificate('system:admin', 'system:masters')) });
  const ask = (accept: string): Promise<{ code: number | undefined; body: string }> =>
    new Promise((resolve, reject) => {
      const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
      const headers = { accept, 'content-type': 'application/json' };
      request(`https://127.0.0.1:${port}${path}`, { method: 'POST', agent, headers }, async response =>
        resolve({ code: response.statusCode, body: await text(response) }),
      )
        .on('error', reject)
        .end(JSON.stringify({ spec: { nonResourceAttributes: { path: '/', verb: 'get' } } }));
    });
  const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const refused = await ask(table);
  expect(refused.code).toBe(406);
  expect(JSON.parse(refused.body)).toMatchObject({ kind: 'Status', reason: 'NotAcceptable', code: 406 });
  expect(JSON.parse((await ask(`${table}, application/json`)).body)).toMatchObject({ status: { allowed: true } });
  agent.destroy();
  await server.close();
});
