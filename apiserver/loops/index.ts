export { garbageCollector } from './garbage-collector.ts';
export type { LoopOptions } from './loop-context.ts';
export { namespaceLoop } from './namespace.ts';
