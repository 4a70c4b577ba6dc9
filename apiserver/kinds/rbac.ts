// Role, ClusterRole and their bindings.
import { equal } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import { child, index, invalidValue, labelSelector, notSupported, required, subdomain, texts } from './checks.ts';
import type { KindDefinition } from './define.ts';
import { printGo } from './go-print.ts';
import { pathSegment } from './names.ts';
import { ensure, type Faults, items, mutable, type Obj, optional, presetText, strings, text } from './read.ts';

const GROUP = 'rbac.authorization.k8s.io';

function rules(faults: Faults, o: Obj, namespaced: boolean): void {
  items(o, 'rules').forEach((rule, i) => {
    policyRule(faults, index('rules', i), rule, namespaced);
  });
}

function policyRule(faults: Faults, at: string, rule: Obj, namespaced: boolean): void {
  if (strings(rule, 'verbs').length === 0) faults.push(required(child(at, 'verbs'), 'verbs must contain at least one value'));
  const urls = strings(rule, 'nonResourceURLs');
  if (urls.length > 0) {
    if (namespaced) faults.push(invalidValue(child(at, 'nonResourceURLs'), urls, 'namespaced rules cannot apply to non-resource URLs'));
    if (strings(rule, 'apiGroups').length + strings(rule, 'resources').length + strings(rule, 'resourceNames').length > 0)
      faults.push(invalidValue(child(at, 'nonResourceURLs'), urls, 'rules cannot apply to both regular resources and non-resource URLs'));
    return;
  }
  if (strings(rule, 'apiGroups').length === 0)
    faults.push(required(child(at, 'apiGroups'), 'resource rules must supply at least one api group'));
  if (strings(rule, 'resources').length === 0)
    faults.push(required(child(at, 'resources'), 'resource rules must supply at least one resource'));
}

export const role: KindDefinition = {
  scope: 'Namespaced',
  name: 'segment',
  createOnUpdate: true,
  update: ['full', 'meta'],
  spec: (faults, o) => rules(faults, o, true),
};

export const clusterRole: KindDefinition = {
  scope: 'Cluster',
  name: 'segment',
  createOnUpdate: true,
  update: ['full', 'meta'],
  spec(faults, o) {
    rules(faults, o, false);
    const aggregation = optional(o, 'aggregationRule');
    if (!aggregation) return;
    const path = 'aggregationRule.clusterRoleSelectors';
    const selectors = items(aggregation, 'clusterRoleSelectors');
    if (selectors.length === 0) faults.push(required(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil'));
    selectors.forEach((s, i) => {
      const own: Faults = [];
      labelSelector(own, index(path, i), s);
      faults.push(...own);
      if (own.length > 0) faults.push(invalidValue(index(path, i), null, 'invalid label selector.'));
    });
  },
};

function bindingDefaults(o: MutableObject): void {
  presetText(ensure(o, 'roleRef'), 'apiGroup', GROUP);
  for (const subject of mutable(o, 'subjects')) {
    if (subject['kind'] === 'User' || subject['kind'] === 'Group') presetText(subject, 'apiGroup', GROUP);
  }
}

function bindingSpec(faults: Faults, o: Obj, namespaced: boolean): void {
  const ref = optional(o, 'roleRef') ?? {};
  const known = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  if (text(ref, 'apiGroup') !== GROUP) faults.push(notSupported('roleRef.apiGroup', text(ref, 'apiGroup'), [GROUP]));
  if (!known.includes(text(ref, 'kind'))) faults.push(notSupported('roleRef.kind', text(ref, 'kind'), known));
  if (text(ref, 'name') === '') faults.push(required('roleRef.name'));
  else texts(faults, 'roleRef.name', text(ref, 'name'), pathSegment(text(ref, 'name')));
  items(o, 'subjects').forEach((s, i) => {
    subject(faults, index('subjects', i), s, namespaced);
  });
}

function subject(faults: Faults, at: string, s: Obj, namespaced: boolean): void {
  const kind = text(s, 'kind');
  const name = text(s, 'name');
  const group = text(s, 'apiGroup');
  if (name === '') faults.push(required(child(at, 'name')));
  if (kind === 'ServiceAccount') {
    if (name !== '') subdomain(faults, child(at, 'name'), name);
    if (group !== '') faults.push(notSupported(child(at, 'apiGroup'), group, ['']));
    if (!namespaced && text(s, 'namespace') === '') faults.push(required(child(at, 'namespace')));
  } else if (kind === 'User' || kind === 'Group') {
    if (group !== GROUP) faults.push(notSupported(child(at, 'apiGroup'), group, [GROUP]));
  } else faults.push(notSupported(child(at, 'kind'), kind, ['ServiceAccount', 'User', 'Group']));
}

function roleRefChanges(faults: Faults, o: Obj, old: Obj): void {
  if (!equal(o['roleRef'], old['roleRef']))
    faults.push(invalidValue('roleRef', printGo('RoleRef', optional(o, 'roleRef') ?? {}), 'cannot change roleRef'));
}

export const roleBinding: KindDefinition = {
  scope: 'Namespaced',
  name: 'segment',
  createOnUpdate: true,
  update: ['full', 'meta', 'changes'],
  defaults: bindingDefaults,
  spec: (faults, o) => bindingSpec(faults, o, true),
  changes: roleRefChanges,
};

export const clusterRoleBinding: KindDefinition = { ...roleBinding, scope: 'Cluster', spec: (faults, o) => bindingSpec(faults, o, false) };
