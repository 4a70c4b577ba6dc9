// Deployment, ReplicaSet and ReplicationController.
import { equal } from '../../kube/index.ts';
import {
  amountOf,
  child,
  forbiddenField,
  invalidValue,
  notNegative,
  notNegativeIntOrPercent,
  notOver100Percent,
  notSupported,
  optionalNotNegative,
  required,
} from './checks.ts';
import type { KindDefinition } from './define.ts';
import { printGo } from './go-print.ts';
import { templateDefaults } from './pod/defaults.ts';
import { selectorFitsTemplate, workloadSelector } from './pod/template.ts';
import { ensure, type Faults, has, inside, number, type Obj, optional, preset, presetText, sub, text } from './read.ts';
import { statusCounts } from './status-counts.ts';
import { immutableSelector, namedTemplateWarnings, SCALE, templateRules, templateWarnings, workloadBody } from './workload-template.ts';

export const deployment: KindDefinition = {
  scope: 'Namespaced',
  status: true,
  statusFaults: statusCounts('Deployment'),
  tracksGeneration: true,
  subresources: ['status', 'scale'],
  scale: SCALE,
  update: ['meta', 'spec', 'changes'],
  defaults(o) {
    const spec = ensure(o, 'spec');
    templateDefaults(inside(spec, 'template'));
    preset(spec, 'replicas', 1);
    const strategy = ensure(spec, 'strategy');
    presetText(strategy, 'type', 'RollingUpdate');
    if (strategy['type'] === 'RollingUpdate') {
      const rolling = ensure(strategy, 'rollingUpdate');
      preset(rolling, 'maxUnavailable', '25%');
      preset(rolling, 'maxSurge', '25%');
    }
    preset(spec, 'revisionHistoryLimit', 10);
    preset(spec, 'progressDeadlineSeconds', 600);
  },
  spec(faults, o) {
    const spec = sub(o, 'spec');
    notNegative(faults, 'spec.replicas', number(spec, 'replicas'));
    workloadSelector(faults, spec, 'empty selector is invalid for deployment');
    workloadBody(faults, spec, { kind: 'ReplicaSet', selector: optional(spec, 'selector') });
    deploymentStrategy(faults, sub(spec, 'strategy'));
    notNegative(faults, 'spec.minReadySeconds', number(spec, 'minReadySeconds'));
    optionalNotNegative(faults, 'spec', spec, 'revisionHistoryLimit', 'progressDeadlineSeconds');
    if (has(spec, 'progressDeadlineSeconds') && number(spec, 'progressDeadlineSeconds') <= number(spec, 'minReadySeconds'))
      faults.push(
        invalidValue('spec.progressDeadlineSeconds', number(spec, 'progressDeadlineSeconds'), 'must be greater than minReadySeconds'),
      );
  },
  changes: immutableSelector,
  warnings: namedTemplateWarnings,
};

function deploymentStrategy(faults: Faults, strategy: Obj): void {
  const path = 'spec.strategy';
  const type = text(strategy, 'type');
  if (type === 'Recreate') {
    if (has(strategy, 'rollingUpdate'))
      faults.push(forbiddenField(child(path, 'rollingUpdate'), "may not be specified when strategy `type` is 'Recreate'"));
  } else if (type === 'RollingUpdate') {
    const rolling = optional(strategy, 'rollingUpdate');
    if (!rolling) faults.push(required(child(path, 'rollingUpdate'), 'this should be defaulted and never be nil'));
    else rollingUpdate(faults, child(path, 'rollingUpdate'), rolling);
  } else faults.push(notSupported(path, printGo('DaemonSetUpdateStrategy', strategy), ['Recreate', 'RollingUpdate']));
}

export const replicaSet: KindDefinition = {
  scope: 'Namespaced',
  status: true,
  statusFaults: statusCounts('ReplicaSet'),
  tracksGeneration: true,
  subresources: ['status', 'scale'],
  scale: SCALE,
  update: ['meta', 'spec', 'changes'],
  defaults(o) {
    const spec = ensure(o, 'spec');
    templateDefaults(inside(spec, 'template'));
    preset(spec, 'replicas', 1);
  },
  spec(faults, o) {
    const spec = sub(o, 'spec');
    notNegative(faults, 'spec.replicas', number(spec, 'replicas'));
    notNegative(faults, 'spec.minReadySeconds', number(spec, 'minReadySeconds'));
    workloadSelector(faults, spec, 'empty selector is invalid for deployment');
    workloadBody(faults, spec, { kind: 'ReplicaSet', selector: optional(spec, 'selector') });
  },
  changes: immutableSelector,
  warnings: namedTemplateWarnings,
};

export const replicationController: KindDefinition = {
  scope: 'Namespaced',
  status: true,
  statusFaults: statusCounts('ReplicationController'),
  tracksGeneration: true,
  propagation: 'Orphan',
  subresources: ['status', 'scale'],
  scale: SCALE,
  update: ['meta', 'spec'],
  defaults(o) {
    const spec = ensure(o, 'spec');
    const template = inside(spec, 'template');
    templateDefaults(template);
    const labels = inside(inside(template, 'metadata'), 'labels');
    if (labels) {
      if (!has(spec, 'selector')) spec['selector'] = { ...labels };
      const meta = ensure(o, 'metadata');
      if (!has(meta, 'labels')) meta['labels'] = { ...labels };
    }
    preset(spec, 'replicas', 1);
  },
  spec(faults, o) {
    const spec = sub(o, 'spec');
    notNegative(faults, 'spec.minReadySeconds', number(spec, 'minReadySeconds'));
    if (Object.keys(sub(spec, 'selector')).length === 0) faults.push(required('spec.selector'));
    notNegative(faults, 'spec.replicas', number(spec, 'replicas'));
    if (!has(spec, 'template')) {
      faults.push(required('spec.template'));
      return;
    }
    selectorFitsTemplate(faults, { matchLabels: sub(spec, 'selector') }, sub(spec, 'template'));
    templateRules(faults, spec, 'ReplicationController');
  },
  // A change is warned of for the template it replaces: so the reference does it.
  warnings: (object, old) => (old && equal(object['spec'], old['spec']) ? [] : old ? templateWarnings(old) : namedTemplateWarnings(object)),
};

/** Amounts of a rolling update: not negative, percents up to 100 %, not both zero. */
function rollingUpdate(faults: Faults, path: string, rolling: Obj): void {
  notNegativeIntOrPercent(faults, child(path, 'maxUnavailable'), rolling['maxUnavailable']);
  notNegativeIntOrPercent(faults, child(path, 'maxSurge'), rolling['maxSurge']);
  if (amountOf(rolling['maxUnavailable']) === 0 && amountOf(rolling['maxSurge']) === 0)
    faults.push(invalidValue(child(path, 'maxUnavailable'), rolling['maxUnavailable'], 'may not be 0 when `maxSurge` is 0'));
  notOver100Percent(faults, child(path, 'maxUnavailable'), rolling['maxUnavailable']);
}
