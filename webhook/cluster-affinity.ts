// Rules about selecting clusters, shared by policies.
import { at, type FieldError, field, listOf, objectOf, stringOf } from '../kube/index.ts';
import { invalidAs } from './print/invalid.ts';
import * as shapes from './print/shapes.ts';

const KEYS = new Set(['provider', 'region', 'zone']);
const OPERATORS = new Set(['In', 'NotIn']);

/** Field selectors know three keys and two operators; the first fault is told. */
export function validateClusterAffinity(affinity: unknown, path: string): FieldError[] {
  const selector = at(affinity, 'fieldSelector');
  const selectorPath = field.child(path, 'fieldSelector');
  for (const requirement of listOf(at(selector, 'matchExpressions'))) {
    const { key, operator } = objectOf(requirement);
    const fault = (detail: string): FieldError => invalidAs(selectorPath, selector, shapes.fieldSelector, detail);
    if (!KEYS.has(stringOf(key))) return [fault(`unsupported key ${JSON.stringify(stringOf(key))}, must be provider, region, or zone`)];
    if (!OPERATORS.has(stringOf(operator)))
      return [fault(`unsupported operator ${JSON.stringify(stringOf(operator))}, must be In or NotIn`)];
  }
  return [];
}
