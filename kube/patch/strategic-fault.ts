// Faults of strategic merge patches. Which code each one answers is the server's habit, not a system (specification §3.3).
import { goText, goType } from './go-text.ts';

/** A patch that cannot be merged; 500 has no reason, 422 is an Invalid without subject. */
export class StrategicFault extends Error {
  readonly code: 400 | 422 | 500;

  constructor(code: 400 | 422 | 500, message: string) {
    super(message);
    this.code = code;
  }
}

/** `$retainKeys` and its like with a value that is no list, or without a field name. */
export const badDirective = (directive: string): StrategicFault => new StrategicFault(400, `invalid patch format of ${directive}`);

export const badPatchType = (patchType: unknown, map: unknown): StrategicFault =>
  new StrategicFault(500, `unknown patch type: ${goText(patchType, 'annotated')} in map: ${goText(map)}`);

export const noMergeKey = (map: unknown, mergeKey: string): StrategicFault =>
  new StrategicFault(500, `map: ${goText(map)} does not contain declared merge key: ${mergeKey}`);

export function listIn(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw badArgument('[]interface {}', value);
  return value as unknown[];
}

export function badArgument(expected: string, value: unknown): StrategicFault {
  const type = value === null || value === undefined ? '%!s(<nil>)' : goType(value);
  return new StrategicFault(500, `expected a ${expected}, but received a ${type}`);
}
