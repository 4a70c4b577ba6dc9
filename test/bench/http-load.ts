// A load generator in a process of its own: raw HTTP/1.1 over TLS on kept connections, one request at a time on each. It does as
// little as it can, so that the server is what is measured.
import { fork } from 'node:child_process';
import { connect, type TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';

export interface Load {
  readonly port: number;
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
  readonly connections: number;
  readonly requests: number;
  /** `METHOD /path`; `{i}` is the number of the request. */
  readonly line: string;
  /** JSON; `{i}` likewise. */
  readonly body?: string;
}

export interface Loaded {
  readonly perSecond: number;
  /** Milliseconds from request to whole answer. */
  readonly p50: number;
  readonly p99: number;
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly bytes: number;
}

/** Runs the load and returns its figures. */
export function load(o: Load): Promise<Loaded> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), ['--load-child'], { execArgv: process.execArgv });
    child.once('message', message => {
      resolve(message as Loaded);
      child.kill();
    });
    child.once('error', reject);
    child.once('exit', code => reject(new Error(`the load generator ended early (${code})`)));
    child.send(o);
  });
}

async function run(o: Load): Promise<Loaded> {
  const sockets = await Promise.all(Array.from({ length: o.connections }, () => open(o)));
  const latencies: number[] = [];
  const statuses: Record<string, number> = {};
  let next = 0;
  let bytes = 0;
  const start = performance.now();
  await Promise.all(
    sockets.map(async socket => {
      for (let i = next++; i < o.requests; i = next++) {
        const from = performance.now();
        const answer = await ask(socket, requestText(o, i));
        latencies.push(performance.now() - from);
        statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
        bytes += answer.bytes;
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  for (const socket of sockets) socket.destroy();
  latencies.sort((a, b) => a - b);
  const at = (p: number): number => latencies[Math.min(latencies.length - 1, Math.floor(p * latencies.length))] ?? Number.NaN;
  return { perSecond: o.requests / seconds, p50: at(0.5), p99: at(0.99), statuses, bytes };
}

function requestText(o: Load, i: number): string {
  const body = o.body?.replaceAll('{i}', String(i)) ?? '';
  const type = o.body === undefined ? '' : `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
  return `${o.line.replaceAll('{i}', String(i))} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\nUser-Agent: load\r\n${type}\r\n${body}`;
}

function open(o: Load): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: o.port, ...o.tls, ALPNProtocols: ['http/1.1'] }, () => resolve(socket));
    socket.setNoDelay(true);
    socket.once('error', reject);
  });
}

function ask(socket: TLSSocket, text: string): Promise<{ status: string; bytes: number }> {
  return new Promise((resolve, reject) => {
    let head = '';
    let want = -1;
    let got = 0;
    const onData = (chunk: Buffer): void => {
      got += chunk.length;
      if (want < 0) {
        head += chunk.toString('latin1');
        const end = head.indexOf('\r\n\r\n');
        if (end < 0) return;
        const length = /\r\ncontent-length: (\d+)/i.exec(head);
        want = end + 4 + Number(length?.[1] ?? 0);
      }
      if (got < want) return;
      socket.off('data', onData);
      socket.off('close', onClose);
      resolve({ status: head.slice(9, 12), bytes: got });
    };
    const onClose = (): void => reject(new Error(`the server closed the connection: ${head.slice(0, 200)}`));
    socket.on('data', onData);
    socket.once('close', onClose);
    socket.write(text);
  });
}

if (process.argv.includes('--load-child')) process.once('message', async message => process.send?.(await run(message as Load)));
