import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silent, simulatedClock } from '../../kube/index.ts';
import { LogFile, type LogFileOptions } from './log-file.ts';

let dir: string;
let clock: ReturnType<typeof simulatedClock>;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'flotilla-audit-'));
  clock = simulatedClock({ start: Date.UTC(2026, 0, 1) });
});
afterEach(() => rmSync(dir, { recursive: true }));

const logFile = (o: Partial<LogFileOptions> = {}): LogFile =>
  new LogFile({ path: join(dir, 'audit.log'), maxBytes: 1000, maxAgeDays: 0, maxBackups: 0, compress: false, clock, log: silent, ...o });
const files = (): string[] => readdirSync(dir).sort();

/** Writes lines of 100 bytes, each of which has reached the file before the next. */
async function fill(log: LogFile, n: number): Promise<void> {
  for (let i = 0; i < n; i++) {
    log.append(`${i}`.padStart(99, '.'));
    await clock.advance(1000);
    await log.close();
  }
}

test('lines come in order, each on its own, in a file that only its owner reads; a restart goes on with it', async () => {
  const log = logFile();
  for (const line of ['a', 'b', 'c']) log.append(line);
  await log.close();
  const again = logFile();
  again.append('d');
  await again.close();
  expect(readFileSync(join(dir, 'audit.log'), 'utf8')).toBe('a\nb\nc\nd\n');
  expect(statSync(join(dir, 'audit.log')).mode & 0o777).toBe(0o600);
});

test('a full file is put aside under the time, and no line is lost or split', async () => {
  const log = logFile();
  await fill(log, 25);
  expect(files()).toHaveLength(3);
  expect(files()[0]).toMatch(/^audit-2026-01-01T00-00-\d\d\.\d{3}\.log$/);
  const text = files()
    .map(name => readFileSync(join(dir, name), 'utf8'))
    .join('');
  expect(
    text
      .trim()
      .split('\n')
      .map(line => Number(line.replaceAll('.', ''))),
  ).toEqual(Array.from({ length: 25 }, (_, i) => i));
});

test('only so many files put aside are kept', async () => {
  await fill(logFile({ maxBackups: 2 }), 65);
  expect(files()).toHaveLength(3);
});

test('files put aside are compressed where that is asked for', async () => {
  await fill(logFile({ compress: true }), 12);
  const [zipped = ''] = files();
  expect(zipped).toMatch(/\.log\.gz$/);
  expect(
    gunzipSync(readFileSync(join(dir, zipped)))
      .toString()
      .split('\n'),
  ).toHaveLength(11);
});

test('who writes more than the disk takes waits for room', async () => {
  const log = logFile({ maxBytes: 1e9 });
  expect(log.room()).toBeUndefined();
  const line = 'x'.repeat(1024 * 1024);
  for (let i = 0; i < 20; i++) log.append(line);
  expect(log.room()).toBeInstanceOf(Promise);
  await log.room();
  expect(log.room()).toBeUndefined();
  await log.close();
  expect(statSync(join(dir, 'audit.log')).size).toBe(20 * (1024 * 1024 + 1));
});
