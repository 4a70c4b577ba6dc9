// LimitRange and ResourceQuota.
import { compareQuantities, equal, formatQuantity, type Quantity } from '../../kube/index.ts';
import { child, duplicate, forbiddenField, IMMUTABLE, index, invalidValue, mapKey, required, texts } from './checks.ts';
import type { KindDefinition } from './define.ts';
import { printGo } from './go-print.ts';
import { qualifiedName } from './names.ts';
import { resourceListDefaults } from './pod/defaults.ts';
import { containerResourceName, isStandardResource, quantity, resourceQuantity } from './pod/resources.ts';
import { ensure, entries, type Faults, has, inside, items, mutable, type Obj, strings, sub, text } from './read.ts';

export const limitRange: KindDefinition = {
  scope: 'Namespaced',
  createOnUpdate: true,
  update: ['full'],
  defaults(o) {
    for (const item of mutable(ensure(o, 'spec'), 'limits')) {
      for (const key of ['min', 'max', 'default', 'defaultRequest', 'maxLimitRequestRatio']) resourceListDefaults(inside(item, key));
      if (item['type'] === 'Container') containerLimits(item);
    }
  },
  spec(faults, o) {
    const types = new Set<string>();
    items(sub(o, 'spec'), 'limits').forEach((item, i) => {
      limitItem(faults, index('spec.limits', i), item, types);
    });
  },
};

/** Defaults follow maxima, and default requests follow defaults, then minima. */
function containerLimits(item: Record<string, unknown>): void {
  const copy = (from: string, to: string): void => {
    const source = inside(item, from);
    if (!source) return;
    for (const [key, value] of Object.entries(source)) {
      const target = ensure(item, to);
      if (!Object.hasOwn(target, key) && key !== '__proto__') target[key] = value;
    }
  };
  copy('max', 'default');
  copy('default', 'defaultRequest');
  copy('min', 'defaultRequest');
}

const LISTS = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;
type Lists = Readonly<Record<(typeof LISTS)[number], Map<string, Quantity>>>;

function limitItem(faults: Faults, at: string, item: Obj, types: Set<string>): void {
  const type = text(item, 'type');
  limitType(faults, child(at, 'type'), type);
  if (types.has(type)) faults.push(duplicate(child(at, 'type'), type));
  types.add(type);
  const lists = Object.fromEntries(
    LISTS.map(key => [key, new Map(entries(item, key).map(([k, v]) => [k, quantity(v)]))]),
  ) as unknown as Lists;
  const keys = new Set<string>();
  for (const key of ['max', 'min'] as const) names(faults, child(at, key), { item, key, type, keys });
  if (type === 'Pod') {
    for (const key of ['default', 'defaultRequest'])
      if (Object.keys(sub(item, key)).length > 0) faults.push(forbiddenField(child(at, key), "may not be specified when `type` is 'Pod'"));
  } else for (const key of ['default', 'defaultRequest'] as const) names(faults, child(at, key), { item, key, type, keys });
  if (type === 'PersistentVolumeClaim' && !lists.min.has('storage') && !lists.max.has('storage'))
    faults.push(required(child(at, 'limits'), 'either minimum or maximum storage value is required, but neither was provided'));
  names(faults, child(at, 'maxLimitRequestRatio'), { item, key: 'maxLimitRequestRatio', type, keys });
  for (const key of [...keys].sort()) amounts(faults, at, key, lists);
}

function limitType(faults: Faults, path: string, type: string): void {
  const bad = qualifiedName(type);
  texts(faults, path, type, bad);
  if (bad.length > 0) return;
  if (!type.includes('/') && !['Pod', 'Container', 'PersistentVolumeClaim'].includes(type))
    faults.push(invalidValue(path, type, 'must be a standard limit type or fully qualified'));
}

interface Names {
  readonly item: Obj;
  readonly key: string;
  readonly type: string;
  readonly keys: Set<string>;
}

function names(faults: Faults, at: string, { item, key, type, keys }: Names): void {
  for (const [name] of entries(item, key)) {
    const path = mapKey(at, name);
    limitResource(faults, path, name, type);
    keys.add(name);
  }
}

function limitResource(faults: Faults, path: string, name: string, type: string): void {
  if (type === 'Pod' || type === 'Container') {
    containerResourceName(faults, path, name);
    return;
  }
  const bad = qualifiedName(name);
  texts(faults, path, name, bad);
  if (bad.length === 0 && !name.includes('/') && !isStandardResource(name))
    faults.push(invalidValue(path, name, 'must be a standard resource type or fully qualified'));
}

const greater = (a: Quantity | undefined, b: Quantity | undefined): boolean => !!a && !!b && compareQuantities(a, b) > 0;

