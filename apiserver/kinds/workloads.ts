// Deployment, ReplicaSet, ReplicationController, StatefulSet, DaemonSet, ControllerRevision, PodTemplate.
import { badRequest, equal } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import {
  amountOf,
  child,
  forbiddenField,
  IMMUTABLE,
  invalidValue,
  notNegative,
  notNegativeIntOrPercent,
  notOver100Percent,
  notSupported,
  oneOf,
  optionalNotNegative,
  printableMap,
  printableSelector,
  required,
  texts,
} from './checks.ts';
import type { KindDefinition } from './define.ts';
import { printGo } from './go-print.ts';
import { dnsLabel } from './names.ts';
import { claimDefaults, templateDefaults } from './pod/defaults.ts';
import { podTemplate, selectorFitsTemplate, workloadSelector, workloadTemplate } from './pod/template.ts';
import { podWarnings } from './pod/warnings.ts';
import { ensure, type Faults, has, inside, items, mutable, number, type Obj, optional, preset, presetText, sub, text } from './read.ts';

const SCALE = { spec: '.spec.replicas', status: '.status.replicas', selector: '.spec.selector' };

/** Warnings of the template, unless an update leaves the template as it was. */
const templateWarnings = (object: Obj, old?: Obj): string[] => {
  const template = sub(sub(object, 'spec'), 'template');
  if (old && equal(object['spec'], old['spec'])) return [];
  return podWarnings('spec.template', template);
};

function immutableSelector(faults: Faults, object: Obj, old: Obj): void {
  const now = optional(sub(object, 'spec'), 'selector');
  if (!equal(now, optional(sub(old, 'spec'), 'selector'))) faults.push(invalidValue('spec.selector', printableSelector(now), IMMUTABLE));
}

function templateRules(faults: Faults, spec: Obj, kind: string): void {
  const template = sub(spec, 'template');
  podTemplate(faults, 'spec.template', template);
  workloadTemplate(faults, spec, kind);
}

/** Amounts of a rolling update: not negative, percents up to 100 %, not both zero. */
function rollingUpdate(faults: Faults, path: string, rolling: Obj): void {
  notNegativeIntOrPercent(faults, child(path, 'maxUnavailable'), rolling['maxUnavailable']);
  notNegativeIntOrPercent(faults, child(path, 'maxSurge'), rolling['maxSurge']);
  if (amountOf(rolling['maxUnavailable']) === 0 && amountOf(rolling['maxSurge']) === 0)
    faults.push(invalidValue(child(path, 'maxUnavailable'), rolling['maxUnavailable'], 'may not be 0 when `maxSurge` is 0'));
  notOver100Percent(faults, child(path, 'maxUnavailable'), rolling['maxUnavailable']);
}

export const deployment: KindDefinition = {
  scope: 'Namespaced',
  status: true,
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
  warnings: templateWarnings,
};

interface Workload {
  readonly kind: string;
  readonly selector: Obj | undefined;
}

/** Template of a workload: its fit to the selector first, then the pod's own rules. */
function workloadBody(faults: Faults, spec: Obj, w: Workload): void {
  const broken: Faults = [];
  if (w.selector) selectorFaults(broken, w.selector);
  if (w.selector && broken.length > 0) {
    faults.push(invalidValue('spec.selector', printableSelector(w.selector), 'invalid label selector'));
    return;
  }
  selectorFitsTemplate(faults, w.selector, sub(spec, 'template'));
  templateRules(faults, spec, w.kind);
}

function selectorFaults(faults: Faults, selector: Obj): void {
  const spec = { selector };
  const own: Faults = [];
  workloadSelector(own, spec, '');
  for (const fault of own) if (fault.field !== 'spec.selector') faults.push(fault);
}

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
  } else faults.push(notSupported(child(path, 'type'), type, ['Recreate', 'RollingUpdate']));
}

export const replicaSet: KindDefinition = {
  scope: 'Namespaced',
  status: true,
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
  warnings: templateWarnings,
};

export const replicationController: KindDefinition = {
  scope: 'Namespaced',
  status: true,
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
  warnings: (object, old) => (old && equal(object['spec'], old['spec']) ? [] : templateWarnings(old ?? object)),
};

export const statefulSet: KindDefinition = {
  scope: 'Namespaced',
  status: true,
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
  optionalNotNegative(faults, 'spec', spec, 'revisionHistoryLimit');
  if (has(sub(spec, 'ordinals'), 'start')) notNegative(faults, 'spec.ordinals.start', number(sub(spec, 'ordinals'), 'start'));
  const service = text(spec, 'serviceName');
  if (service !== '') texts(faults, 'spec.serviceName', service, dnsLabel(service));
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
    podTemplate(faults, 'spec.template', withClaimVolumes(spec));
  }
  workloadTemplate(faults, spec, 'StatefulSet');
}

