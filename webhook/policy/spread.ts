// Rules about spread constraints.
import { at, type FieldError, field, listOf, objectOf, stringOf } from '../../kube/index.ts';
import { invalidAs } from '../print/invalid.ts';
import * as shapes from '../print/shapes.ts';

/** Faults of each constraint, then those of all together. */
export function validateSpreadConstraints(constraints: unknown, path: string): FieldError[] {
  const items = listOf(constraints);
  const errors = items.flatMap((item, i) => validateConstraint(item, field.index(path, i)));
  const fault = (detail: string): FieldError => invalidAs(path, constraints, shapes.spreadConstraints, detail);
  const counts = new Map<string, number>();
  for (const item of items) {
    const name = stringOf(at(item, 'spreadByField'));
    if (name) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  for (const [name, count] of counts) {
    if (count > 1) errors.push(fault(`multiple ${name} spread constraints are not allowed`));
  }
  if (counts.size > 0 && !counts.has('cluster')) {
    errors.push(fault('the cluster spread constraint must be enabled in one of the constraints in case of SpreadByField is enabled'));
  }
  return errors;
}

function validateConstraint(constraint: unknown, path: string): FieldError[] {
  const { spreadByField, spreadByLabel, minGroups = 0, maxGroups = 0 } = objectOf(constraint);
  const faults: string[] = [];
  if (spreadByField && spreadByLabel) faults.push('spreadByLabel should not co-exist with spreadByField');
  if (Number(minGroups) < 0) faults.push('minGroups lower than 0 is not allowed');
  if (Number(maxGroups) < 0) faults.push('maxGroups lower than 0 is not allowed');
  if (Number(maxGroups) > 0 && Number(maxGroups) < Number(minGroups)) faults.push('maxGroups lower than minGroups is not allowed');
  return faults.map(detail => invalidAs(path, constraint, shapes.spreadConstraint, detail));
}
