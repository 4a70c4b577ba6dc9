// Kinds that describe the cluster: Node, PriorityClass, RuntimeClass, Lease, PodDisruptionBudget, APIService.
import { dns1123Label, equal, prefixWarnings, validatePrefix } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import {
  child,
  duplicate,
  forbiddenField,
  IMMUTABLE,
  index,
  invalidValue,
  labelSelector,
  notNegativeIntOrPercent,
  notOver100Percent,
  notSupported,
  oneOf,
  required,
  subdomain,
  texts,
} from './checks.ts';
import type { KindDefinition } from './define.ts';
import { printGo } from './go-print.ts';
import { dnsLabel1035, labelValue, portNumber, qualifiedName } from './names.ts';
import { deprecatedLabel } from './node-labels.ts';
import { resourceListDefaults } from './pod/defaults.ts';
import { overhead } from './pod/resources.ts';
import { taintEffect, tolerations } from './pod/scheduling.ts';
import { ensure, type Faults, flag, has, inside, items, number, type Obj, optional, preset, strings, sub, text } from './read.ts';
import { statusCounts } from './status-counts.ts';

export const node: KindDefinition = {
  scope: 'Cluster',
  update: ['full', 'meta', 'changes'],
  subresources: ['proxy', 'status'],
  defaults(o) {
    const status = inside(o, 'status');
    const capacity = inside(status, 'capacity');
    resourceListDefaults(capacity);
    resourceListDefaults(inside(status, 'allocatable'));
    if (status && capacity && !has(status, 'allocatable')) status['allocatable'] = { ...capacity };
    podCIDRs(ensure(o, 'spec'));
  },
  warnings: o => [
    ...(has(sub(o, 'spec'), 'configSource') ? ['spec.configSource: the feature is removed'] : []),
    ...(text(sub(o, 'spec'), 'externalID') !== '' ? ['spec.externalID: this field is deprecated, and is unused by Kubernetes'] : []),
    ...strings(sub(o, 'spec'), 'podCIDRs').flatMap((c, i) => prefixWarnings(c, `spec.podCIDRs[${i}]`)),
  ],
  prepareUpdate(o, old, subresource) {
    if (subresource === '') {
      if (old['status'] === undefined) delete o['status'];
      else o['status'] = structuredClone(old['status']);
    }
  },
  spec(faults, o) {
    taints(faults, 'metadata.taints', items(sub(o, 'spec'), 'taints'));
    const cidrs = strings(sub(o, 'spec'), 'podCIDRs');
    cidrs.forEach((c, i) => {
      faults.push(...validatePrefix(c, index('spec.podCIDRs', i)));
    });
    if (cidrs.length > 2) faults.push(invalidValue('spec.podCIDRs', cidrs, 'may only hold up to 2 values'));
    if (cidrs.length === 2 && (cidrs[0] ?? '').includes(':') === (cidrs[1] ?? '').includes(':'))
      faults.push(invalidValue('spec.podCIDRs', cidrs, 'may specify no more than one CIDR for each IP family'));
  },
  changes: nodeChanges,
};

/** podCIDR and the first of podCIDRs are one. */
function podCIDRs(spec: Record<string, unknown>): void {
  const one = text(spec, 'podCIDR');
  const list = strings(spec, 'podCIDRs');
  if (one !== '' && (list.length === 0 || list[0] !== one)) spec['podCIDRs'] = [one];
  else if (one === '' && list[0] !== undefined) spec['podCIDR'] = list[0];
}

function taints(faults: Faults, path: string, list: readonly Obj[]): void {
  const seen = new Set<string>();
  list.forEach((t, i) => {
    const at = index(path, i);
    const [key, value, effect] = [text(t, 'key'), text(t, 'value'), text(t, 'effect')];
    texts(faults, child(at, 'key'), key, qualifiedName(key));
    const bad = labelValue(value);
    if (bad.length > 0) faults.push(invalidValue(child(at, 'value'), value, bad.join(';')));
    taintEffect(faults, child(at, 'effect'), effect, false);
    const pair = `${key}:${effect}`;
    if (seen.has(pair)) {
      const body = `${duplicate(at, printGo('Taint', t)).body}: taints must be unique by key and effect pair`;
      faults.push({ reason: 'FieldValueDuplicate', field: at, body, text: `${at}: ${body}` });
    }
    seen.add(pair);
  });
}

function nodeChanges(faults: Faults, o: Obj, old: Obj): void {
  const [spec, was] = [sub(o, 'spec'), sub(old, 'spec')];
  const before = strings(was, 'podCIDRs');
  if (before.length > 0 && !equal(strings(spec, 'podCIDRs'), before))
    faults.push(forbiddenField('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'));
  const provider = text(was, 'providerID');
  if (provider !== '' && text(spec, 'providerID') !== provider)
    faults.push(forbiddenField('spec.providerID', 'node updates may not change providerID except from "" to valid'));
  taints(faults, 'metadata.taints', items(spec, 'taints'));
}

