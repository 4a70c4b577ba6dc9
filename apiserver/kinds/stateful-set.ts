// StatefulSet: pods with names and claims of their own.
import { equal } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import {
  amountOf,
  child,
  forbiddenField,
  index,
  invalidValue,
  labels,
  notNegative,
  notNegativeIntOrPercent,
  notOver100Percent,
  oneOf,
  printableSelector,
  required,
  texts,
} from './checks.ts';
import type { KindDefinition } from './define.ts';
import { annotations } from './metadata.ts';
import { dnsLabel } from './names.ts';
import { claimSpec } from './pod/claim-spec.ts';
import { claimDefaults, templateDefaults } from './pod/defaults.ts';
import { podTemplate, selectorFitsTemplate, workloadSelector, workloadTemplate } from './pod/template.ts';
import { ensure, type Faults, has, inside, items, mutable, number, type Obj, optional, preset, presetText, sub, text } from './read.ts';
import { statusCounts } from './status-counts.ts';
import { SCALE, selectorFaults, templateWarnings } from './workload-template.ts';

export const statefulSet: KindDefinition = {
  scope: 'Namespaced',
  name: 'label',
  status: true,
  statusFaults: statusCounts('StatefulSet'),
  tracksGeneration: true,
  subresources: ['status', 'scale'],
  scale: SCALE,
  update: ['meta', 'spec', 'changes'],
  defaults(o) {
    const spec = ensure(o, 'spec');
    templateDefaults(inside(spec, 'template'));
    presetText(spec, 'podManagementPolicy', 'OrderedReady');
    const strategy = ensure(spec, 'updateStrategy');
    presetText(strategy, 'type', 'RollingUpdate');
    if (strategy['type'] === 'RollingUpdate') preset(ensure(strategy, 'rollingUpdate'), 'partition', 0);
    const retention = ensure(spec, 'persistentVolumeClaimRetentionPolicy');
    presetText(retention, 'whenDeleted', 'Retain');
    presetText(retention, 'whenScaled', 'Retain');
    preset(spec, 'replicas', 1);
    preset(spec, 'revisionHistoryLimit', 10);
    for (const claim of mutable(spec, 'volumeClaimTemplates')) claimTemplateDefaults(claim);
  },
  spec: statefulSetSpec,
  changes: statefulSetChanges,
  warnings: templateWarnings,
};

/** A claim inside a StatefulSet carries its own type and a pending status. */
function claimTemplateDefaults(claim: MutableObject): void {
  claim['apiVersion'] = claim['apiVersion'] || 'v1';
  claim['kind'] = claim['kind'] || 'PersistentVolumeClaim';
  presetText(ensure(claim, 'status'), 'phase', 'Pending');
  claimDefaults(ensure(claim, 'spec'));
}

const RETENTION = ['Retain', 'Delete'];