/** The template with the volumes that its claims become: they come first, and take the place of volumes of the same name. */
function withClaimVolumes(spec: Obj): Obj {
  const template = sub(spec, 'template');
  const claims = items(spec, 'volumeClaimTemplates').map(c => text(sub(c, 'metadata'), 'name'));
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
      faults.push(invalidValue(child(path, 'rollingUpdate'), printableMap(rolling), "only allowed for updateStrategy 'RollingUpdate'"));
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
  RollingUpdate: optional(strategy, 'rollingUpdate')
    ? {
        Partition: number(sub(strategy, 'rollingUpdate'), 'partition'),
        MaxUnavailable: sub(strategy, 'rollingUpdate')['maxUnavailable'] ?? null,
      }
    : null,
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

export const daemonSet: KindDefinition = {
  scope: 'Namespaced',
  status: true,
  tracksGeneration: true,
  update: ['meta', 'changes', 'spec'],
  defaults(o) {
    const spec = ensure(o, 'spec');
    templateDefaults(inside(spec, 'template'));
    const strategy = ensure(spec, 'updateStrategy');
    presetText(strategy, 'type', 'RollingUpdate');
    if (strategy['type'] === 'RollingUpdate') {
      const rolling = ensure(strategy, 'rollingUpdate');
      preset(rolling, 'maxUnavailable', 1);
      preset(rolling, 'maxSurge', 0);
    }
    preset(spec, 'revisionHistoryLimit', 10);
    readTemplateGeneration(o);
  },
  prepareCreate: o => templateGeneration(o, 1),
  prepareUpdate(o, old) {
    const before = Number(sub(sub(old, 'metadata'), 'annotations')[TEMPLATE_GENERATION] ?? 0);
    const changed = !equal(sub(o, 'spec')['template'], sub(old, 'spec')['template']);
    templateGeneration(o, changed ? before + 1 : before);
  },
  spec(faults, o) {
    const spec = sub(o, 'spec');
    const template = sub(spec, 'template');
    const selector = optional(spec, 'selector');
    if (selector) {
      const own: Faults = [];
      workloadSelector(own, spec, 'empty selector is invalid for daemonset');
      faults.push(...own.filter(f => !f.body.includes('empty selector')));
      if (own.every(f => f.field === 'spec.selector')) selectorFitsTemplate(faults, selector, template);
      faults.push(...own.filter(f => f.body.includes('empty selector')));
    } else {
      faults.push(required('spec.selector'));
      selectorFitsTemplate(faults, undefined, template);
    }
    podTemplate(faults, 'spec.template', template);
    workloadTemplate(faults, spec, 'DaemonSet');
    notNegative(faults, 'spec.minReadySeconds', number(spec, 'minReadySeconds'));
    daemonSetStrategy(faults, sub(spec, 'updateStrategy'));
    optionalNotNegative(faults, 'spec', spec, 'revisionHistoryLimit');
  },
  changes: immutableSelector,
  warnings: templateWarnings,
};

const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

/** Refuses an annotation that is no number: it is one, in the internal form. */
function readTemplateGeneration(o: Obj): void {
  const given = sub(sub(o, 'metadata'), 'annotations')[TEMPLATE_GENERATION];
  if (typeof given === 'string' && !/^[+-]?\d+$/.test(given))
    throw badRequest(
      `DaemonSet in version "v1" cannot be handled as a DaemonSet: strconv.ParseInt: parsing ${JSON.stringify(given)}: invalid syntax`,
    );
}

/** Counts the changes of a DaemonSet's template, in an annotation. */
function templateGeneration(o: MutableObject, n: number): void {
  ensure(ensure(o, 'metadata'), 'annotations')[TEMPLATE_GENERATION] = String(n);
}

function daemonSetStrategy(faults: Faults, strategy: Obj): void {
  const path = 'spec.updateStrategy';
  const type = text(strategy, 'type');
  if (type === 'OnDelete') return;
  if (type !== 'RollingUpdate') {
    faults.push(notSupported(path, printGo('DaemonSetUpdateStrategy', strategy), ['RollingUpdate', 'OnDelete']));
    return;
  }
  const rolling = optional(strategy, 'rollingUpdate');
  if (!rolling) {
    faults.push(required(child(path, 'rollingUpdate')));
    return;
  }
  const at = child(path, 'rollingUpdate');
  notNegativeIntOrPercent(faults, child(at, 'maxUnavailable'), rolling['maxUnavailable']);
  notNegativeIntOrPercent(faults, child(at, 'maxSurge'), rolling['maxSurge']);
  const unavailable = amountOf(rolling['maxUnavailable']);
  const surge = amountOf(rolling['maxSurge']);
  if (unavailable === 0 && surge === 0)
    faults.push(invalidValue(child(at, 'maxUnavailable'), rolling['maxUnavailable'], 'cannot be 0 when maxSurge is 0'));
  else if (unavailable !== 0 && surge !== 0)
    faults.push(invalidValue(child(at, 'maxSurge'), rolling['maxSurge'], 'may not be set when maxUnavailable is non-zero'));
  notOver100Percent(faults, child(at, 'maxUnavailable'), rolling['maxUnavailable']);
  notOver100Percent(faults, child(at, 'maxSurge'), rolling['maxSurge']);
}

export const controllerRevision: KindDefinition = {
  scope: 'Namespaced',
  update: ['meta', 'metadata', 'changes'],
  spec(faults, o) {
    const data = o['data'];
    if (data === undefined || data === null) faults.push(required('data', 'data is mandatory'));
    else if (typeof data !== 'object' || Array.isArray(data)) faults.push(required('data', 'data must be a valid JSON object'));
    if (number(o, 'revision') < 0) notNegative(faults, 'revision', number(o, 'revision'));
  },
  changes(faults, o, old) {
    if (!equal(o['data'], old['data'])) faults.push(invalidValue('data', o['data'] ?? null, IMMUTABLE));
  },
};

export const podTemplateKind: KindDefinition = {
  deleteReply: 'object',
  scope: 'Namespaced',
  tracksGeneration: true,
  update: ['meta', 'spec'],
  defaults: o => templateDefaults(ensure(o, 'template')),
  spec: (faults, o) => podTemplate(faults, 'template', sub(o, 'template')),
  warnings: (o, old) => (old && equal(o['template'], old['template']) ? [] : podWarnings('template', sub(o, 'template'))),
};
