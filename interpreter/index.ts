// The door of the interpreter room.
export * from './interpreter.ts';
export { nativeLayer } from './native/index.ts';
export { pruneIrrelevantFields } from './native/prune.ts';
