import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type HttpClient, httpClient } from './http-client.ts';
import type { AnyObject } from './object.ts';
import type { Resource } from './resource.ts';

const configMaps: Resource = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', scope: 'Namespaced' } as Resource;
const key = { namespace: 'default', name: 'a' };
const configMap: AnyObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: key };

let server: Server | undefined;
let client: HttpClient | undefined;
afterEach(async () => {
  await client?.close();
  server?.close();
});

async function answering(body: unknown): Promise<HttpClient> {
  server = createServer((_, response) => response.end(JSON.stringify(body)));
  await new Promise<void>(listening => server?.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  client = httpClient({ connection: { server: `http://127.0.0.1:${port}` }, userAgent: 'test' });
  return client;
}

describe('a server that answers something else than was asked for', () => {
  it.each([
    ['an empty list', { kind: 'ConfigMapList', apiVersion: 'v1', metadata: {}, items: [] }],
    ['another object', { ...configMap, metadata: { ...key, name: 'b' } }],
    ['nothing', null],
  ])('is not believed about one object: %s', async (_, body) => {
    const c = await answering(body);
    const wrong = { code: 502, message: expect.stringContaining('where a was asked for') };
    await expect(c.get(configMaps, key)).rejects.toMatchObject(wrong);
    await expect(c.create(configMaps, configMap)).rejects.toMatchObject(wrong);
    await expect(c.update(configMaps, configMap)).rejects.toMatchObject(wrong);
    await expect(c.patch(configMaps, key, { type: 'merge', body: {} })).rejects.toMatchObject(wrong);
  });

  it.each([
    ['an empty object', {}],
    ['an object', configMap],
    ['a success', { kind: 'Status', apiVersion: 'v1', status: 'Success' }],
  ])('is not believed about a list: %s', async (_, body) => {
    const c = await answering(body);
    await expect(c.list(configMaps)).rejects.toMatchObject({ code: 502, message: expect.stringContaining('no list') });
  });

  it('is believed where it answers what was asked for, also a list without items and a subresource of another kind', async () => {
    const c = await answering({ kind: 'ConfigMapList', apiVersion: 'v1', metadata: { resourceVersion: '7' }, items: null });
    await expect(c.list(configMaps)).resolves.toEqual({ resourceVersion: '7', items: [] });
    await expect(c.get(configMaps, key, { subresource: 'scale' })).resolves.toMatchObject({ kind: 'ConfigMapList' });
  });
});
