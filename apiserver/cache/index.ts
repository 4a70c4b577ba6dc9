export { Cache } from './cache.ts';
export { type CacheEvent, Collection, type Snapshot } from './collection.ts';
export { ComputedCollection } from './computed.ts';
export { Entry } from './entry.ts';
