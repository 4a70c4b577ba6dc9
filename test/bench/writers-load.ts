// Many writers in a process of their own. Each counts up in an object: it reads the object, adds one, and writes it back with the
// resourceVersion it read; 409 reads again, 429 waits as Retry-After says. What the objects count at the end shows lost writes.
import { fork } from 'node:child_process';
import type { TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { sleep, systemClock } from '../../kube/index.ts';
import { ask, open, type RawAnswer, type RawServer, requestText } from './raw-http.ts';

export interface Writers extends RawServer {
  /** The ConfigMap that each writer counts in. */
  readonly paths: readonly string[];
  /** How often each adds one. */
  readonly rounds: number;
}

export interface Written {
  /** Writes that were acknowledged, a second. */
  readonly perSecond: number;
  /** Answers by method and status. */
  readonly answers: Readonly<Record<string, number>>;
  /** Told to come again, and the next try of the same request was let in. */
  readonly retried: number;
  /** What all objects count at the end; `paths × rounds` where nothing was lost. */
  readonly counted: number;
}

interface CountedObject {
  readonly data: { readonly count: string };
}

export function writersLoad(o: Writers): Promise<Written> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), ['--writers-child'], { execArgv: process.execArgv });
    child.once('message', message => {
      resolve(message as Written);
      child.kill();
    });
    child.once('error', reject);
    child.once('exit', code => reject(new Error(`the writers ended early (${code})`)));
    child.send(o);
  });
}

async function run(o: Writers): Promise<Written> {
  const answers: Record<string, number> = {};
  let retried = 0;
  const until = async (socket: TLSSocket, line: string, body?: string): Promise<RawAnswer> => {
    for (let refused = false; ; refused = true) {
      const answer = await ask(socket, requestText(line, body));
      const kind = `${line.slice(0, 3)} ${answer.status}`;
      answers[kind] = (answers[kind] ?? 0) + 1;
      if (answer.status !== '429') {
        if (refused) retried++;
        return answer;
      }
      const after = /\r\nretry-after: (\d+)/i.exec(answer.head);
      if (!after) throw new Error(`429 without Retry-After: ${answer.head}`);
      await sleep(systemClock, Number(after[1]) * 1000);
    }
  };
  const countUp = async (socket: TLSSocket, path: string): Promise<void> => {
    for (let done = 0; done < o.rounds; ) {
      const read = await until(socket, `GET ${path}`);
      if (read.status !== '200') throw new Error(`the object was not read: ${read.body()}`);
      const object = JSON.parse(read.body()) as CountedObject;
      const next = { ...object, data: { count: String(Number(object.data.count) + 1) } };
      if ((await until(socket, `PUT ${path}`, JSON.stringify(next))).status === '200') done++;
    }
  };
  const sockets: TLSSocket[] = [];
  for (const _ of o.paths) sockets.push(await open(o));
  const start = performance.now();
  await Promise.all(sockets.map((socket, i) => countUp(socket, o.paths[i] ?? '')));
  const seconds = (performance.now() - start) / 1000;
  let counted = 0;
  for (const path of new Set(o.paths)) {
    const [socket] = sockets;
    if (socket) counted += Number((JSON.parse((await ask(socket, requestText(`GET ${path}`))).body()) as CountedObject).data.count);
  }
  for (const socket of sockets) socket.destroy();
  return { perSecond: (o.paths.length * o.rounds) / seconds, answers, retried, counted };
}

if (process.argv.includes('--writers-child')) process.once('message', async message => process.send?.(await run(message as Writers)));
