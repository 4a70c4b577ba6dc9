import type { Schema } from '../crd/schema.ts';
import type { RunRules } from '../crd/validate-object.ts';

export function ruleRunner(_schema: Schema): RunRules | undefined {
  return undefined;
}
