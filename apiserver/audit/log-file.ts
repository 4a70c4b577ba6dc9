// The audit log on disk: one JSON line an event, in the order of the events, in a file of mode 0600 that is put aside when it is
// big enough. Lines wait in memory while the disk is busy; when too much waits, requests wait for room.
//
//   audit.log  ──full──▶  audit-2026-11-30T09-15-00.000.log[.gz]  ──too old, too many──▶  deleted
import { createReadStream, createWriteStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Clock, errorText, type Logger } from '../../kube/index.ts';

const MAX_WAITING_BYTES = 16 * 1024 * 1024;
const DAY_MS = 24 * 3600_000;

export interface LogFileOptions {
  readonly path: string;
  /** The file is put aside before it grows beyond this. */
  readonly maxBytes: number;
  /** Days that files put aside are kept; 0 = for ever. */
  readonly maxAgeDays: number;
  /** How many of them are kept; 0 = all. */
  readonly maxBackups: number;
  readonly compress: boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Takes the lines of a log. */
export interface LineSink {
  append(line: string): void;
  /** Where too much is waiting: resolves when there is room again. */
  room(): Promise<void> | undefined;
  close(): Promise<void>;
}

export class LogFile implements LineSink {
  readonly #o: LogFileOptions;
  #waiting: string[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;
  #file: FileHandle | undefined;
  #size = 0;

  /** Throws where the folder cannot be made or written. */
  constructor(o: LogFileOptions) {
    this.#o = o;
    mkdirSync(dirname(o.path), { recursive: true, mode: 0o700 });
    if (existsSync(o.path)) this.#size = statSync(o.path).size;
  }

  append(line: string): void {
    this.#waiting.push(line);
    this.#waitingBytes += Buffer.byteLength(line) + 1;
    this.#writing ??= this.#drain();
  }

  room(): Promise<void> | undefined {
    return this.#waitingBytes > MAX_WAITING_BYTES ? this.#writing : undefined;
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file?.close();
    this.#file = undefined;
  }

  async #drain(): Promise<void> {
    // Lines of one moment share a write.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      const bytes = this.#waitingBytes;
      this.#waiting = [];
      this.#waitingBytes = 0;
      try {
        await this.#write(`${lines.join('\n')}\n`, bytes);
      } catch (error) {
        this.#o.log.error({ path: this.#o.path, lost: lines.length, err: errorText(error) }, 'audit events could not be written');
      }
    }
    this.#writing = undefined;
  }

  async #write(text: string, bytes: number): Promise<void> {
    if (this.#size > 0 && this.#size + bytes > this.#o.maxBytes) await this.#rotate();
    this.#file ??= await open(this.#o.path, 'a', 0o600);
    await this.#file.appendFile(text);
    this.#size += bytes;
  }

  async #rotate(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
    const { path, clock } = this.#o;
    const aside = join(
      dirname(path),
      `${stem(path)}-${new Date(clock.now()).toISOString().replaceAll(':', '-').slice(0, -1)}${extname(path)}`,
    );
    if (existsSync(path)) renameSync(path, aside);
    this.#size = 0;
    if (this.#o.compress && existsSync(aside)) await zip(aside);
    this.#discard();
  }

  #discard(): void {
    const { path, maxAgeDays, maxBackups, clock } = this.#o;
    const kept = backups(path);
    const old = (file: string): boolean => maxAgeDays > 0 && clock.now() - statSync(file).mtimeMs > maxAgeDays * DAY_MS;
    const many = maxBackups > 0 ? kept.slice(0, Math.max(kept.length - maxBackups, 0)) : [];
    for (const file of kept) if (many.includes(file) || old(file)) rmSync(file, { force: true });
  }
}

const stem = (path: string): string => basename(path, extname(path));

/** Files put aside, oldest first. */
function backups(path: string): string[] {
  const prefix = `${stem(path)}-`;
  const dated = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}/;
  return readdirSync(dirname(path))
    .filter(name => name.startsWith(prefix) && dated.test(name.slice(prefix.length)))
    .sort()
    .map(name => join(dirname(path), name));
}

async function zip(file: string): Promise<void> {
  await pipeline(createReadStream(file), createGzip(), createWriteStream(`${file}.gz`, { mode: 0o600 }));
  rmSync(file);
}

/** Lines to the standard output: `-` as path. */
export const standardOutput: LineSink = {
  append: line => void process.stdout.write(`${line}\n`),
  room: () => undefined,
  close: () => Promise.resolve(),
};
