// The database file: what makes it ours, how it is opened, and the statements that run on it.
//
// One table is the truth: a log of rows by revision, where each row names the row it replaces. The present state is what no
// later row replaces; it is read once at start. Compaction deletes replaced rows; nothing else ever deletes.
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { Row } from './commit-queue.ts';
import type { Revision, StoredValue } from './store.ts';

const APPLICATION_ID = 0x466c6f74;
const FORMAT = 1;
/** A row's id: revision * SPREAD + position inside the commit. */
const SPREAD = 1024;

const SCHEMA = `
  CREATE TABLE log (id INTEGER PRIMARY KEY, key TEXT NOT NULL, previous INTEGER NOT NULL, value BLOB);
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
`;

/** Why a file cannot be opened, in a sentence for a person. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
}

export interface Opened {
  readonly id: string;
  readonly revision: Revision;
  readonly compacted: Revision;
}

/** A value as it lies on the disk. */
export interface SealedRow {
  readonly id: number;
  readonly key: string;
  readonly value: Uint8Array;
}

interface LogRow {
  readonly id: number;
  readonly key: string;
  readonly previous: number;
  readonly value: Buffer | null;
}

const SEALED = 'sealed-with';

const revisionOf = (id: number): Revision => Math.floor(id / SPREAD);

export class SqliteFile {
  readonly #db: Database.Database;
  readonly #lock: Database.Database;
  readonly #insert: Database.Statement;
  readonly #insertAll: (rows: readonly Row[]) => void;

