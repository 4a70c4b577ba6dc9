import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { KeyPair } from '../auth/pki.ts';
import { type MemoryServer, memoryServer } from '../memory-server.ts';
import type { Listening } from './server.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const WATCH = `${MAPS}?watch=1&resourceVersion=0`;

let server: MemoryServer;
let listening: Listening;
let admin: KeyPair;
let session: ClientHttp2Session;

const newSession = (): ClientHttp2Session => connect(`https://127.0.0.1:${listening.port}`, { ca: server.pki.caCert, ...admin });

beforeEach(async () => {
  server = await memoryServer();
  listening = await server.listen();
  admin = await server.certificate('system:admin', 'system:masters');
  session = newSession();
});

afterEach(async () => {
  session.destroy();
  await server.close();
});

/** Resolves with a stream whose headers have come. */
function stream(path: string, on = session): Promise<ClientHttp2Stream> {
  const opened = on.request({ ':path': path });
  return new Promise((resolve, reject) => {
    opened.once('response', () => resolve(opened));
    opened.once('error', reject);
  });
}

async function send(method: string, path: string, body?: object): Promise<{ status: number; body: string }> {
  const opened = session.request({ ':method': method, ':path': path, 'content-type': 'application/json' });
  opened.end(body && JSON.stringify(body));
  const status = await new Promise<number>((resolve, reject) => {
    opened.once('response', headers => resolve(Number(headers[':status'])));
    opened.once('error', reject);
  });
  return { status, body: await text(opened) };
}

const map = (name: string, data: object = {}): object => ({ metadata: { name }, data });

function overHttp1(method: string, path: string): Promise<{ version: string; status: number; body: string }> {
  const agent = new Agent({ ca: server.pki.caCert, ...admin, ALPNProtocols: ['http/1.1'] });
  return new Promise((resolve, reject) => {
    request(`https://127.0.0.1:${listening.port}${path}`, { method, agent }, async response => {
      resolve({ version: response.httpVersion, status: response.statusCode ?? 0, body: await text(response) });
    })
      .on('error', reject)
      .end();
  });
}

test('HTTP/2 and HTTP/1.1 are served on one port, and certificates count over both', async () => {
  expect(await overHttp1('GET', MAPS)).toMatchObject({ version: '1.1', status: 200 });
  expect(await send('POST', MAPS, map('a'))).toMatchObject({ status: 201 });
  expect(session.alpnProtocol).toBe('h2');
});

test('many watches share one connection, and each is told of a change', async () => {
  const watches = await Promise.all(Array.from({ length: 300 }, () => stream(WATCH)));
  const told = watches.map(
    w =>
      new Promise<void>(resolve => {
        let seen = '';
        w.on('data', (part: Buffer) => {
          seen += part.toString();
          if (seen.includes('"name":"news"')) resolve();
        });
      }),
  );
  await send('POST', MAPS, map('news'));
  await Promise.all(told);
  for (const w of watches) w.close();
});

test('a watch answers before anything happens, and ends when the server does', async () => {
  await send('POST', MAPS, map('a'));
  const watching = await stream(WATCH);
  const rest = text(watching);
  await listening.close();
  expect(await rest).toContain('"type":"ADDED"');
  expect(watching.rstCode).toBe(0);
});

test('a write whose body is still coming is finished when the server ends', async () => {
  const writing = session.request({ ':method': 'POST', ':path': MAPS, 'content-type': 'application/json' });
  writing.write('{"metadata":{"name":"late"}');
  await send('GET', MAPS);
  const closed = listening.close();
  const answered = new Promise<number>((resolve, reject) => {
    writing.once('response', headers => resolve(Number(headers[':status'])));
    writing.once('error', reject);
  });
  writing.end('}');
  writing.resume();
  expect(await answered).toBe(201);
  await closed;
});

test('a reader that does not read is cut off; another goes on', async () => {
  // Of its own, as the connection's flow control is shared by its streams.
  const lazy = newSession();
  const stuck = await stream(WATCH, lazy);
  stuck.pause();
  stuck.on('error', () => undefined);
  const gone = new Promise<void>(resolve => stuck.once('close', () => resolve()));
  const other = await stream(WATCH);
  let read = 0;
  other.on('data', (part: Buffer) => {
    read += part.length;
  });
  for (let i = 0; i < 40; i++) expect(await send('POST', MAPS, map(`m-${i}`, { x: 'x'.repeat(900_000) }))).toMatchObject({ status: 201 });
  stuck.resume();
  await gone;
  expect(stuck.rstCode).not.toBe(0);
  await expect.poll(() => read).toBeGreaterThan(40 * 900_000);
  other.close();
  lazy.destroy();
});

test('a long selector is taken', async () => {
  const selector = `k in (${Array.from({ length: 4000 }, (_, i) => `v${i}`).join(',')})`;
  expect(await send('GET', `${MAPS}?labelSelector=${encodeURIComponent(selector)}`)).toMatchObject({ status: 200 });
  expect(await overHttp1('GET', `${MAPS}?labelSelector=${encodeURIComponent(selector)}`)).toMatchObject({ status: 200 });
});

test('a browser watches over a WebSocket: each event is a message', async () => {
  const token = await robot();
  const protocol = `base64url.bearer.authorization.k8s.io.${Buffer.from(token).toString('base64url')}`;
  const socket = new WebSocket(`wss://127.0.0.1:${listening.port}${WATCH}`, [protocol, 'base64.binary.k8s.io'], { ca: server.pki.caCert });
  const messages: { type: string; object: { metadata: { name: string } } }[] = [];
  socket.on('message', data => messages.push(JSON.parse(String(data))));
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  await send('POST', MAPS, map('a'));
  await send('DELETE', `${MAPS}/a`);
  await expect.poll(() => messages.map(m => `${m.type} ${m.object.metadata.name}`)).toEqual(['ADDED a', 'DELETED a']);
  const closed = new Promise(resolve => socket.once('close', resolve));
  await listening.close();
  await closed;
});

/** The token of a service account that may see config maps. */
async function robot(): Promise<string> {
  await send('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'robot' } });
  await send('POST', '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings', {
    metadata: { name: 'robot' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name: 'robot', namespace: 'default' }],
  });
  const { body } = await send('POST', '/api/v1/namespaces/default/serviceaccounts/robot/token', { spec: {} });
  return (JSON.parse(body) as { status: { token: string } }).status.token;
}
