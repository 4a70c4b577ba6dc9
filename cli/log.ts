// Logging of a process: pino, one JSON line a happening, to standard error or a file.
import { type Level, pino } from 'pino';
import type { Logger } from '../kube/index.ts';

/** Names of fields whose values must never be written. */
const REDACTED = ['token', 'authorization', 'password', 'data', 'stringData', 'key'];

export function processLogger(level: string, name: string): Logger {
  return pino({ name, level: level as Level, redact: { paths: REDACTED, censor: '[redacted]' } }, pino.destination({ fd: 2, sync: false }));
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
