// The keys that Secrets are encrypted with at rest: a file of mode 0600 beside the other keys, never beside the data.
// The first key encrypts; all of them decrypt, so a key is rotated by putting a new one first; at the next start the database is
// rewritten with it, and then the others are not needed any more, but for backups that are older.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { EncryptionKey } from './codec.ts';

const SECRET_BYTES = 32;
const ID_BYTES = 4;

interface KeyFile {
  readonly keys: readonly { readonly id: string; readonly secret: string }[];
}

/** Reads the key file, making it with one key where it is absent; throws an Error for a person where it cannot be used. */
export function encryptionKeys(file: string): [EncryptionKey, ...EncryptionKey[]] {
  if (!existsSync(file)) writeFileSync(file, written([newKey()]), { mode: 0o600, flag: 'wx' });
  const keys = (JSON.parse(readFileSync(file, 'utf8')) as KeyFile).keys.map(k => ({ id: k.id, secret: Buffer.from(k.secret, 'base64') }));
  const [first, ...others] = keys;
  const wrong = keys.find(k => !/^[0-9a-f]{8}$/.test(k.id) || k.secret.length !== SECRET_BYTES);
  if (!first || wrong)
    throw new Error(`${file}: each key needs an id of eight hexadecimal digits and a secret of ${SECRET_BYTES} bytes in base64`);
  return [first, ...others];
}

/** Puts a new key first: it seals from the next start on, and the others still open. Returns the ids, the new one first. */
export function addEncryptionKey(file: string): string[] {
  return replaceKeys(file, keys => [newKey(), ...keys]);
}

/** Drops all keys but the first. Returns the ids of those that are gone. */
export function keepOneKey(file: string): string[] {
  const before = encryptionKeys(file).map(k => k.id);
  const kept = replaceKeys(file, ([first]) => [first]);
  return before.filter(id => !kept.includes(id));
}

function replaceKeys(file: string, change: (keys: [EncryptionKey, ...EncryptionKey[]]) => EncryptionKey[]): string[] {
  const keys = change(encryptionKeys(file));
  writeFileSync(`${file}.new`, written(keys), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return keys.map(k => k.id);
}

const newKey = (): EncryptionKey => ({ id: randomBytes(ID_BYTES).toString('hex'), secret: randomBytes(SECRET_BYTES) });

function written(keys: readonly EncryptionKey[]): string {
  const made: KeyFile = { keys: keys.map(k => ({ id: k.id, secret: Buffer.from(k.secret).toString('base64') })) };
  return `${JSON.stringify(made, null, 2)}\n`;
}
