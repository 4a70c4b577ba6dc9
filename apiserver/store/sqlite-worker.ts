// The thread that owns the database file. It answers one message after the other; the main thread never touches SQLite.
import { parentPort, workerData } from 'node:worker_threads';
import { type PackedRows, unpackRows } from './packed-rows.ts';
import type { Opened, SealedRow } from './sqlite-file.ts';
import { DatabaseError, SqliteFile } from './sqlite-file.ts';
import type { Revision, StoredValue } from './store.ts';

export type Request =
  | { readonly do: 'append'; readonly batch: PackedRows }
  | { readonly do: 'load' }
  | { readonly do: 'before'; readonly prefix: string; readonly revision: Revision }
  | { readonly do: 'compact'; readonly from: Revision; readonly revision: Revision; readonly limit: number }
  | { readonly do: 'sealed'; readonly prefix: string; readonly after: number; readonly limit: number }
  | { readonly do: 'replace'; readonly rows: readonly Omit<SealedRow, 'key'>[] }
  | { readonly do: 'seal'; readonly name?: string }
  | { readonly do: 'close' };

export type Reply =
  | { readonly n: number; readonly ok: unknown }
  | { readonly n: number; readonly chunk: readonly StoredValue[] }
  | { readonly n: number; readonly error: { readonly message: string; readonly code: string } };

export interface Start {
  readonly opened?: Opened;
  readonly refused?: string;
  readonly ours?: boolean;
}

const CHUNK_BYTES = 4 * 1024 * 1024;
const port = parentPort;
const { file, newId } = workerData as { file: string; newId: string };

function answer(db: SqliteFile, n: number, request: Request): unknown {
  switch (request.do) {
    case 'append':
      return db.append(unpackRows(request.batch));
    case 'load':
      for (const chunk of db.present(CHUNK_BYTES)) port?.postMessage({ n, chunk } satisfies Reply);
      return undefined;
    case 'before':
      return db.before(request.prefix, request.revision);
    case 'compact':
      return db.compact(request.from, request.revision, request.limit);
    case 'sealed':
      return db.sealed(request);
    case 'replace':
      return db.replace(request.rows);
    case 'seal':
      if (request.name !== undefined) db.sealedWith = request.name;
      return db.sealedWith;
    case 'close':
      return db.close();
  }
}

try {
  const { file: db, opened } = SqliteFile.open(file, newId);
  port?.postMessage({ opened } satisfies Start);
  port?.on('message', async ({ n, request }: { n: number; request: Request }) => {
    try {
      port.postMessage({ n, ok: await answer(db, n, request) } satisfies Reply);
    } catch (error) {
      const { message, code = '' } = error as { message: string; code?: string };
      port.postMessage({ n, error: { message, code } } satisfies Reply);
    }
    if (request.do === 'close') port.close();
  });
} catch (error) {
  port?.postMessage({ refused: (error as Error).message, ours: error instanceof DatabaseError } satisfies Start);
}
