// Watchers in a process of their own: raw HTTP/1.1 over TLS, one connection each. Objects carry the time of their write in
// `data.sent`; the lag is from there to the arrival of the event.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../kube/index.ts';
import { percentile } from './measure.ts';
import { open, type RawServer, requestText } from './raw-http.ts';

export interface WatchLoad extends RawServer {
  /** The path of each watch. */
  readonly paths: readonly string[];
}

export interface Lags {
  readonly events: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** Opens the watches; `end` closes them and gives the figures. */
export async function watchLoad(o: WatchLoad): Promise<{ end(): Promise<Lags> }> {
  const child = fork(fileURLToPath(import.meta.url), ['--watch-child'], { execArgv: process.execArgv });
  const message = (): Promise<unknown> => new Promise(resolve => child.once('message', resolve));
  child.send(o);
  await message();
  return {
    async end() {
      child.send('end');
      const lags = (await message()) as Lags;
      child.kill();
      return lags;
    },
  };
}

async function run(o: WatchLoad): Promise<void> {
  const lags: number[] = [];
  await Promise.all(o.paths.map(path => follow(o, path, lags)));
  process.once('message', () =>
    process.send?.({ events: lags.length, p50: percentile(lags, 50), p99: percentile(lags, 99) } satisfies Lags),
  );
  process.send?.('open');
}

async function follow(o: WatchLoad, path: string, lags: number[]): Promise<void> {
  const socket = await open(o);
  const answered = new Promise<void>(resolve => socket.once('data', () => resolve()));
  socket.on('data', (chunk: Buffer) => {
    const now = systemClock.now();
    for (const [, sent] of chunk.toString('latin1').matchAll(/"sent":"(\d+)"/g)) lags.push(now - Number(sent));
  });
  socket.write(requestText(`GET ${path}`));
  await answered;
}

if (process.argv.includes('--watch-child')) process.once('message', message => run(message as WatchLoad));
