// exec, attach and port-forward over SPDY/3.1, as clients before WebSockets speak it: one stream for each of stdin, stdout, stderr,
// error and resize, told apart by the header `streamtype`.
import type { Socket } from 'node:net';
import type { PassThrough } from 'node:stream';
import type { Connection } from '../../../apiserver/index.ts';
import { badRequest, type Clock, sleep } from '../../../kube/index.ts';
import { type Channels, exitStatus } from '../channels.ts';
import { SpdyConnection, type SpdyStream, type Wire } from './connection.ts';

const VERSION_HEADER = 'X-Stream-Protocol-Version';
const VERSIONS = ['v4.channel.k8s.io', 'v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io'];
export const PORT_FORWARD = 'portforward.k8s.io';
const STREAMS_MS = 30_000;
const FLUSH_MS = 50;

export const isSpdy = (c: Connection): boolean => c.request.headers.upgrade?.toLowerCase() === 'spdy/3.1';

/** Answers 101 with the best protocol that both sides know. */
export function spdyWire(c: Connection, known: readonly string[]): Wire & { readonly protocol: string } {
  const header = c.request.headersDistinct[VERSION_HEADER.toLowerCase()] ?? [];
  const offered = header.flatMap(text => text.split(',')).map(text => text.trim());
  const protocol = offered.length === 0 ? (known.at(-1) ?? '') : known.find(p => offered.includes(p));
  if (protocol === undefined) throw badRequest(`none of the protocols ${offered.join(', ')} is spoken here: ${known.join(', ')}`);
  const upgrade = c.upgrade?.take();
  if (!upgrade) throw badRequest('Upgrade request required');
  const { socket, head } = upgrade;
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n${VERSION_HEADER}: ${protocol}\r\n\r\n`);
  return { protocol, ...wireOf(socket, head) };
}

function wireOf(socket: Socket, head: Buffer): Wire {
  return {
    write: bytes => void socket.write(bytes),
    end: () => void socket.end(),
    onData: f => {
      if (head.length > 0) queueMicrotask(() => f(head));
      socket.on('data', f);
    },
    onClose: f => void socket.on('close', f),
  };
}

interface Wanted {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** Resolves when the client has opened the streams that its query names. */
export async function spdyChannels(c: Connection, wanted: Wanted, clock: Clock): Promise<Channels> {
  const wire = spdyWire(c, VERSIONS);
  const names = ['error', ...(['stdin', 'stdout', 'stderr'] as const).filter(name => wanted[name] && !(name === 'stderr' && wanted.tty))];
  const streams = new Map<string, SpdyStream>();
  const complete = new AbortController();
  const gone = new Promise<void>(resolve => wire.onClose(() => resolve()));
  const connection = new SpdyConnection(wire, stream => {
    streams.set(stream.headers.get('streamtype') ?? '', stream);
    if (names.every(name => streams.has(name))) complete.abort();
  });
  void gone.then(() => complete.abort());
  await sleep(clock, STREAMS_MS, complete.signal).catch(() => undefined);
  const stdin = streams.get('stdin')?.input as PassThrough | undefined;
  const { PassThrough: Empty } = await import('node:stream');
  return {
    stdin: stdin ?? new Empty().end(),
    stdout: bytes => streams.get('stdout')?.write(bytes),
    stderr: bytes => (streams.get('stderr') ?? streams.get('stdout'))?.write(bytes),
    finish(exitCode) {
      const structured = wire.protocol.startsWith('v4');
      const text = structured ? exitStatus(exitCode) : `command terminated with exit code ${exitCode}`;
      if (exitCode !== 0 || structured) streams.get('error')?.write(text);
      for (const stream of streams.values()) stream.end();
      // The client reads what is under way before it sees the end.
      clock.after(FLUSH_MS, () => connection.close());
    },
    gone,
  };
}
