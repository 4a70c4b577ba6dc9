export { type Codec, type EncryptionKey, encryptingCodec, plainCodec } from './codec.ts';
export { addEncryptionKey, encryptionKeys, keepOneKey } from './encryption-keys.ts';
export { MemoryStore } from './memory-store.ts';
export { copyDatabase, DatabaseError, restoreDatabase, sealOf } from './sqlite-file.ts';
export { SqliteStore } from './sqlite-store.ts';
export { CompactedError, ConflictError, type Op, type Revision, type Store, type StoredValue, type StoreEvent } from './store.ts';
