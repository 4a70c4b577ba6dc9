// What happens in a simulated container when a command is executed in it: the answer names pod, container and command, input comes
// back line by line, and the exit code is the one that the command's text asks for. `tar` is what `kubectl cp` needs.
import { exitCodeOf } from '../stages/containers.ts';
import { archiveOf } from './tar.ts';
import { type Target, titleOf } from './target.ts';

export interface SessionIo {
  /** Ends when the caller closes it; empty where none was asked for. */
  readonly stdin: AsyncIterable<Buffer>;
  /** Whether the caller sends input at all. */
  readonly hasStdin: boolean;
  stdout(bytes: Buffer | string): void;
  stderr(bytes: Buffer | string): void;
}

/** Resolves with the exit code. */
export async function runCommand(t: Target, command: readonly string[], io: SessionIo): Promise<number> {
  const [program = '', ...args] = command;
  if (program === 'tar' && args.some(isArchiving)) {
    io.stdout(archiveOf(args.at(-1) ?? '', `${titleOf(t)}: ${command.join(' ')}\n`));
    return 0;
  }
  if (program === 'tar' || program === 'cat') return swallow(t, io, program === 'cat');
  // Nothing is a folder here: what `kubectl cp` asks before it copies.
  if (program === 'test') return 1;
  io.stdout(`${titleOf(t)}: ${command.join(' ')}\n`);
  if (io.hasStdin) return echo(t, io);
  return exitCodeOf({ name: '', command });
}

const isArchiving = (arg: string): boolean => /^-?c[a-z]*f?$/.test(arg) || arg === '--create';

async function swallow(t: Target, io: SessionIo, back: boolean): Promise<number> {
  let bytes = 0;
  for await (const chunk of io.stdin) {
    bytes += chunk.length;
    if (back) io.stdout(chunk);
  }
  if (!back) io.stderr(`${titleOf(t)}: took ${bytes} bytes\n`);
  return 0;
}

/** Each line of input comes back; `exit N` ends the session. */
async function echo(t: Target, io: SessionIo): Promise<number> {
  let rest = '';
  for await (const chunk of io.stdin) {
    const lines = (rest + chunk.toString()).split(/\r\n|\r|\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const exit = /^\s*exit(?:\s+(\d+))?\s*$/.exec(line);
      if (exit) return Number(exit[1] ?? 0) % 256;
      io.stdout(`${titleOf(t)}: ${line}\r\n`);
    }
    // End of input on a terminal.
    if (rest.includes('\u0004')) return 0;
  }
  if (rest !== '') io.stdout(`${titleOf(t)}: ${rest}\n`);
  return 0;
}

/** What `kubectl attach` sees: what the container has written, then its input coming back. */
export async function attach(t: Target, written: string, o: { readonly io: SessionIo; readonly ended: Promise<unknown> }): Promise<number> {
  o.io.stdout(written);
  if (o.io.hasStdin) return echo(t, o.io);
  await o.ended;
  return 0;
}
