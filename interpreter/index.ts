// The door of the interpreter room.
export { chainOf, type InterpreterChain, type InterpreterChainOptions, interpreterChain } from './chain.ts';
export { customizationLayer, mergeCustomizations } from './customization.ts';
export { checkDependencies } from './dependencies.ts';
export * from './interpreter.ts';
export { LuaPool } from './lua/pool.ts';
export { type LuaRules, luaInterpreter } from './lua/scripts.ts';
export { nativeLayer } from './native/index.ts';
export { pruneIrrelevantFields } from './native/prune.ts';
export { thirdpartyLayer } from './thirdparty/index.ts';
export { checkCustomizations, type Execution, type InterpretedRule, interpretedRules, interpretObject, type RuleCheck } from './tool.ts';
export { type ServiceReference, type WebhookOptions, webhookLayer } from './webhook.ts';
