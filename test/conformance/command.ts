// Programs run by checks: kubectl and helm of many versions, written as on a command line.
import { execFile, spawn } from 'node:child_process';
import { eventually, type Output } from './expect.ts';

export interface RunOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly timeoutMs?: number;
}

const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
const TIMEOUT_MS = 60_000;

/** `get cm ${name} -l ${'a in (b)'}` → arguments: split at white space, but never inside what is put in. */
export function words(strings: TemplateStringsArray, values: readonly unknown[]): string[] {
  const args: string[] = [];
  let open = false;
  const add = (text: string): void => {
    if (open) args.push((args.pop() ?? '') + text);
    else args.push(text);
    open = true;
  };
  strings.forEach((part, i) => {
    part.split(/(\s+)/).forEach(piece => {
      if (/^\s+$/.test(piece)) open = false;
      else if (piece !== '') add(piece);
    });
    if (i < values.length) add(String(values[i]));
  });
  return args;
}

/** Runs a program to its end, whatever its exit status. */
export function run(file: string, args: readonly string[], o: RunOptions): Promise<Output> {
  return new Promise(resolve => {
    const child = execFile(
      file,
      args,
      { timeout: o.timeoutMs ?? TIMEOUT_MS, killSignal: 'SIGKILL', maxBuffer: MAX_OUTPUT_BYTES, env: o.env },
      (error, out, err) => {
        const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
        resolve({ code, out, err: error?.killed ? `${err}\nkilled after its time was up` : err });
      },
    );
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(o.input ?? '');
  });
}

export interface Background {
  readonly out: () => string;
  /** Resolves when what was printed matches. */
  until(pattern: RegExp, timeoutMs?: number): Promise<string>;
  /** Ends it if it still runs; its exit status. */
  stop(): Promise<number | null>;
  /** Resolves with its exit status when it ends by itself. */
  readonly ended: Promise<number | null>;
}

/** Runs a program beside the check. */
export function start(file: string, args: readonly string[], env: Readonly<Record<string, string>>): Background {
  const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  child.stdout.on('data', (part: Buffer) => {
    text += part.toString();
  });
  child.stderr.on('data', (part: Buffer) => {
    text += part.toString();
  });
  const ended = new Promise<number | null>(resolve => child.on('close', code => resolve(code)));
  return {
    out: () => text,
    ended,
    until: (pattern, timeoutMs) =>
      eventually(`${args.join(' ')} prints ${String(pattern)}`, () => (pattern.test(text) ? text : undefined), {
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        last: () => text,
      }),
    stop() {
      child.kill('SIGINT');
      return ended;
    },
  };
}
