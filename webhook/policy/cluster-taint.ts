// ClusterTaintPolicy: NoExecute only where the administrator allows it, and no taint twice.
import { at, type FieldError, field, listOf, stringOf } from '../../kube/index.ts';
import { objectIn, type Validate, verdictOf } from '../admission.ts';

const NO_EXECUTE =
  'Configuring taint with NoExecute effect is not allowed, this capability must be explicitly enabled by administrators through command-line flags';

export const validateClusterTaintPolicy: Validate = request => {
  const taints = listOf(at(objectIn(request), 'spec', 'taints'));
  const errors: FieldError[] = [];
  for (const [i, taint] of taints.entries()) {
    const key = stringOf(at(taint, 'key'));
    const effect = stringOf(at(taint, 'effect'));
    const path = `spec.taints[${i}]`;
    if (effect === 'NoExecute' && !request.options?.allowNoExecuteTaintPolicy) errors.push(field.forbiddenField(path, NO_EXECUTE));
    const repeated = taints.slice(i + 1).some(other => stringOf(at(other, 'key')) === key && stringOf(at(other, 'effect')) === effect);
    if (repeated) {
      errors.push(field.duplicate(path, `Duplicate taint with the same key(${key}) and effect(${effect}) is not allowed`));
    }
  }
  return verdictOf(errors);
};
