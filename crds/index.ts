// The door of the API kinds of our own: types and constants only; schemas are loaded by generateCrdFiles alone.

export type * from './cluster.ts';
export type * from './cluster-taint-policy.ts';
export type { Condition } from './condition.ts';
export * from './constants.ts';
export * from './conversion.ts';
export type * from './cron-federated-hpa.ts';
export * from './documents.ts';
export * from './event-reasons.ts';
export type * from './failover.ts';
export type * from './federated-hpa.ts';
export type * from './federated-resource-quota.ts';
export { generateCrdFiles } from './lazy-generator.ts';
export type * from './multi-cluster-ingress.ts';
export type * from './multi-cluster-service.ts';
export * from './naming.ts';

export type * from './override-policy.ts';
export type * from './placement.ts';
export type * from './propagation-policy.ts';
export type * from './remedy.ts';
export type * from './resource-binding.ts';
export type * from './resource-interpreter-customization.ts';
export type * from './resource-interpreter-webhook-configuration.ts';
export type * from './resource-registry.ts';
export * from './resources.ts';
export type * from './selectors.ts';
export type * from './service-export.ts';
export type * from './service-import.ts';
export type * from './suspension.ts';
export type * from './work.ts';
export type * from './workload-rebalancer.ts';
