// The door of the interpreter room.
export { interpreterChain } from './chain.ts';
export * from './interpreter.ts';
export { LuaPool } from './lua/pool.ts';
export { type LuaRules, luaInterpreter } from './lua/scripts.ts';
export { nativeLayer } from './native/index.ts';
export { pruneIrrelevantFields } from './native/prune.ts';
export { thirdpartyLayer } from './thirdparty/index.ts';
export { checkCustomizations, type Execution, interpretedRules, interpretObject, type RuleCheck } from './tool.ts';
