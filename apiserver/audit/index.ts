export { Audit, type AuditSubject, type Trail } from './audit.ts';
export { auditedClient, type Called, traced } from './audited-client.ts';
export { type LineSink, LogFile, type LogFileOptions, standardOutput } from './log-file.ts';
export { type AuditPolicy, auditPolicy, DEFAULT_POLICY } from './policy.ts';
