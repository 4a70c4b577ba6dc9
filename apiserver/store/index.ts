export { encryptingCodec, plainCodec } from './codec.ts';
export { addEncryptionKey, encryptionKeys, keepOneKey } from './encryption-keys.ts';
export { MemoryStore } from './memory-store.ts';
export { copyDatabase, restoreDatabase, sealOf } from './sqlite-file.ts';
export { SqliteStore } from './sqlite-store.ts';
export { CompactedError, ConflictError, type Op, type Revision, type Store, type StoreEvent } from './store.ts';
