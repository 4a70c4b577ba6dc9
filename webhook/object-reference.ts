// A reference to a workload by kind and name, as autoscalers hold it.
import { at, type FieldError, faultsAt, field, pathSegmentName, stringOf } from '../kube/index.ts';

/** Kind and name are needed and travel as segments of a URL. */
export function validateObjectReference(reference: unknown, path: string): FieldError[] {
  return ['kind', 'name'].flatMap(name => {
    const value = stringOf(at(reference, name));
    const here = field.child(path, name);
    return value ? faultsAt(pathSegmentName, value, here) : [field.required(here)];
  });
}