function statefulSetSpec(faults: Faults, o: Obj): void {
  const spec = sub(o, 'spec');
  const policy = text(spec, 'podManagementPolicy');
  if (policy === '') faults.push(required('spec.podManagementPolicy'));
  else if (policy !== 'OrderedReady' && policy !== 'Parallel')
    faults.push(invalidValue('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'"));
  statefulSetStrategy(faults, sub(spec, 'updateStrategy'));
  const retention = sub(spec, 'persistentVolumeClaimRetentionPolicy');
  for (const key of ['whenDeleted', 'whenScaled'])
    oneOf(faults, `spec.persistentVolumeClaimRetentionPolicy.${key}`, text(retention, key), RETENTION);
  notNegative(faults, 'spec.replicas', number(spec, 'replicas'));
  notNegative(faults, 'spec.minReadySeconds', number(spec, 'minReadySeconds'));
  if (has(sub(spec, 'ordinals'), 'start')) notNegative(faults, 'spec.ordinals.start', number(sub(spec, 'ordinals'), 'start'));
  const service = text(spec, 'serviceName');
  if (service !== '') texts(faults, 'spec.serviceName', service, dnsLabel(service));
  items(spec, 'volumeClaimTemplates').forEach((c, i) => {
    claimSpec(faults, child(index('spec.volumeClaimTemplates', i), 'spec'), sub(c, 'spec'));
  });
  const selector = optional(spec, 'selector');
  workloadSelector(faults, spec, 'empty selector is invalid for statefulset');
  statefulSetTemplate(faults, spec, selector);
}

function statefulSetTemplate(faults: Faults, spec: Obj, selector: Obj | undefined): void {
  const broken: Faults = [];
  if (selector) selectorFaults(broken, selector);
  if (selector && broken.length > 0) faults.push(invalidValue('spec.selector', printableSelector(selector), ''));
  else {
    selectorFitsTemplate(faults, selector, sub(spec, 'template'));
    podTemplate(faults, 'spec.template', ownTemplate(spec));
    // The reference looks at these twice.
    const meta = sub(sub(spec, 'template'), 'metadata');
    labels(faults, 'spec.template.labels', meta, 'labels');
    annotations(faults, 'spec.template.annotations', meta);
  }
  workloadTemplate(faults, spec, 'StatefulSet');
}

/**
 * The template with the volumes that its claims become: they come first, and take the place of volumes of the same name.
 * Names of hosts are given to each pod by the controller, and not looked at here.
 */
function ownTemplate(spec: Obj): Obj {
  const given = sub(spec, 'template');
  const { hostname: _hostname, subdomain: _subdomain, ...rest } = sub(given, 'spec');
  const template = { ...given, spec: rest };
  const claims = [...new Set(items(spec, 'volumeClaimTemplates').map(c => text(sub(c, 'metadata'), 'name')))];
  if (claims.length === 0) return template;
  const own = items(sub(template, 'spec'), 'volumes').filter(v => !claims.includes(text(v, 'name')));
  const volumes = [...claims.map(name => ({ name, persistentVolumeClaim: { claimName: name } })), ...own];
  return { ...template, spec: { ...sub(template, 'spec'), volumes } };
}

function statefulSetStrategy(faults: Faults, strategy: Obj): void {
  const path = 'spec.updateStrategy';
  const type = text(strategy, 'type');
  const rolling = optional(strategy, 'rollingUpdate');
  if (type === '') faults.push(required(path));
  else if (type === 'OnDelete') {
    if (rolling)
      faults.push(invalidValue(child(path, 'rollingUpdate'), printGoRolling(rolling), "only allowed for updateStrategy 'RollingUpdate'"));
  } else if (type === 'RollingUpdate') {
    if (!rolling) return;
    notNegative(faults, child(path, 'rollingUpdate.partition'), number(rolling, 'partition'));
    if (has(rolling, 'maxUnavailable')) {
      notNegativeIntOrPercent(faults, child(path, 'rollingUpdate.maxUnavailable'), rolling['maxUnavailable']);
      if (amountOf(rolling['maxUnavailable']) === 0)
        faults.push(invalidValue(child(path, 'rollingUpdate.maxUnavailable'), rolling['maxUnavailable'], 'cannot be 0'));
      notOver100Percent(faults, child(path, 'rollingUpdate.maxUnavailable'), rolling['maxUnavailable']);
    }
  } else faults.push(invalidValue(path, printGoStrategy(strategy), "must be 'RollingUpdate' or 'OnDelete'"));
}

const printGoStrategy = (strategy: Obj): unknown => ({
  Type: text(strategy, 'type'),
  RollingUpdate: has(strategy, 'rollingUpdate') ? printGoRolling(sub(strategy, 'rollingUpdate')) : null,
});

const printGoRolling = (rolling: Obj): unknown => ({
  Partition: number(rolling, 'partition'),
  MaxUnavailable: rolling['maxUnavailable'] ?? null,
});

const STATEFUL_MUTABLE = [
  'replicas',
  'template',
  'updateStrategy',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
  'ordinals',
  'revisionHistoryLimit',
];

function statefulSetChanges(faults: Faults, o: Obj, old: Obj): void {
  const strip = (spec: Obj): Obj => Object.fromEntries(Object.entries(spec).filter(([key]) => !STATEFUL_MUTABLE.includes(key)));
  if (!equal(strip(sub(o, 'spec')), strip(sub(old, 'spec'))))
    faults.push(
      forbiddenField(
        'spec',
        "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
      ),
    );
}