  private constructor(db: Database.Database, lock: Database.Database) {
    this.#db = db;
    this.#lock = lock;
    this.#insert = db.prepare('INSERT INTO log (id, key, previous, value) VALUES (?, ?, ?, ?)');
    this.#insertAll = db.transaction((rows: readonly Row[]) => {
      for (const r of rows) this.#insert.run(r.revision * SPREAD + r.seq, r.key, r.previous, r.value ?? null);
    });
  }

  /** Opens or makes the file; throws a DatabaseError where it is not ours, newer, corrupt, or held by another process. */
  static open(file: string, newId: string): { file: SqliteFile; opened: Opened } {
    const fresh = !existsSync(file) || statSync(file).size === 0;
    let db: Database.Database | undefined;
    try {
      const lock = lockFor(file);
      db = new Database(file, { timeout: 5000 });
      if (fresh) db.pragma('page_size = 16384');
      if (fresh) create(db, newId);
      else check(db, file);
      db.pragma('journal_mode = WAL');
      db.pragma('synchronous = FULL');
      const opened = { id: meta(db, 'id'), revision: lastRevision(db), compacted: Number(meta(db, 'compacted')) };
      return { file: new SqliteFile(db, lock), opened };
    } catch (error) {
      db?.close();
      throw explain(error, file);
    }
  }

  append(rows: readonly Row[]): void {
    this.#insertAll(rows);
  }

  /** Every present value, in no particular order, in chunks of about `bytes`; a page that cannot be read shows only here. */
  *present(bytes: number): Generator<StoredValue[]> {
    try {
      yield* this.#present(bytes);
    } catch (error) {
      throw explain(error, this.#db.name);
    }
  }

  *#present(bytes: number): Generator<StoredValue[]> {
    const newest = new Map<string, number>();
    for (const row of this.#db.prepare('SELECT id, key FROM log ORDER BY id').iterate() as IterableIterator<LogRow>)
      newest.set(row.key, row.id);
    let chunk: StoredValue[] = [];
    let size = 0;
    for (const row of this.#db.prepare('SELECT id, key, value FROM log').iterate() as IterableIterator<LogRow>) {
      if (row.value === null || newest.get(row.key) !== row.id) continue;
      chunk.push({ key: row.key, value: row.value, revision: revisionOf(row.id) });
      size += row.value.length;
      if (size < bytes) continue;
      yield chunk;
      chunk = [];
      size = 0;
    }
    if (chunk.length > 0) yield chunk;
  }

  /** What keys below `prefix` that changed after `revision` held at `revision`. */
  before(prefix: string, revision: Revision): [string, StoredValue | undefined][] {
    const first = new Map<string, number>();
    const rows = this.#db
      .prepare('SELECT id, key, previous FROM log WHERE id >= ? ORDER BY id')
      .iterate((revision + 1) * SPREAD) as IterableIterator<LogRow>;
    for (const row of rows) if (row.key.startsWith(prefix) && !first.has(row.key)) first.set(row.key, row.previous);
    const find = this.#db.prepare('SELECT id, key, value FROM log WHERE id >= ? AND id < ? AND key = ?');
    return [...first].map(([key, previous]) => {
      if (!previous) return [key, undefined];
      const row = find.get(previous * SPREAD, (previous + 1) * SPREAD, key) as LogRow | undefined;
      return [key, row?.value ? { key, value: row.value, revision: previous } : undefined];
    });
  }

  /** Deletes at most `limit` rows' worth of history up to `revision`; returns how far it came. */
  compact(from: Revision, revision: Revision, limit: number): Revision {
    const rows = this.#db
      .prepare('SELECT id, key, previous, value IS NULL AS gone FROM log WHERE id >= ? AND id < ? ORDER BY id LIMIT ?')
      .all((from + 1) * SPREAD, (revision + 1) * SPREAD, limit) as { id: number; key: string; previous: number; gone: number }[];
    const last = rows.length < limit ? revision : Math.max(from + 1, revisionOf(rows.at(-1)?.id ?? 0) - 1);
    const remove = this.#db.prepare('DELETE FROM log WHERE id >= ? AND id < ? AND key = ?');
    this.#db.transaction(() => {
      for (const row of rows) {
        if (revisionOf(row.id) > last) break;
        if (row.previous) remove.run(row.previous * SPREAD, (row.previous + 1) * SPREAD, row.key);
        if (row.gone) remove.run(row.id, row.id + 1, row.key);
      }
      this.#db.prepare("UPDATE meta SET value = ? WHERE name = 'compacted'").run(String(last));
      this.#db.prepare("UPDATE meta SET value = max(CAST(value AS INTEGER), ?) WHERE name = 'floor'").run(last);
    })();
    return last;
  }

  /** At most `limit` stored values below `prefix` with ids after `after`, in the order of ids. */
  sealed(o: { readonly prefix: string; readonly after: number; readonly limit: number }): SealedRow[] {
    return this.#db
      .prepare('SELECT id, key, value FROM log WHERE id > ? AND key >= ? AND key < ? AND value IS NOT NULL ORDER BY id LIMIT ?')
      .all(o.after, o.prefix, `${o.prefix}\uffff`, o.limit) as SealedRow[];
  }

  /** Puts other bytes of the same values in their place. */
  replace(rows: readonly Omit<SealedRow, 'key'>[]): void {
    const update = this.#db.prepare('UPDATE log SET value = ? WHERE id = ?');
    this.#db.transaction(() => {
      for (const row of rows) update.run(row.value, row.id);
    })();
  }

  /** The name of what all values are sealed with; '' where that is not known. */
  get sealedWith(): string {
    return meta(this.#db, SEALED);
  }

  set sealedWith(name: string) {
    this.#db.prepare('INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value').run(SEALED, name);
  }

  close(): void {
    this.#db.close();
    this.#lock.close();
  }
}

/** Held while the file is open and freed by the system however the process ends; readers such as a backup are not kept out. */
function lockFor(file: string): Database.Database {
  const lock = new Database(`${file}.lock`, { timeout: 0 });
  lock.pragma('locking_mode = EXCLUSIVE');
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    throw error;
  }
  try {
    writeFileSync(`${file}.pid`, `${process.pid}\n`, { mode: 0o600 });
  } catch {
    // It only helps to name the holder; a full disk must not keep the data from being read.
  }
  return lock;
}

