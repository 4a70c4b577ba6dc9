import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { encryptingCodec, plainCodec } from './codec.ts';
import { MemoryStore } from './memory-store.ts';
import { copyDatabase, restoreDatabase } from './sqlite-file.ts';
import { SqliteStore } from './sqlite-store.ts';
import { CompactedError, ConflictError, type Op, type Store, type StoreEvent } from './store.ts';

const dir = mkdtempSync(join(tmpdir(), 'flotilla-store-'));
afterAll(() => rmSync(dir, { recursive: true }));
let files = 0;
const newFile = (): string => join(dir, `${files++}.db`);
const openSqlite = (file: string): Promise<SqliteStore> => SqliteStore.open({ file, newId: 'id-1', codec: plainCodec });

const text = (value: Uint8Array | undefined): string | undefined => value && Buffer.from(value).toString();
const put = (key: string, expectRevision: number, value: string): Op => ({
  key,
  expect: expectRevision,
  value: revision => Buffer.from(`${value}@${revision}`),
});

function testStore(name: string, open: () => Promise<Store>): void {
  describe(`a ${name} store`, () => {
    it('gives each commit the next revision and shows it to subscribers before it resolves', async () => {
      const store = await open();
      const seen: StoreEvent[] = [];
      store.subscribe(events => seen.push(...events));
      const revisions = await Promise.all([store.commit([put('a', 0, 'x')]), store.commit([put('b', 0, 'y'), put('c', 0, 'z')])]);
      expect(revisions).toEqual([1, 2]);
      expect(seen.map(e => [e.key, e.revision, text(e.value)])).toEqual([
        ['a', 1, 'x@1'],
        ['b', 2, 'y@2'],
        ['c', 2, 'z@2'],
      ]);
      expect(store.revision).toBe(2);
      await store.close();
    });

    it('refuses a commit whose expectation fails, whole, and names the key', async () => {
      const store = await open();
      await store.commit([put('a', 0, 'x')]);
      const error = await store.commit([put('b', 0, 'y'), put('a', 7, 'z')]).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(ConflictError);
      expect(error).toMatchObject({ key: 'a', revision: 1 });
      await expect(store.commit([put('b', 0, 'again')])).resolves.toBe(2);
      await store.close();
    });

    it('lets one of many concurrent writers of a key win', async () => {
      const store = await open();
      const results = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => store.commit([put('a', 0, String(i))])));
      expect(results.filter(r => r.status === 'fulfilled')).toHaveLength(1);
      await store.close();
    });

    it('tells what changed keys held before, until that is compacted', async () => {
      const store = await open();
      await store.commit([put('p/a', 0, '1')]);
      await store.commit([put('p/b', 0, '2')]);
      await store.commit([put('p/a', 1, '3')]);
      await store.commit([{ key: 'p/b', expect: 2 }]);
      await store.commit([put('q/c', 0, '5')]);
      const before = await store.before('p/', 2);
      expect([...before].map(([k, v]) => [k, text(v?.value)]).sort()).toEqual([
        ['p/a', '1@1'],
        ['p/b', '2@2'],
      ]);
      expect([...(await store.before('p/', 0))].map(([k, v]) => [k, v])).toEqual([
        ['p/a', undefined],
        ['p/b', undefined],
      ]);
      await store.compact(3);
      expect(store.compacted).toBe(3);
      await expect(store.before('p/', 2)).rejects.toBeInstanceOf(CompactedError);
      expect([...(await store.before('p/', 3))].map(([k, v]) => [k, text(v?.value)])).toEqual([['p/b', '2@2']]);
      await store.close();
    });
  });
}

testStore('memory', () => Promise.resolve(new MemoryStore('id-1')));
testStore('sqlite', () => openSqlite(newFile()));

async function contents(store: Store): Promise<Record<string, string | undefined>> {
  const found: Record<string, string | undefined> = {};
  await store.load(v => {
    found[v.key] = text(v.value);
  });
  return found;
}

