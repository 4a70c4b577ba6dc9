// Streams over WebSocket (channel.k8s.io v1 to v5): the first byte of each message is its channel; v5 can close one channel alone.
import { PassThrough } from 'node:stream';
import type { WebSocket, WebSocketServer } from 'ws';
import type { Connection } from '../../apiserver/index.ts';
import { badRequest } from '../../kube/index.ts';
import { type Channels, exitStatus, feed } from './channels.ts';
import type { Wire } from './spdy/connection.ts';

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const ERROR = 3;
const CLOSE = 255;
/** The best first. */
const CHANNELS = ['v5.channel.k8s.io', 'v4.channel.k8s.io', 'v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io'];
const TUNNEL = 'SPDY/3.1+portforward.k8s.io';
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
const NORMAL = 1000;

let tunnels: Promise<WebSocketServer> | undefined;
const servers = new Map<string, Promise<WebSocketServer>>();

/** One server for each list of protocols; the module is loaded when the first call comes. */
function serverOf(protocols: readonly string[]): Promise<WebSocketServer> {
  const id = protocols.join();
  const known = servers.get(id);
  if (known) return known;
  const made = import('ws').then(
    ({ WebSocketServer: Server }) =>
      new Server({
        noServer: true,
        maxPayload: MAX_MESSAGE_BYTES,
        handleProtocols: offered => protocols.find(p => offered.has(p)) ?? false,
      }),
  );
  servers.set(id, made);
  return made;
}

export const isWebSocket = (c: Connection): boolean => c.request.headers.upgrade?.toLowerCase() === 'websocket';

/** The name of the tunnel is no token of HTTP, so a strict server would not take it: it is taken out of the request, and put into the answer. */
async function openTunnel(c: Connection): Promise<WebSocket> {
  const offered = c.request.headers['sec-websocket-protocol'] ?? '';
  if (!offered.split(',').some(p => p.trim() === TUNNEL)) throw badRequest(`of the protocols ${offered} only ${TUNNEL} is spoken here`);
  delete c.request.headers['sec-websocket-protocol'];
  tunnels ??= import('ws').then(({ WebSocketServer: Server }) => {
    const server = new Server({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
    server.on('headers', headers => headers.push(`Sec-WebSocket-Protocol: ${TUNNEL}`));
    return server;
  });
  return take(c, await tunnels);
}

async function open(c: Connection, protocols: readonly string[]): Promise<WebSocket> {
  const offered = (c.request.headers['sec-websocket-protocol'] ?? '').split(',').map(p => p.trim());
  if (offered[0] !== '' && !offered.some(p => protocols.includes(p)))
    throw badRequest(`none of the protocols ${offered.join(', ')} is spoken here: ${protocols.join(', ')}`);
  return take(c, await serverOf(protocols));
}

function take(c: Connection, server: WebSocketServer): Promise<WebSocket> {
  const upgrade = c.upgrade?.take();
  if (!upgrade) throw badRequest('Upgrade request required');
  return new Promise(resolve => server.handleUpgrade(c.request, upgrade.socket, upgrade.head, resolve));
}

/** The streams of an exec or attach call. */
export async function webSocketChannels(c: Connection): Promise<Channels> {
  const socket = await open(c, CHANNELS);
  const stdin = new PassThrough();
  const send = (channel: number, bytes: Buffer | string): void => {
    if (socket.readyState === socket.OPEN) socket.send(Buffer.concat([Buffer.from([channel]), Buffer.from(bytes)]));
  };
  const legacy = socket.protocol === '' || socket.protocol === 'channel.k8s.io';
  socket.on('message', data => {
    const bytes = Buffer.isBuffer(data) ? data : Buffer.from(data as ArrayBuffer);
    if (bytes[0] === CLOSE && bytes[1] === STDIN) stdin.end();
    else if (bytes[0] === STDIN && !feed(stdin, bytes.subarray(1))) socket.terminate();
  });
  socket.on('error', () => socket.terminate());
  const gone = new Promise<void>(resolve => socket.on('close', () => resolve()));
  void gone.then(() => stdin.end());
  return {
    stdin,
    stdout: bytes => send(STDOUT, bytes),
    stderr: bytes => send(STDERR, bytes),
    finish(exitCode) {
      send(ERROR, legacy ? (exitCode === 0 ? '' : `command terminated with exit code ${exitCode}`) : exitStatus(exitCode));
      socket.close(NORMAL);
    },
    gone,
  };
}

/** A WebSocket that carries the bytes of another protocol. */
export async function webSocketTunnel(c: Connection): Promise<Wire> {
  const socket = await openTunnel(c);
  socket.on('error', () => socket.terminate());
  return {
    write: bytes => {
      if (socket.readyState === socket.OPEN) socket.send(bytes);
    },
    end: () => socket.close(NORMAL),
    onData: f => void socket.on('message', data => f(Buffer.isBuffer(data) ? data : Buffer.from(data as ArrayBuffer))),
    onClose: f => void socket.on('close', f),
  };
}
