// The keys that Secrets are encrypted with at rest: a file of mode 0600 beside the other keys, never beside the data.
// The first key encrypts; all of them decrypt, so a key is rotated by putting a new one first.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { EncryptionKey } from './codec.ts';

const SECRET_BYTES = 32;
const ID_BYTES = 4;

interface KeyFile {
  readonly keys: readonly { readonly id: string; readonly secret: string }[];
}

/** Reads the key file, making it with one key where it is absent; throws an Error for a person where it cannot be used. */
export function encryptionKeys(file: string): [EncryptionKey, ...EncryptionKey[]] {
  if (!existsSync(file)) {
    const made: KeyFile = { keys: [{ id: randomBytes(ID_BYTES).toString('hex'), secret: randomBytes(SECRET_BYTES).toString('base64') }] };
    writeFileSync(file, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  }
  const keys = (JSON.parse(readFileSync(file, 'utf8')) as KeyFile).keys.map(k => ({ id: k.id, secret: Buffer.from(k.secret, 'base64') }));
  const [first, ...others] = keys;
  const wrong = keys.find(k => !/^[0-9a-f]{8}$/.test(k.id) || k.secret.length !== SECRET_BYTES);
  if (!first || wrong)
    throw new Error(`${file}: each key needs an id of eight hexadecimal digits and a secret of ${SECRET_BYTES} bytes in base64`);
  return [first, ...others];
}
