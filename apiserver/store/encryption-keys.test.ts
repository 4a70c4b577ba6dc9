import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { encryptionKeys } from './encryption-keys.ts';

const dir = mkdtempSync(join(tmpdir(), 'flotilla-keys-'));
afterAll(() => rmSync(dir, { recursive: true }));

it('makes a key once, in a file nobody else can read, and finds it again', () => {
  const file = join(dir, 'encryption.json');
  const [made] = encryptionKeys(file);
  expect(made.secret).toHaveLength(32);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(encryptionKeys(file)).toEqual([made]);
});

it('puts the first key of the file first and refuses one that is none', () => {
  const file = join(dir, 'rotated.json');
  encryptionKeys(file);
  const { keys } = JSON.parse(readFileSync(file, 'utf8')) as { keys: object[] };
  writeFileSync(file, JSON.stringify({ keys: [{ id: '00000001', secret: Buffer.alloc(32, 1).toString('base64') }, ...keys] }));
  expect(encryptionKeys(file).map(k => k.id)[0]).toBe('00000001');
  writeFileSync(file, JSON.stringify({ keys: [{ id: 'x', secret: '' }] }));
  expect(() => encryptionKeys(file)).toThrow(/eight hexadecimal digits/);
});