const MAX_USER_PRIORITY = 1000000000;

export const priorityClass: KindDefinition = {
  scope: 'Cluster',
  tracksGeneration: true,
  generationFixed: true,
  update: ['meta', 'changes'],
  defaults: o => preset(o, 'preemptionPolicy', 'PreemptLowerPriority'),
  spec(faults, o) {
    const name = text(sub(o, 'metadata'), 'name');
    const value = number(o, 'value');
    if (name.startsWith('system-')) {
      const known: Record<string, number> = { 'system-node-critical': 2000001000, 'system-cluster-critical': 2000000000 };
      if (!Object.hasOwn(known, name) || known[name] !== value)
        faults.push(
          forbiddenField(
            'metadata.name',
            "priority class names with 'system-' prefix are reserved for system use only. error: ".concat(systemFault(name, known)),
          ),
        );
    } else if (value > MAX_USER_PRIORITY)
      faults.push(forbiddenField('value', `maximum allowed value of a user defined priority is ${MAX_USER_PRIORITY}`));
    if (has(o, 'preemptionPolicy')) preemption(faults, text(o, 'preemptionPolicy'));
  },
  changes(faults, o, old) {
    if (number(o, 'value') !== number(old, 'value')) faults.push(forbiddenField('value', 'may not be changed in an update.'));
    if (text(o, 'preemptionPolicy') !== text(old, 'preemptionPolicy'))
      faults.push(invalidValue('preemptionPolicy', o['preemptionPolicy'] ?? null, IMMUTABLE));
  },
};

const systemFault = (name: string, known: Readonly<Record<string, number>>): string =>
  Object.hasOwn(known, name) ? `value of ${name} PriorityClass must be ${known[name]}` : `${name} is not a known system priority class`;

function preemption(faults: Faults, policy: string): void {
  const known = ['PreemptLowerPriority', 'Never'];
  if (policy === '') faults.push(required('preemptionPolicy'));
  else if (!known.includes(policy)) faults.push(notSupported('preemptionPolicy', policy, known));
}

export const runtimeClass: KindDefinition = {
  scope: 'Cluster',
  unconditionalUpdate: false,
  createOnUpdate: true,
  anyFinalizer: true,
  update: ['meta', 'full', 'changes'],
  defaults(o) {
    resourceListDefaults(inside(inside(o, 'overhead'), 'podFixed'));
  },
  spec(faults, o) {
    const handler = text(o, 'handler');
    if (handler === '') faults.push(required('handler'));
    else texts(faults, 'handler', handler, dns1123Label(handler));
    const fixed = optional(o, 'overhead');
    if (fixed) overhead(faults, 'overhead', { overhead: fixed['podFixed'] });
    const scheduling = optional(o, 'scheduling');
    if (scheduling) runtimeScheduling(faults, scheduling);
  },
  warnings: o =>
    Object.keys(sub(sub(o, 'scheduling'), 'nodeSelector'))
      .sort()
      .flatMap(key => deprecatedLabel(key) ?? [])
      .map(why => `scheduling.nodeSelector: ${why}`),
  changes(faults, o, old) {
    if (text(o, 'handler') !== text(old, 'handler')) faults.push(invalidValue('handler', text(o, 'handler'), IMMUTABLE));
  },
};

function runtimeScheduling(faults: Faults, scheduling: Obj): void {
  for (const [key, value] of Object.entries(sub(scheduling, 'nodeSelector')).sort(([a], [b]) => (a < b ? -1 : 1))) {
    texts(faults, 'scheduling.nodeSelector', key, qualifiedName(key));
    texts(faults, 'scheduling.nodeSelector', value, labelValue(String(value)));
  }
  const seen: Obj[] = [];
  items(scheduling, 'tolerations').forEach((t, i) => {
    const own: Faults = [];
    tolerations(own, 'scheduling.tolerations', [t]);
    faults.push(...own.map(f => moved(f, i)));
    if (seen.some(s => equal(s, t))) faults.push(duplicate(index('scheduling.tolerations', i), printGo('Toleration', t)));
    seen.push(t);
  });
}

function moved(f: Faults[number], i: number): Faults[number] {
  const to = f.field.replace('[0]', `[${i}]`);
  return { ...f, field: to, text: `${to}: ${f.body}` };
}

export const lease: KindDefinition = {
  scope: 'Namespaced',
  unconditionalUpdate: false,
  createOnUpdate: true,
  anyFinalizer: true,
  update: ['meta', 'spec'],
  prepareCreate: o => withoutElection(o, {}),
  prepareUpdate: withoutElection,
  spec(faults, o) {
    const spec = sub(o, 'spec');
    if (has(spec, 'leaseDurationSeconds') && number(spec, 'leaseDurationSeconds') <= 0)
      faults.push(invalidValue('spec.leaseDurationSeconds', number(spec, 'leaseDurationSeconds'), 'must be greater than 0'));
    if (has(spec, 'leaseTransitions') && number(spec, 'leaseTransitions') < 0)
      faults.push(invalidValue('spec.leaseTransitions', number(spec, 'leaseTransitions'), 'must be greater than or equal to 0'));
  },
};

