// Rules about the metrics of an autoscaler: one source each, named, with a positive target.
import {
  at,
  dns1123Label,
  type FieldError,
  faultsAt,
  field,
  formatQuantity,
  isObject,
  objectOf,
  pathSegmentName,
  quantityOfJson,
  signOfQuantity,
  stringOf,
} from '../../kube/index.ts';
import { validateObjectReference } from '../object-reference.ts';
import { validateContainerResourceName } from '../quota/resource-names.ts';

type Check = (source: Record<string, unknown>, path: string) => FieldError[];

const TARGET_TYPES = ['Utilization', 'Value', 'AverageValue'];

/** In the order in which sources are looked at: only the first one present is checked in full. */
const SOURCES: readonly { readonly field: string; readonly type: string; readonly check: Check }[] = [
  { field: 'object', type: 'Object', check: validateObjectSource },
  { field: 'pods', type: 'Pods', check: validatePodsSource },
  { field: 'resource', type: 'Resource', check: validateResourceSource },
  { field: 'containerResource', type: 'ContainerResource', check: validateContainerSource },
];

/** Faults of one metric; External is not among the supported ones. */
export function validateMetric(metric: unknown, path: string): FieldError[] {
  const fields = objectOf(metric);
  const type = stringOf(fields['type']);
  const typePath = field.child(path, 'type');
  const errors: FieldError[] = [];
  if (!type) errors.push(field.required(typePath, 'must specify a metric source type'));
  const expected = SOURCES.find(s => s.type === type);
  if (!expected) errors.push(field.notSupported(typePath, type, SOURCES.map(s => s.type).sort()));
  const present = SOURCES.filter(s => isObject(fields[s.field]));
  const [first] = present;
  if (first) errors.push(...first.check(objectOf(fields[first.field]), field.child(path, first.field)));
  if (expected && !present.includes(expected)) {
    errors.push(field.required(field.child(path, expected.field), 'must populate information for the given metric source'));
  }
  if (present.length !== 1) {
    for (const source of present.filter(s => s !== expected)) {
      errors.push(field.forbiddenField(field.child(path, source.field), 'must populate the given metric source only'));
    }
  }
  return errors;
}

function validateIdentifier(source: Record<string, unknown>, path: string): FieldError[] {
  const name = stringOf(at(source, 'metric', 'name'));
  const here = field.child(path, 'metric.name');
  return name ? faultsAt(pathSegmentName, name, here) : [field.required(here, 'must specify a metric name')];
}

function validateTarget(source: Record<string, unknown>, path: string): FieldError[] {
  const target = objectOf(source['target']);
  const here = field.child(path, 'target');
  const type = stringOf(target['type']);
  const errors: FieldError[] = [];
  if (!type) errors.push(field.required(field.child(here, 'type'), 'must specify a metric target type'));
  if (!TARGET_TYPES.includes(type)) {
    errors.push(field.invalidValue(field.child(here, 'type'), type, 'must be either Utilization, Value, or AverageValue'));
  }
  for (const name of ['value', 'averageValue']) {
    if (!isGiven(target[name])) continue;
    const amount = quantityOfJson(target[name]);
    if (signOfQuantity(amount) <= 0) errors.push(field.invalidValue(field.child(here, name), formatQuantity(amount), 'must be positive'));
  }
  const utilization = target['averageUtilization'];
  if (typeof utilization === 'number' && utilization < 1) {
    errors.push(field.invalidValue(field.child(here, 'averageUtilization'), utilization, 'must be greater than 0'));
  }
  return errors;
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

function validateObjectSource(source: Record<string, unknown>, path: string): FieldError[] {
  const errors = [
    ...validateObjectReference(source['describedObject'], field.child(path, 'describedObject')),
    ...validateIdentifier(source, path),
    ...validateTarget(source, path),
  ];
  if (!isGiven(at(source, 'target', 'value')) && !isGiven(at(source, 'target', 'averageValue'))) {
    errors.push(field.required(field.child(path, 'target.averageValue'), 'must set either a target value or averageValue'));
  }
  return errors;
}

function validatePodsSource(source: Record<string, unknown>, path: string): FieldError[] {
  const errors = [...validateIdentifier(source, path), ...validateTarget(source, path)];
  const average = at(source, 'target', 'averageValue');
  if (!isGiven(average)) {
    errors.push(field.required(field.child(path, 'target.averageValue'), 'must specify a positive target averageValue'));
  }
  return errors;
}

function validateResourceSource(source: Record<string, unknown>, path: string): FieldError[] {
  const errors = source['name'] ? [] : [field.required(field.child(path, 'name'), 'must specify a resource name')];
  return [...errors, ...validateUsageTarget(source, path)];
}

function validateContainerSource(source: Record<string, unknown>, path: string): FieldError[] {
  const [name, container] = [stringOf(source['name']), stringOf(source['container'])];
  const [namePath, containerPath] = [field.child(path, 'name'), field.child(path, 'container')];
  return [
    ...(name ? validateContainerResourceName(name, namePath) : [field.required(namePath, 'must specify a resource name')]),
    ...(container ? faultsAt(dns1123Label, container, containerPath) : [field.required(containerPath, 'must specify a container')]),
    ...validateUsageTarget(source, path),
  ];
}

function validateUsageTarget(source: Record<string, unknown>, path: string): FieldError[] {
  const errors = validateTarget(source, path);
  const { averageUtilization, averageValue } = objectOf(source['target']);
  const here = field.child(path, 'target');
  if (!isGiven(averageUtilization) && !isGiven(averageValue)) {
    errors.push(field.required(field.child(here, 'averageUtilization'), 'must set either a target raw value or a target utilization'));
  }
  if (isGiven(averageUtilization) && isGiven(averageValue)) {
    errors.push(field.forbiddenField(field.child(here, 'averageValue'), 'may not set both a target raw value and a target utilization'));
  }
  return errors;
}
