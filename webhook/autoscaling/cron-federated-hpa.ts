// CronFederatedHPA: rules that can be scheduled and fit what they scale.
import { federatedHPAs } from '../../crds/index.ts';
import { apiVersionOf, at, type FieldError, field, listOf, objectOf, stringOf } from '../../kube/index.ts';
import { objectIn, type Validate, verdictOf } from '../admission.ts';
import { validateObjectReference } from '../object-reference.ts';
import { isValidCronSchedule } from './cron-schedule.ts';
import { faultOfTimeZone } from './time-zone.ts';

const OWN_API_VERSION = apiVersionOf(federatedHPAs);

/** A target of our own group must be a FederatedHPA; then every rule is checked. */
export const validateCronFederatedHPA: Validate = request => {
  const object = objectIn(request);
  const errors: FieldError[] = object.metadata.namespace ? [] : [field.required('metadata.namespace')];
  const target = at(object, 'spec', 'scaleTargetRef');
  const kind = stringOf(at(target, 'kind'));
  const scalesHpa = at(target, 'apiVersion') === OWN_API_VERSION;
  if (scalesHpa && kind !== federatedHPAs.kind) {
    const detail = `invalid scaleTargetRef kind: ${kind}, only support FederatedHPA`;
    return verdictOf([...errors, field.invalidValue('spec.scaleTargetRef.kind', kind, detail)]);
  }
  errors.push(...validateObjectReference(target, 'spec.scaleTargetRef'));
  const names = new Set<string>();
  for (const [i, rule] of listOf(at(object, 'spec', 'rules')).entries()) {
    const path = `spec.rules[${i}]`;
    const name = stringOf(at(rule, 'name'));
    if (names.has(name)) errors.push(field.duplicate(field.child(path, 'name'), name));
    names.add(name);
    errors.push(...validateRule(objectOf(rule), path));
    errors.push(...(scalesHpa ? validateBounds(objectOf(rule), path) : validateReplicas(objectOf(rule), path, kind)));
  }
  return verdictOf(errors);
};

function validateRule(rule: Record<string, unknown>, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const schedule = stringOf(rule['schedule']);
  if (!isValidCronSchedule(schedule)) errors.push(field.invalidValue(field.child(path, 'schedule'), schedule, 'invalid cron format'));
  const zone = stringOf(rule['timeZone']);
  const zoneFault = faultOfTimeZone(zone);
  if (zoneFault) errors.push(field.invalidValue(field.child(path, 'timeZone'), zone, zoneFault));
  return errors;
}

function validateBounds({ targetMinReplicas: min, targetMaxReplicas: max }: Record<string, unknown>, path: string): FieldError[] {
  const minPath = field.child(path, 'targetMinReplicas');
  const maxPath = field.child(path, 'targetMaxReplicas');
  if (typeof min !== 'number' && typeof max !== 'number') {
    const detail = 'targetMinReplicas and targetMaxReplicas cannot be nil at the same time if you want to scale FederatedHPA';
    return [field.invalidValue(maxPath, '', detail)];
  }
  const errors: FieldError[] = [];
  if (typeof min === 'number' && min <= 0) errors.push(field.invalidValue(minPath, '', 'targetMinReplicas should be larger than 0'));
  if (typeof max === 'number' && max <= 0) errors.push(field.invalidValue(maxPath, '', 'targetMaxReplicas should be larger than 0'));
  if (typeof max === 'number' && Number(min ?? 1) > max) {
    errors.push(field.invalidValue(minPath, '', 'targetMaxReplicas should be larger than or equal to targetMinReplicas'));
  }
  return errors;
}

function validateReplicas({ targetReplicas }: Record<string, unknown>, path: string, kind: string): FieldError[] {
  const here = field.child(path, 'targetReplicas');
  if (typeof targetReplicas !== 'number')
    return [field.invalidValue(here, '', `targetReplicas cannot be nil if you want to scale ${kind}`)];
  return targetReplicas < 0 ? [field.invalidValue(here, '', 'targetReplicas should be larger than or equal to 0')] : [];
}
