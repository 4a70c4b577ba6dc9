// The door of the interpreter room.
export * from './interpreter.ts';
export { LuaPool } from './lua/pool.ts';
export { type LuaRules, luaInterpreter } from './lua/scripts.ts';
export { nativeLayer } from './native/index.ts';
export { pruneIrrelevantFields } from './native/prune.ts';
