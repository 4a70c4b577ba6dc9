// A load generator in a process of its own: raw HTTP/1.1 over TLS on kept connections, one request at a time on each. It does as
// little as it can, so that the server is what is measured.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ask, open, type RawServer, requestText } from './raw-http.ts';

export interface Load extends RawServer {
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
        const body = o.body?.replaceAll('{i}', String(i));
        const answer = await ask(socket, requestText(o.line.replaceAll('{i}', String(i)), body));
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

if (process.argv.includes('--load-child')) process.once('message', async message => process.send?.(await run(message as Load)));