function create(db: Database.Database, id: string): void {
  db.transaction(() => {
    db.exec(SCHEMA);
    const insert = db.prepare('INSERT INTO meta VALUES (?, ?)');
    insert.run('id', id);
    insert.run('compacted', '0');
    insert.run('floor', '0');
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${FORMAT}`);
  })();
}

function check(db: Database.Database, file: string): void {
  if (db.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
    throw new DatabaseError(`${file} is not a Flotilla database: move it away, or name another home`);
  }
  const format = Number(db.pragma('user_version', { simple: true }));
  if (format > FORMAT)
    throw new DatabaseError(
      `${file} has format ${format}, this Flotilla knows formats up to ${FORMAT}: run the newer Flotilla that wrote it`,
    );
}

const meta = (db: Database.Database, name: string): string =>
  (db.prepare('SELECT value FROM meta WHERE name = ?').get(name) as { value: string } | undefined)?.value ?? '';

/** The floor outlives compaction and is what a restore raises, so that revisions never go back. */
function lastRevision(db: Database.Database): Revision {
  const newest = (db.prepare('SELECT max(id) AS id FROM log').get() as { id: number | null }).id;
  return Math.max(newest === null ? 0 : revisionOf(newest), Number(meta(db, 'floor')));
}

/** Copies a database, in use or not, to a file that does not exist: one consistent moment. */
export function copyDatabase(from: string, to: string): void {
  const db = new Database(from, { readonly: true, timeout: 5000 });
  try {
    check(db, from);
    db.prepare('VACUUM INTO ?').run(to);
    chmodSync(to, 0o600);
  } catch (error) {
    throw explain(error, from);
  } finally {
    db.close();
  }
}

/** The name of the key that everything in a database is sealed with, as far as it was written down; the file may be in use. */
export function sealOf(file: string): string {
  const db = new Database(file, { readonly: true, timeout: 5000 });
  try {
    check(db, file);
    return meta(db, SEALED);
  } catch (error) {
    throw explain(error, file);
  } finally {
    db.close();
  }
}

export interface RestoreOptions {
  readonly from: string;
  readonly to: string;
  /** How far revisions go beyond those of the copy. */
  readonly jump: number;
  /** Revisions go on from here, if that is further. */
  readonly atLeast?: number;
}

/** Puts a copy in the place of the data; revisions start `jump` above what any client has seen. What was there is kept beside. */
export function restoreDatabase(o: RestoreOptions): void {
  const made = `${o.to}.restoring`;
  rmSync(made, { force: true });
  copyDatabase(o.from, made);
  raiseFloor(made, o);
  if (existsSync(o.to)) {
    try {
      lockFor(o.to).close();
    } catch (error) {
      rmSync(made, { force: true });
      throw explain(error, o.to);
    }
    for (const ending of ['', '-wal', '-shm']) if (existsSync(o.to + ending)) renameSync(o.to + ending, `${o.to}.before-restore${ending}`);
  }
  renameSync(made, o.to);
}

function raiseFloor(file: string, { jump, atLeast = 0 }: RestoreOptions): void {
  const db = new Database(file);
  try {
    check(db, file);
    const floor = Math.max(lastRevision(db) + jump, atLeast);
    db.prepare("UPDATE meta SET value = ? WHERE name = 'floor'").run(String(floor));
  } finally {
    db.close();
  }
}

function explain(error: unknown, file: string): Error {
  const code = (error as { code?: string }).code ?? '';
  if (code.startsWith('SQLITE_BUSY')) {
    const holder = existsSync(`${file}.pid`) ? readFileSync(`${file}.pid`, 'utf8').trim() : 'unknown';
    return new DatabaseError(`${file} is in use by another Flotilla (process ${holder}): stop it, or name another home`, { cause: error });
  }
  if (code.startsWith('SQLITE_NOTADB') || code.startsWith('SQLITE_CORRUPT')) {
    return new DatabaseError(
      `${file} is not a readable database (${(error as Error).message}): it was left untouched; restore a backup with 'flotilla restore'`,
      { cause: error },
    );
  }
  return error instanceof Error ? error : new Error(String(error));
}
