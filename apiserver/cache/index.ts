export { Cache, type CacheOp } from './cache.ts';
export { type CacheEvent, Collection, type Range, type Snapshot } from './collection.ts';
export { ComputedCollection, type Computing } from './computed.ts';
export { Entry, freeze } from './entry.ts';
