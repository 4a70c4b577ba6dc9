// How much is logged, from --log-level and the reference's --v.
import { LOG_LEVELS } from '../log.ts';
import type { LogFlags } from './standing-alone.ts';

const DEBUG_FROM = 4;

/** Throws an Error of one line where there is no such level. */
export function logLevel(o: LogFlags): string {
  if (!(LOG_LEVELS as readonly string[]).includes(o.logLevel))
    throw new Error(`--log-level: there is no level ${o.logLevel}: choose from ${LOG_LEVELS.join(', ')}`);
  return o.v >= DEBUG_FROM ? 'debug' : o.logLevel;
}