/** Coordinated leader election is off in the reference: what asks for it is not taken up. */
function withoutElection(o: MutableObject, old: Obj): void {
  const spec = inside(o, 'spec');
  for (const name of ['strategy', 'preferredHolder']) if (spec && text(sub(old, 'spec'), name) === '') delete spec[name];
}

export const podDisruptionBudget: KindDefinition = {
  scope: 'Namespaced',
  metadataPlace: 'last',
  status: true,
  statusFaults: statusCounts('PodDisruptionBudget'),
  tracksGeneration: true,
  unconditionalUpdate: false,
  anyFinalizer: true,
  update: ['spec'],
  spec(faults, o) {
    const spec = sub(o, 'spec');
    if (has(spec, 'minAvailable') && has(spec, 'maxUnavailable'))
      faults.push(invalidValue('spec', budget(spec), 'minAvailable and maxUnavailable cannot be both set'));
    for (const key of ['minAvailable', 'maxUnavailable']) {
      notNegativeIntOrPercent(faults, `spec.${key}`, spec[key]);
      notOver100Percent(faults, `spec.${key}`, spec[key]);
    }
    labelSelector(faults, 'spec.selector', optional(spec, 'selector'));
    if (has(spec, 'unhealthyPodEvictionPolicy'))
      oneOf(faults, 'spec.unhealthyPodEvictionPolicy', text(spec, 'unhealthyPodEvictionPolicy'), ['AlwaysAllow', 'IfHealthyBudget']);
  },
};

const budget = (spec: Obj): unknown => ({
  MinAvailable: spec['minAvailable'] ?? null,
  Selector: spec['selector'] ?? null,
  MaxUnavailable: spec['maxUnavailable'] ?? null,
  UnhealthyPodEvictionPolicy: spec['unhealthyPodEvictionPolicy'] ?? null,
});

export const apiService: KindDefinition = {
  scope: 'Cluster',
  name: 'segment',
  status: true,
  unconditionalUpdate: false,
  anyFinalizer: true,
  update: ['meta', 'full'],
  defaults(o) {
    const service = inside(inside(o, 'spec'), 'service');
    if (service) preset(service, 'port', 443);
  },
  prepareCreate: localAvailability,
  exactName(name, o) {
    const wanted = `${text(sub(o, 'spec'), 'version')}.${text(sub(o, 'spec'), 'group')}`;
    return name === wanted ? [] : [`must be \`spec.version+"."+spec.group\`: ${JSON.stringify(wanted)}`];
  },
  spec(faults, o) {
    const spec = sub(o, 'spec');
    const [group, version] = [text(spec, 'group'), text(spec, 'version')];
    if (group !== '') subdomain(faults, 'spec.group', group);
    else if (version !== 'v1') faults.push(required('spec.group', 'only v1 may have an empty group and it better be legacy kube'));
    texts(faults, 'spec.version', version, dnsLabel1035(version));
    range(faults, 'groupPriorityMinimum', spec, 20000);
    range(faults, 'versionPriority', spec, 1000);
    apiServiceTarget(faults, spec);
  },
};

function localAvailability(o: Record<string, unknown>): void {
  if (has(sub(o, 'spec'), 'service')) return;
  o['status'] = {
    conditions: [
      { type: 'Available', status: 'True', lastTransitionTime: null, reason: 'Local', message: 'Local APIServices are always available' },
    ],
  };
}

function range(faults: Faults, key: string, spec: Obj, max: number): void {
  const n = number(spec, key);
  if (n <= 0 || n > max) faults.push(invalidValue(`spec.${key}`, n, `must be positive and less than ${max}`));
}

function apiServiceTarget(faults: Faults, spec: Obj): void {
  const service = optional(spec, 'service');
  if (!service) {
    if (text(spec, 'caBundle') !== '')
      faults.push(
        invalidValue(
          'spec.caBundle',
          `${Buffer.byteLength(text(spec, 'caBundle'), 'base64')} bytes`,
          'local APIServices may not have a caBundle',
        ),
      );
    if (flag(spec, 'insecureSkipTLSVerify'))
      faults.push(invalidValue('spec.insecureSkipTLSVerify', true, 'local APIServices may not have insecureSkipTLSVerify'));
    return;
  }
  for (const key of ['namespace', 'name']) if (text(service, key) === '') faults.push(required(`spec.service.${key}`));
  const port = number(service, 'port');
  for (const e of portNumber(port)) faults.push(invalidValue('spec.service.port', port, `port is not valid: ${e}`));
  if (flag(spec, 'insecureSkipTLSVerify') && text(spec, 'caBundle') !== '')
    faults.push(invalidValue('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present'));
}
