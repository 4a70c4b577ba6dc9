// FederatedResourceQuota: names, amounts, and static assignments that fit the whole.
import {
  addQuantities,
  at,
  compareQuantities,
  type FieldError,
  faultsAt,
  field,
  formatQuantity,
  listOf,
  objectOf,
  quantityOfJson,
  stringOf,
  zeroQuantity,
} from '../../kube/index.ts';
import { objectIn, type Validate, verdictOf } from '../admission.ts';
import { clusterName } from '../cluster-name.ts';
import { validateQuotaAmount, validateQuotaResourceName } from './resource-names.ts';

const NAME_MAX = 63;

/** Faults of name, spec and status. */
export const validateFederatedResourceQuota: Validate = request => {
  const object = objectIn(request);
  const { name = '' } = object.metadata;
  const errors: FieldError[] = [];
  if (Buffer.byteLength(name) > NAME_MAX)
    errors.push(field.invalidValue('metadata.name', name, `must be no more than ${NAME_MAX} characters`));
  errors.push(...validateSpec(objectOf(object['spec'])));
  errors.push(...validateStatus(objectOf(object['status'])));
  return verdictOf(errors);
};

function validateSpec(spec: Record<string, unknown>): FieldError[] {
  const assignments = listOf(spec['staticAssignments']);
  return [
    ...validateResources(spec['overall'], 'spec.overall'),
    ...assignments.flatMap((assignment, i) => validateShare(assignment, `spec.staticAssignments[${i}]`, ['hard'])),
    ...validateSums(objectOf(spec['overall']), assignments),
  ];
}

function validateStatus(status: Record<string, unknown>): FieldError[] {
  return [
    ...validateResources(status['overall'], 'status.overall'),
    ...validateResources(status['overallUsed'], 'status.overallUsed'),
    ...listOf(status['aggregatedStatus']).flatMap((item, i) => validateShare(item, `status.aggregatedStatus[${i}]`, ['hard', 'used'])),
  ];
}

/** The part of one cluster. */
function validateShare(share: unknown, path: string, lists: readonly string[]): FieldError[] {
  return [
    ...faultsAt(clusterName, stringOf(at(share, 'clusterName')), field.child(path, 'clusterName')),
    ...lists.flatMap(name => validateResources(at(share, name), field.child(path, name))),
  ];
}

function validateResources(resources: unknown, path: string): FieldError[] {
  return Object.entries(objectOf(resources)).flatMap(([name, amount]) => {
    const here = field.mapKey(path, name);
    return [...validateQuotaResourceName(name, here), ...validateQuotaAmount(name, quantityOfJson(amount), here)];
  });
}

/** A cluster that is listed twice counts twice. */
function validateSums(overall: Record<string, unknown>, assignments: readonly unknown[]): FieldError[] {
  const hards = assignments.map(assignment => objectOf(at(assignment, 'hard')));
  const errors: FieldError[] = [];
  for (const [name, amount] of Object.entries(overall)) {
    const given = hards.filter(hard => Object.hasOwn(hard, name)).map(hard => quantityOfJson(hard[name]));
    const limit = quantityOfJson(amount);
    if (compareQuantities(given.reduce(addQuantities, zeroQuantity), limit) > 0) {
      errors.push(field.invalidValue(field.mapKey('spec.overall', name), formatQuantity(limit), 'overall is less than assignments'));
    }
  }
  for (const [i, hard] of hards.entries()) {
    for (const name of Object.keys(hard).filter(key => !Object.hasOwn(overall, key))) {
      const path = field.mapKey(`spec.staticAssignments[${i}].hard`, name);
      errors.push(field.invalidValue(path, name, 'assignment resourceName is not exist in overall'));
    }
  }
  return errors;
}
