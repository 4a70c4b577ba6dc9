// HorizontalPodAutoscaler, in both versions.
import { dns1123Label, formatQuantity, signOfQuantity } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import { child, forbiddenField, index, invalidValue, NOT_NEGATIVE, notSupported, oneOf, required, texts } from './checks.ts';
import type { KindDefinition } from './define.ts';
import { given } from './emptied.ts';
import { pathSegment } from './names.ts';
import { containerResourceName, quantity } from './pod/resources.ts';
import { ensure, type Faults, has, inside, items, number, type Obj, optional, preset, sub, text } from './read.ts';
import { statusCounts } from './status-counts.ts';

const SOURCES = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'];

function scalingDefaults(behavior: MutableObject): void {
  const up = ensure(behavior, 'scaleUp');
  preset(up, 'selectPolicy', 'Max');
  preset(up, 'stabilizationWindowSeconds', 0);
  if (given(up, 'policies') === null)
    up['policies'] = [
      { type: 'Pods', value: 4, periodSeconds: 15 },
      { type: 'Percent', value: 100, periodSeconds: 15 },
    ];
  const down = ensure(behavior, 'scaleDown');
  preset(down, 'selectPolicy', 'Max');
  if (given(down, 'policies') === null) down['policies'] = [{ type: 'Percent', value: 100, periodSeconds: 15 }];
}

export const horizontalPodAutoscaler: KindDefinition = {
  scope: 'Namespaced',
  status: true,
  statusFaults: statusCounts('HorizontalPodAutoscaler'),
  update: ['meta', 'spec'],
  defaults(o) {
    const spec = ensure(o, 'spec');
    preset(spec, 'minReplicas', 1);
    if (!has(spec, 'metrics'))
      spec['metrics'] = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }];
    const behavior = inside(spec, 'behavior');
    if (behavior) scalingDefaults(behavior);
  },
  spec: (faults, o) => autoscalerSpec(faults, sub(o, 'spec')),
};

export const horizontalPodAutoscalerV1: KindDefinition = {
  scope: 'Namespaced',
  status: true,
  statusFaults: statusCounts('HorizontalPodAutoscaler'),
  update: ['meta', 'spec'],
  defaults(o) {
    const spec = ensure(o, 'spec');
    preset(spec, 'minReplicas', 1);
    preset(spec, 'targetCPUUtilizationPercentage', 80);
  },
  spec(faults, o) {
    const spec = sub(o, 'spec');
    replicas(faults, spec);
    scaleTarget(faults, 'spec.scaleTargetRef', sub(spec, 'scaleTargetRef'));
    if (has(spec, 'targetCPUUtilizationPercentage') && number(spec, 'targetCPUUtilizationPercentage') < 1)
      faults.push(
        invalidValue(
          'spec.metrics[0].resource.target.averageUtilization',
          number(spec, 'targetCPUUtilizationPercentage'),
          'must be greater than 0',
        ),
      );
  },
};

function replicas(faults: Faults, spec: Obj): void {
  const min = number(spec, 'minReplicas');
  const max = number(spec, 'maxReplicas');
  if (has(spec, 'minReplicas') && min < 1) faults.push(invalidValue('spec.minReplicas', min, 'must be greater than or equal to 1'));
  if (max === 0) faults.push(required('spec.maxReplicas', 'must be set and greater than 0'));
  else if (max < 1) faults.push(invalidValue('spec.maxReplicas', max, 'must be greater than or equal to 1'));
  if (has(spec, 'minReplicas') && max < min)
    faults.push(invalidValue('spec.maxReplicas', max, 'must be greater than or equal to `minReplicas`'));
}

