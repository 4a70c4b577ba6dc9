export { Cache, type CacheOp } from './cache.ts';
export { type CacheEvent, Collection, type Range, type Snapshot } from './collection.ts';
export { Entry, freeze } from './entry.ts';
