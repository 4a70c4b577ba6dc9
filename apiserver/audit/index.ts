export { Audit, type Trail } from './audit.ts';
export { auditedClient, traced } from './audited-client.ts';
export { type LineSink, LogFile, standardOutput } from './log-file.ts';
export { type AuditPolicy, auditPolicy, DEFAULT_POLICY } from './policy.ts';
