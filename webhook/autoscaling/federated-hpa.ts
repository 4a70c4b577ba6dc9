// FederatedHPA: the defaults and rules of autoscaling/v2.
import { at, dns1123Subdomain, type FieldError, field, isObject, listOf, objectOf, stringOf } from '../../kube/index.ts';
import { type Mutate, objectIn, type Validate, verdictOf } from '../admission.ts';
import { validateMetadata } from '../metadata.ts';
import { validateObjectReference } from '../object-reference.ts';
import { validateMetric } from './metrics.ts';

const CPU_AT_80_PERCENT = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } };
const WINDOW_MAX = 3600;
const PERIOD_MAX = 1800;

const SCALE_UP = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};
const SCALE_DOWN = { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] };

/** One replica at least, cpu as the metric, and full scaling rules where there are any. */
export const mutateFederatedHPA: Mutate = request => {
  const object = objectIn(request);
  const spec = objectOf(object['spec']);
  const { behavior } = spec;
  const { currentReplicas, ...status } = objectOf(object['status']);
  return {
    ...object,
    spec: {
      ...spec,
      minReplicas: spec['minReplicas'] ?? 1,
      metrics: listOf(spec['metrics']).length ? listOf(spec['metrics']).map(withTargetType) : [CPU_AT_80_PERCENT],
      ...(isObject(behavior) ? { behavior: withRules(behavior) } : {}),
    },
    status: { ...status, desiredReplicas: status['desiredReplicas'] ?? 0, ...(currentReplicas ? { currentReplicas } : {}) },
  };
};

/** The type of a target is always written, an empty one too. */
function withTargetType(metric: unknown): unknown {
  if (!isObject(metric)) return metric;
  const typed = Object.entries(metric).map(([name, source]) =>
    isObject(source) && isObject(source['target']) ? [name, { ...source, target: { type: '', ...source['target'] } }] : [name, source],
  );
  return Object.fromEntries(typed);
}

function withRules(behavior: Record<string, unknown>): Record<string, unknown> {
  const given = (rules: unknown): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(objectOf(rules)).filter(([name, value]) => name !== 'tolerance' && value !== null && value !== undefined),
    );
  return {
    ...behavior,
    scaleUp: { ...SCALE_UP, ...given(behavior['scaleUp']) },
    scaleDown: { ...SCALE_DOWN, ...given(behavior['scaleDown']) },
  };
}

/** Faults of metadata and spec, on update also of the counts in status. */
export const validateFederatedHPA: Validate = request => {
  const object = objectIn(request);
  const rules = { namespaced: true, name: dns1123Subdomain };
  const errors = validateMetadata(object, rules);
  errors.push(...validateSpec(objectOf(object['spec'])));
  errors.push(...validateCounts(objectOf(object['status'])));
  return verdictOf(errors);
};

function validateSpec(spec: Record<string, unknown>): FieldError[] {
  const { minReplicas, maxReplicas } = spec;
  const max = typeof maxReplicas === 'number' ? maxReplicas : 0;
  const errors: FieldError[] = [];
  if (typeof minReplicas === 'number' && minReplicas < 1) {
    errors.push(field.invalidValue('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'));
  }
  if (max < 1) errors.push(field.invalidValue('spec.maxReplicas', max, 'must be greater than 0'));
  if (typeof minReplicas === 'number' && max < minReplicas) {
    errors.push(field.invalidValue('spec.maxReplicas', max, 'must be greater than or equal to `minReplicas`'));
  }
  errors.push(...validateObjectReference(spec['scaleTargetRef'], 'spec.scaleTargetRef'));
  errors.push(...listOf(spec['metrics']).flatMap((metric, i) => validateMetric(metric, `spec.metrics[${i}]`)));
  const behavior = spec['behavior'];
  for (const name of ['scaleUp', 'scaleDown']) errors.push(...validateRules(at(behavior, name), `spec.behavior.${name}`));
  return errors;
}

function validateCounts(status: Record<string, unknown>): FieldError[] {
  return ['currentReplicas', 'desiredReplicas'].flatMap(name => {
    const count = status[name];
    return typeof count === 'number' && count < 0
      ? [field.invalidValue(`status.${name}`, count, 'must be greater than or equal to 0')]
      : [];
  });
}

function validateRules(rules: unknown, path: string): FieldError[] {
  if (!isObject(rules)) return [];
  const { stabilizationWindowSeconds: window, selectPolicy, policies } = rules;
  const errors: FieldError[] = [];
  const windowPath = field.child(path, 'stabilizationWindowSeconds');
  if (typeof window === 'number' && window < 0)
    errors.push(field.invalidValue(windowPath, window, 'must be greater than or equal to zero'));
  if (typeof window === 'number' && window > WINDOW_MAX) {
    errors.push(field.invalidValue(windowPath, window, `must be less than or equal to ${WINDOW_MAX}`));
  }
  const selections = ['Disabled', 'Max', 'Min'];
  if (typeof selectPolicy === 'string' && !selections.includes(selectPolicy)) {
    errors.push(field.notSupported(field.child(path, 'selectPolicy'), selectPolicy, selections));
  }
  const policiesPath = field.child(path, 'policies');
  if (listOf(policies).length === 0) errors.push(field.required(policiesPath, 'must specify at least one Policy'));
  errors.push(...listOf(policies).flatMap((policy, i) => validatePolicy(policy, field.index(policiesPath, i))));
  return errors;
}

function validatePolicy(policy: unknown, path: string): FieldError[] {
  const { value = 0, periodSeconds = 0 } = objectOf(policy);
  const type = stringOf(at(policy, 'type'));
  const errors: FieldError[] = [];
  if (type !== 'Pods' && type !== 'Percent') errors.push(field.notSupported(field.child(path, 'type'), type, ['Percent', 'Pods']));
  if (Number(value) <= 0) errors.push(field.invalidValue(field.child(path, 'value'), value, 'must be greater than zero'));
  const periodPath = field.child(path, 'periodSeconds');
  if (Number(periodSeconds) <= 0) errors.push(field.invalidValue(periodPath, periodSeconds, 'must be greater than zero'));
  if (Number(periodSeconds) > PERIOD_MAX) {
    errors.push(field.invalidValue(periodPath, periodSeconds, `must be less than or equal to ${PERIOD_MAX}`));
  }
  return errors;
}