function amounts(faults: Faults, at: string, key: string, lists: Lists): void {
  const [min, max] = [lists.min.get(key), lists.max.get(key)];
  const [preset, request] = [lists.default.get(key), lists.defaultRequest.get(key)];
  const ratio = lists.maxLimitRequestRatio.get(key);
  const tell = (list: string, value: Quantity, why: string): void => {
    faults.push(invalidValue(mapKey(child(at, list), key), formatQuantity(value), why));
  };
  const shown = (q: Quantity | undefined): string => (q ? formatQuantity(q) : '0');
  if (min && greater(min, max)) tell('min', min, `min value ${shown(min)} is greater than max value ${shown(max)}`);
  if (request && greater(min, request))
    tell('defaultRequest', request, `min value ${shown(min)} is greater than default request value ${shown(request)}`);
  if (request && greater(request, max))
    tell('defaultRequest', request, `default request value ${shown(request)} is greater than max value ${shown(max)}`);
  if (request && greater(request, preset))
    tell('defaultRequest', request, `default request value ${shown(request)} is greater than default limit value ${shown(preset)}`);
  if (min && greater(min, preset)) tell('default', min, `min value ${shown(min)} is greater than default value ${shown(preset)}`);
  if (max && greater(preset, max)) tell('default', max, `default value ${shown(preset)} is greater than max value ${shown(max)}`);
  if (ratio && compareQuantities(ratio, quantity('1')) < 0) tell('maxLimitRequestRatio', ratio, `ratio ${shown(ratio)} is less than 1`);
}

const QUOTA_RESOURCES = new Set([
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.storage',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'persistentvolumeclaims',
  'configmaps',
  'services.nodeports',
  'services.loadbalancers',
]);
const SCOPES = new Set([
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'PriorityClass',
  'CrossNamespacePodAffinity',
  'VolumeAttributesClass',
]);
const POD_COMPUTE = new Set(['cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory']);

const isQuotaResource = (name: string): boolean =>
  QUOTA_RESOURCES.has(name) || name.startsWith('hugepages-') || name.startsWith('requests.hugepages-');

function fits(scope: string, resource: string): boolean {
  if (!SCOPES.has(scope)) return true;
  if (scope === 'BestEffort') return resource === 'pods';
  if (scope === 'VolumeAttributesClass') return resource === 'persistentvolumeclaims' || resource === 'requests.storage';
  return resource === 'pods' || POD_COMPUTE.has(resource);
}

export const resourceQuota: KindDefinition = {
  scope: 'Namespaced',
  status: true,
  deleteReply: 'object',
  update: ['meta', 'spec', 'changes'],
  defaults(o) {
    resourceListDefaults(inside(inside(o, 'spec'), 'hard'));
  },
  spec(faults, o) {
    const spec = sub(o, 'spec');
    for (const [name, value] of entries(spec, 'hard')) {
      const at = mapKey('spec.hard', name);
      const bad = qualifiedName(name);
      texts(faults, at, name, bad);
      if (bad.length === 0 && !name.includes('/') && !isStandardResource(name))
        faults.push(invalidValue(at, name, 'must be a standard resource type or fully qualified'));
      if (!name.includes('/') && !isQuotaResource(name)) faults.push(invalidValue(at, name, 'must be a standard resource for quota'));
      resourceQuantity(faults, at, name, value);
    }
    scopes(faults, spec);
    scopeSelector(faults, spec);
  },
  changes(faults, o, old) {
    const [now, before] = [strings(sub(o, 'spec'), 'scopes'), strings(sub(old, 'spec'), 'scopes')];
    if (!equal([...now].sort(), [...before].sort()))
      faults.push(invalidValue('spec.scopes', has(sub(o, 'spec'), 'scopes') ? now : null, IMMUTABLE));
  },
};

function scopes(faults: Faults, spec: Obj): void {
  const list = strings(spec, 'scopes');
  const hard = Object.keys(sub(spec, 'hard'));
  for (const scope of list) {
    if (!SCOPES.has(scope)) faults.push(invalidValue('spec.scopes', list, 'unsupported scope'));
    for (const resource of hard)
      if (isQuotaResource(resource) && !fits(scope, resource))
        faults.push(invalidValue('spec.scopes', list, 'unsupported scope applied to resource'));
  }
  const set = new Set(list);
  if ((set.has('BestEffort') && set.has('NotBestEffort')) || (set.has('Terminating') && set.has('NotTerminating')))
    faults.push(invalidValue('spec.scopes', list, 'conflicting scopes'));
}

function scopeSelector(faults: Faults, spec: Obj): void {
  const selector = sub(spec, 'scopeSelector');
  const path = 'spec.scopeSelector.matchExpressions';
  const hard = Object.keys(sub(spec, 'hard'));
  const seen = new Set<string>();
  for (const e of items(selector, 'matchExpressions')) {
    const scope = text(e, 'scopeName');
    if (!SCOPES.has(scope)) faults.push(invalidValue(child(path, 'scopeName'), scope, 'unsupported scope'));
    for (const resource of hard)
      if (isQuotaResource(resource) && !fits(scope, resource))
        faults.push(invalidValue(path, printGo('ScopeSelector', selector), 'unsupported scope applied to resource'));
    scopeOperator(faults, path, e, scope);
    seen.add(scope);
  }
  if ((seen.has('BestEffort') && seen.has('NotBestEffort')) || (seen.has('Terminating') && seen.has('NotTerminating')))
    faults.push(invalidValue('spec.scopes', '', 'conflicting scopes'));
}

function scopeOperator(faults: Faults, path: string, e: Obj, scope: string): void {
  const operator = text(e, 'operator');
  const values = strings(e, 'values');
  if (scope !== 'PriorityClass' && scope !== 'VolumeAttributesClass' && SCOPES.has(scope) && operator !== 'Exists')
    faults.push(
      invalidValue(
        child(path, 'operator'),
        operator,
        `must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity`,
      ),
    );
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0)
      faults.push(required(child(path, 'values'), "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0)
      faults.push(
        invalidValue(child(path, 'values'), values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"),
      );
  } else faults.push(invalidValue(child(path, 'operator'), operator, 'not a valid selector operator'));
}
