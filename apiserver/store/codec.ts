// Bytes on their way to and from the disk. The first byte says how the rest is kept: plain, or encrypted with a named key
// (AES-256-GCM; the storage key is authenticated too, so a value cannot be moved to another place).
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

export interface Codec {
  /** The stored bytes in parts, one after the other. */
  encode(key: string, value: Uint8Array): readonly Uint8Array[];
  /** Throws where the key that encrypted the value is missing or the bytes were tampered with. */
  decode(key: string, stored: Uint8Array): Uint8Array;
  /** What new values are sealed with: the id of a key, or `plain`. */
  readonly sealedWith: string;
  /** Whether a value is kept in another way than it would be kept now. */
  outdated(key: string, stored: Uint8Array): boolean;
}

const PLAIN = 0;
const PLAIN_MARK = Uint8Array.of(PLAIN);
const ENCRYPTED = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ID_BYTES = 4;

export interface EncryptionKey {
  /** Eight hexadecimal digits. */
  readonly id: string;
  /** 32 bytes. */
  readonly secret: Uint8Array;
}

/** Keeps everything plain. */
export const plainCodec: Codec = {
  encode: (_key, value) => [PLAIN_MARK, value],
  decode: (key, stored) => {
    if (stored[0] !== PLAIN) throw new Error(`${key} is encrypted and no key is known`);
    return stored.subarray(1);
  },
  sealedWith: 'plain',
  outdated: () => false,
};

/** Encrypts what `secret` says with the first key; reads with any of them, so keys can be rotated. */
export function encryptingCodec(keys: readonly [EncryptionKey, ...EncryptionKey[]], secret: (key: string) => boolean): Codec {
  const [current] = keys;
  const byId = new Map(keys.map(k => [k.id, k]));
  return {
    encode: (key, value) => (secret(key) ? [seal(current, key, value)] : [PLAIN_MARK, value]),
    decode: (key, stored) => {
      if (stored[0] === PLAIN) return stored.subarray(1);
      const id = sealId(stored) ?? 'of an unknown form';
      const found = byId.get(id);
      if (!found)
        throw new Error(
          `${key} was encrypted with key ${id}, which is not in the key file: put back the pki/encryption.json that it was written with`,
        );
      return open(found, key, stored);
    },
    sealedWith: current.id,
    outdated: (key, stored) => secret(key) && sealId(stored) !== current.id,
  };
}

/** The id of the key that sealed a value; undefined where none did. */
const sealId = (stored: Uint8Array): string | undefined =>
  stored[0] === ENCRYPTED ? Buffer.from(stored.subarray(1, 1 + ID_BYTES)).toString('hex') : undefined;

function seal(k: EncryptionKey, key: string, value: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', k.secret, nonce);
  cipher.setAAD(Buffer.from(key));
  const body = Buffer.concat([cipher.update(value), cipher.final()]);
  return Buffer.concat([Buffer.from([ENCRYPTED]), Buffer.from(k.id, 'hex'), nonce, cipher.getAuthTag(), body]);
}

function open(k: EncryptionKey, key: string, stored: Uint8Array): Uint8Array {
  const nonceAt = 1 + ID_BYTES;
  const tagAt = nonceAt + NONCE_BYTES;
  const bodyAt = tagAt + TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', k.secret, stored.subarray(nonceAt, tagAt));
  decipher.setAAD(Buffer.from(key));
  decipher.setAuthTag(stored.subarray(tagAt, bodyAt));
  return Buffer.concat([decipher.update(stored.subarray(bodyAt)), decipher.final()]);
}
