export { garbageCollector } from './garbage-collector.ts';
export type { LoopOptions } from './loop-context.ts';
export { namespaceLoop } from './namespace.ts';
export { defaultServiceAccountLoop, rootCaLoop } from './namespace-objects.ts';
export { type ServiceAccountTokenOptions, serviceAccountTokenLoop } from './service-account-token.ts';