describe('a sqlite store on disk', () => {
  it('has every acknowledged write after it is opened again, and goes on counting', async () => {
    const file = newFile();
    const first = await openSqlite(file);
    await Promise.all(Array.from({ length: 1200 }, (_, i) => first.commit([put(`k${i}`, 0, 'v')])));
    await first.commit([put('k1', 2, 'w')]);
    await first.commit([{ key: 'k2', expect: 3 }]);
    await first.compact(1000);
    await first.close();
    const second = await openSqlite(file);
    const found = await contents(second);
    expect(Object.keys(found)).toHaveLength(1199);
    expect(found['k1']).toBe('w@1201');
    expect(second.revision).toBe(1202);
    await expect(second.commit([put('k1', 1201, 'x')])).resolves.toBe(1203);
    await second.close();
  });

  it('refuses a foreign file, a corrupt one and one in use, and says why', async () => {
    const foreign = newFile();
    writeFileSync(foreign, 'this is no database, however long it may be '.repeat(40));
    await expect(openSqlite(foreign)).rejects.toThrow(/not a readable database/);
    const held = newFile();
    const holder = await openSqlite(held);
    await expect(openSqlite(held)).rejects.toThrow(new RegExp(`in use by another Flotilla \\(process ${process.pid}\\)`));
    await holder.close();
  });

  it('names the file and the way out where a page in the middle is broken, and leaves the file as it is', async () => {
    const file = newFile();
    const store = await openSqlite(file);
    await Promise.all(Array.from({ length: 500 }, (_, i) => store.commit([put(`k${i}`, 0, 'v'.repeat(1000))])));
    await store.close();
    const bytes = readFileSync(file);
    const broken = bytes.fill(0xff, 16384 * 8, 16384 * 16);
    writeFileSync(file, broken);
    const opened = await openSqlite(file);
    await expect(opened.load(() => undefined)).rejects.toThrow(`${file} is not a readable database`);
    await opened.close();
    expect(readFileSync(file).equals(broken)).toBe(true);
  });

  it('says which key is missing when it cannot read what it holds', async () => {
    const file = newFile();
    const codec = (fill: number, id: string) => encryptingCodec([{ id, secret: new Uint8Array(32).fill(fill) }], () => true);
    const first = await SqliteStore.open({ file, newId: 'id-1', codec: codec(1, '00000001') });
    await first.commit([put('a', 0, 'x')]);
    await first.close();
    const second = await SqliteStore.open({ file, newId: 'id-1', codec: codec(2, '00000002') });
    await expect(second.load(() => undefined)).rejects.toThrow('a was encrypted with key 00000001, which is not in the key file');
    await second.close();
  });

  it('backs up while it runs, and a restored copy counts from far ahead', async () => {
    const file = newFile();
    const store = await openSqlite(file);
    await store.commit([put('a', 0, 'x')]);
    const copy = newFile();
    copyDatabase(file, copy);
    await store.commit([put('b', 0, 'y')]);
    await store.close();
    const target = newFile();
    restoreDatabase({ from: copy, to: target, jump: 1_000_000 });
    const restored = await openSqlite(target);
    expect(restored.id).toBe('id-1');
    expect(await contents(restored)).toEqual({ a: 'x@1' });
    await expect(restored.commit([put('b', 0, 'y')])).resolves.toBe(1_000_002);
    await restored.close();
  });
});

describe('the encrypting codec', () => {
  const key = { id: '00112233', secret: new Uint8Array(32).fill(7) };
  const next = { id: '44556677', secret: new Uint8Array(32).fill(9) };
  const secret = (k: string): boolean => k.startsWith('/secrets/');

  it('keeps secrets unreadable, reads them back, and reads old ones after a rotation', () => {
    const old = encryptingCodec([key], secret);
    const stored = Buffer.concat(old.encode('/secrets/a', Buffer.from('password')));
    expect(Buffer.from(stored).toString('latin1')).not.toContain('password');
    const rotated = encryptingCodec([next, key], secret);
    expect(text(rotated.decode('/secrets/a', stored))).toBe('password');
    expect(Buffer.concat(rotated.encode('/x/a', Buffer.from('plain'))).toString()).toContain('plain');
  });

  it('refuses bytes that were moved to another key or lost their encryption key', () => {
    const codec = encryptingCodec([key], secret);
    const stored = Buffer.concat(codec.encode('/secrets/a', Buffer.from('password')));
    expect(() => codec.decode('/secrets/b', stored)).toThrow();
    expect(() => encryptingCodec([next], secret).decode('/secrets/a', stored)).toThrow(/not in the key file/);
  });
});