function autoscalerSpec(faults: Faults, spec: Obj): void {
  replicas(faults, spec);
  scaleTarget(faults, 'spec.scaleTargetRef', sub(spec, 'scaleTargetRef'));
  items(spec, 'metrics').forEach((m, i) => {
    metric(faults, index('spec.metrics', i), m);
  });
  const external = items(spec, 'metrics').some(m => ['Object', 'External'].includes(text(m, 'type')));
  if (has(spec, 'minReplicas') && number(spec, 'minReplicas') === 0 && !external)
    faults.push(forbiddenField('spec.metrics', 'must specify at least one Object or External metric to support scaling to zero replicas'));
  const behavior = optional(spec, 'behavior');
  for (const key of ['scaleUp', 'scaleDown']) {
    const rules = behavior && optional(behavior, key);
    if (rules) scalingRules(faults, child('spec.behavior', key), rules);
  }
}

function scaleTarget(faults: Faults, at: string, ref: Obj): void {
  for (const key of ['kind', 'name']) {
    const value = text(ref, key);
    if (value === '') faults.push(required(child(at, key)));
    else texts(faults, child(at, key), value, pathSegment(value));
  }
  const apiVersion = text(ref, 'apiVersion');
  if (at !== 'spec.scaleTargetRef') return;
  if (apiVersion.split('/').length > 2)
    faults.push(invalidValue(child(at, 'apiVersion'), apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  else if (!apiVersion.includes('/') && text(ref, 'kind') !== 'ReplicationController')
    faults.push(invalidValue(child(at, 'apiVersion'), apiVersion, 'apiVersion must specify API group'));
}

function metric(faults: Faults, at: string, m: Obj): void {
  const type = text(m, 'type');
  if (type === '') faults.push(required(child(at, 'type'), 'must specify a metric source type'));
  if (!SOURCES.includes(type)) faults.push(notSupported(child(at, 'type'), type, SOURCES));
  const keys = SOURCES.map(s => s.charAt(0).toLowerCase() + s.slice(1));
  const set = ['object', 'external', 'pods', 'resource', 'containerResource'].filter(key => has(m, key));
  const expected = SOURCES.includes(type) ? type.charAt(0).toLowerCase() + type.slice(1) : '';
  for (const key of set.slice(0, 1)) {
    source(faults, child(at, key), key, sub(m, key));
  }
  if (keys.includes(expected) && !set.includes(expected))
    faults.push(required(child(at, expected), 'must populate information for the given metric source'));
  if (expected === '') faults.push(notSupported(child(at, 'type'), type, SOURCES));
  if (set.length > 1)
    for (const key of set) if (key !== expected) faults.push(forbiddenField(child(at, key), 'must populate the given metric source only'));
}

function source(faults: Faults, at: string, key: string, s: Obj): void {
  if (key === 'object') {
    scaleTarget(faults, child(at, 'describedObject'), sub(s, 'describedObject'));
    identifier(faults, child(at, 'metric'), sub(s, 'metric'));
    target(faults, child(at, 'target'), sub(s, 'target'));
    if (!has(sub(s, 'target'), 'value') && !has(sub(s, 'target'), 'averageValue'))
      faults.push(required(child(at, 'target.averageValue'), 'must set either a target value or averageValue'));
  } else if (key === 'external') {
    identifier(faults, child(at, 'metric'), sub(s, 'metric'));
    target(faults, child(at, 'target'), sub(s, 'target'));
    const t = sub(s, 'target');
    if (!has(t, 'value') && !has(t, 'averageValue'))
      faults.push(required(child(at, 'target.averageValue'), 'must set either a target value for metric or a per-pod target'));
    if (has(t, 'value') && has(t, 'averageValue'))
      faults.push(forbiddenField(child(at, 'target.value'), 'may not set both a target value for metric and a per-pod target'));
  } else if (key === 'pods') {
    identifier(faults, child(at, 'metric'), sub(s, 'metric'));
    target(faults, child(at, 'target'), sub(s, 'target'));
    if (!has(sub(s, 'target'), 'averageValue'))
      faults.push(required(child(at, 'target.averageValue'), 'must specify a positive target averageValue'));
  } else resource(faults, at, key, s);
}

function resource(faults: Faults, at: string, key: string, s: Obj): void {
  if (text(s, 'name') === '') faults.push(required(child(at, 'name'), 'must specify a resource name'));
  if (key === 'containerResource') ofContainer(faults, at, s);
  const t = sub(s, 'target');
  target(faults, child(at, 'target'), t);
  if (!has(t, 'averageUtilization') && !has(t, 'averageValue'))
    faults.push(required(child(at, 'target.averageUtilization'), 'must set either a target raw value or a target utilization'));
  if (has(t, 'averageUtilization') && has(t, 'averageValue'))
    faults.push(forbiddenField(child(at, 'target.averageValue'), 'may not set both a target raw value and a target utilization'));
}

function ofContainer(faults: Faults, at: string, s: Obj): void {
  if (text(s, 'name') !== '') containerResourceName(faults, child(at, 'name'), text(s, 'name'));
  const container = text(s, 'container');
  if (container === '') faults.push(required(child(at, 'container'), 'must specify a container'));
  else texts(faults, child(at, 'container'), container, dns1123Label(container));
}

function identifier(faults: Faults, at: string, m: Obj): void {
  const name = text(m, 'name');
  if (name === '') faults.push(required(child(at, 'name'), 'must specify a metric name'));
  else texts(faults, child(at, 'name'), name, pathSegment(name));
}

const TARGETS = ['Utilization', 'Value', 'AverageValue'];

function target(faults: Faults, at: string, t: Obj): void {
  const type = text(t, 'type');
  if (type === '') faults.push(required(child(at, 'type'), 'must specify a metric target type'));
  if (!TARGETS.includes(type)) faults.push(invalidValue(child(at, 'type'), type, 'must be either Utilization, Value, or AverageValue'));
  for (const key of ['value', 'averageValue'])
    if (has(t, key) && signOfQuantity(quantity(t[key])) <= 0)
      faults.push(invalidValue(child(at, key), formatQuantity(quantity(t[key])), 'must be positive'));
  if (has(t, 'averageUtilization') && number(t, 'averageUtilization') < 1)
    faults.push(invalidValue(child(at, 'averageUtilization'), number(t, 'averageUtilization'), 'must be greater than 0'));
}

function scalingRules(faults: Faults, at: string, rules: Obj): void {
  if (has(rules, 'stabilizationWindowSeconds')) {
    const n = number(rules, 'stabilizationWindowSeconds');
    if (n < 0) faults.push(invalidValue(child(at, 'stabilizationWindowSeconds'), n, 'must be greater than or equal to zero'));
    if (n > 3600) faults.push(invalidValue(child(at, 'stabilizationWindowSeconds'), n, 'must be less than or equal to 3600'));
  }
  if (has(rules, 'selectPolicy')) oneOf(faults, child(at, 'selectPolicy'), text(rules, 'selectPolicy'), ['Disabled', 'Max', 'Min']);
  const policies = items(rules, 'policies');
  if (policies.length === 0) faults.push(required(child(at, 'policies'), 'must specify at least one Policy'));
  policies.forEach((p, i) => {
    const path = index(child(at, 'policies'), i);
    oneOf(faults, child(path, 'type'), text(p, 'type'), ['Percent', 'Pods']);
    for (const key of ['value', 'periodSeconds'])
      if (number(p, key) <= 0) faults.push(invalidValue(child(path, key), number(p, key), 'must be greater than zero'));
    if (number(p, 'periodSeconds') > 1800)
      faults.push(invalidValue(child(path, 'periodSeconds'), number(p, 'periodSeconds'), 'must be less than or equal to 1800'));
  });
  const tolerance = quantity(rules['tolerance']);
  if (signOfQuantity(tolerance) < 0) faults.push(invalidValue(child(at, 'tolerance'), formatQuantity(tolerance), NOT_NEGATIVE));
}
