import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { encryptingCodec, plainCodec } from './codec.ts';
import { addEncryptionKey, encryptionKeys, keepOneKey } from './encryption-keys.ts';
import { sealOf } from './sqlite-file.ts';
import { SqliteStore } from './sqlite-store.ts';

const dir = mkdtempSync(join(tmpdir(), 'flotilla-reseal-'));
afterAll(() => rmSync(dir, { recursive: true }));
const file = join(dir, 'x.db');
const keyFile = join(dir, 'keys.json');
const never = new AbortController().signal;
const isSecret = (key: string): boolean => key.startsWith('/secrets/');
const open = (): Promise<SqliteStore> => SqliteStore.open({ file, newId: 'id', codec: encryptingCodec(encryptionKeys(keyFile), isSecret) });

async function values(store: SqliteStore): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  await store.load(v => {
    found[v.key] = Buffer.from(v.value).toString();
  });
  return found;
}

it('after a rotation everything is rewritten once, history too, and the old key is not needed any more', async () => {
  const plain = await SqliteStore.open({ file, newId: 'id', codec: plainCodec });
  await plain.commit([{ key: '/secrets/old', expect: 0, value: () => Buffer.from('was plain') }]);
  await plain.commit([{ key: '/maps/m', expect: 0, value: () => Buffer.from('stays plain') }]);
  await plain.close();
  expect(readFileSync(file).includes('was plain')).toBe(true);

  const first = await open();
  await values(first);
  await first.commit(Array.from({ length: 450 }, (_, i) => ({ key: `/secrets/${i}`, expect: 0, value: () => Buffer.from(`v${i}`) })));
  const changed = await first.commit([{ key: '/secrets/0', expect: 3, value: () => Buffer.from('later') }]);
  expect(await first.reseal('/secrets/', never)).toBe(1);
  expect(await first.reseal('/secrets/', never)).toBe(0);
  await first.close();

  const [, before = ''] = addEncryptionKey(keyFile);
  const second = await open();
  const all = await values(second);
  expect(all).toMatchObject({ '/secrets/old': 'was plain', '/secrets/0': 'later', '/secrets/449': 'v449', '/maps/m': 'stays plain' });
  expect(sealOf(file)).toBe(before);
  expect(await second.reseal('/secrets/', never)).toBe(452);
  await second.close();

  const [now] = encryptionKeys(keyFile);
  expect(sealOf(file)).toBe(now.id);
  expect(keepOneKey(keyFile)).toEqual([before]);
  const third = await open();
  expect(await values(third)).toEqual(all);
  expect(await third.before('/secrets/', changed - 1)).toEqual(
    new Map([['/secrets/0', expect.objectContaining({ value: Buffer.from('v0') }) as unknown]]),
  );
  await third.close();
});
