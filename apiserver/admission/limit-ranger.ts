// LimitRanger: fills in what a namespace's limit ranges give containers, and refuses what lies outside them.
import { type AnyObject, compareQuantities, isObject, parseQuantity, quantityNumber, type Reader, resource } from '../../kube/index.ts';
import type { AdmissionPlugin, Attributes, MutableObject } from './plugin.ts';
import { isPod, refuse, specOf } from './pod-plugins.ts';
import { listOfAmounts } from './quota/amounts.ts';
import { podAmounts } from './quota/pods.ts';

const LIMIT_RANGES = resource({ group: '', version: 'v1', kind: 'LimitRange', plural: 'limitranges', scope: 'Namespaced' });

type Amounts = Readonly<Record<string, string>>;
interface Item {
  readonly type: string;
  readonly min: Amounts;
  readonly max: Amounts;
  readonly default: Amounts;
  readonly defaultRequest: Amounts;
  readonly maxLimitRequestRatio: Amounts;
}

const amounts = (v: unknown): Amounts => (isObject(v) ? (v as Record<string, string>) : {});

function itemsOf(range: AnyObject): Item[] {
  const spec = range['spec'];
  const list = isObject(spec) && Array.isArray(spec['limits']) ? spec['limits'] : [];
  return list.filter(isObject).map(item => ({
    type: String(item['type'] ?? ''),
    min: amounts(item['min']),
    max: amounts(item['max']),
    default: amounts(item['default']),
    defaultRequest: amounts(item['defaultRequest']),
    maxLimitRequestRatio: amounts(item['maxLimitRequestRatio']),
  }));
}

/** New pods, pods that are resized, and claims. */
function isLimited(a: Attributes): boolean {
  if (a.resource.group !== '') return false;
  if (a.resource.plural === 'pods')
    return a.subresource === '' ? a.operation === 'CREATE' : a.subresource === 'resize' && a.operation === 'UPDATE';
  return a.resource.plural === 'persistentvolumeclaims' && a.subresource === '' && (a.operation === 'CREATE' || a.operation === 'UPDATE');
}

/** Applies the limit ranges of the pod's or claim's namespace. */
export function limitRanger(reader: Reader): AdmissionPlugin {
  const ranges = async (a: Attributes, signal?: AbortSignal): Promise<readonly AnyObject[]> =>
    (await reader.list(LIMIT_RANGES, { namespace: a.namespace, ...(signal ? { signal } : {}) })).items;
  return {
    name: 'LimitRanger',
    async mutate(a, signal) {
      if (!isPod(a) || a.operation !== 'CREATE') return;
      for (const range of await ranges(a, signal)) for (const item of itemsOf(range)) if (item.type === 'Container') fill(a, item);
    },
    async validate(a, signal) {
      if (!isLimited(a)) return;
      for (const range of await ranges(a, signal)) {
        const faults = itemsOf(range).flatMap(item => subjects(a, item).flatMap(s => outside(item, s)));
        if (faults.length > 0) throw refuse(a, faults.length === 1 ? (faults[0] ?? '') : `[${faults.join(', ')}]`);
      }
    },
  };
}

/** Containers first, as the annotation names them, and what each is called there. */
const LISTS = [
  ['containers', 'container'],
  ['initContainers', 'init container'],
] as const;

const containersIn = (a: Attributes, list: string): MutableObject[] => {
  const found = specOf(a)[list];
  return Array.isArray(found) ? found.filter(isObject) : [];
};

function fill(a: Attributes, item: Item): void {
  const set = LISTS.flatMap(([list, what]) => containersIn(a, list).flatMap(c => fillContainer(c, item, `${what} ${String(c['name'])}`)));
  if (set.length === 0 || !a.object) return;
  const meta = isObject(a.object['metadata']) ? a.object['metadata'] : {};
  const annotations = isObject(meta['annotations']) ? meta['annotations'] : {};
  meta['annotations'] = { ...annotations, 'kubernetes.io/limit-ranger': `LimitRanger plugin set: ${set.join('; ')}` };
}

/** What was filled in, in words. */
function fillContainer(c: MutableObject, item: Item, what: string): string[] {
  const resources = isObject(c['resources']) ? c['resources'] : {};
  c['resources'] = resources;
  const kinds = [
    ['requests', 'request', item.defaultRequest],
    ['limits', 'limit', item.default],
  ] as const;
  return kinds.flatMap(([key, word, from]) => {
    const have = amounts(resources[key]);
    const missing = Object.keys(from)
      .filter(name => !Object.hasOwn(have, name))
      .sort();
    if (missing.length === 0) return [];
    resources[key] = { ...have, ...Object.fromEntries(missing.map(name => [name, from[name]])) };
    return [`${missing.join(', ')} ${word} for ${what}`];
  });
}

interface Subject {
  readonly type: string;
  readonly requests: Amounts;
  readonly limits: Amounts;
}

/** The parts of the object that an item is about. */
function subjects(a: Attributes, item: Item): Subject[] {
  const of = (type: string, holder: MutableObject): Subject => {
    const resources = isObject(holder['resources']) ? holder['resources'] : {};
    return { type, requests: amounts(resources['requests']), limits: amounts(resources['limits']) };
  };
  if (item.type === 'PersistentVolumeClaim' && a.resource.plural === 'persistentvolumeclaims') return [of(item.type, specOf(a))];
  if (a.resource.plural !== 'pods') return [];
  if (item.type === 'Container') return LISTS.flatMap(([list]) => containersIn(a, list).map(c => of(item.type, c)));
  if (item.type !== 'Pod') return [];
  const sum = (kind: 'requests' | 'limits'): Amounts => listOfAmounts(podAmounts(a.object as AnyObject, kind));
  return [{ type: item.type, requests: sum('requests'), limits: sum('limits') }];
}

function outside(item: Item, s: Subject): string[] {
  const byName = (list: Amounts): [string, string][] => Object.entries(list).sort();
  return [
    ...byName(item.min).flatMap(([name, min]) => tooLittle(s, name, min) ?? []),
    ...byName(item.max).flatMap(([name, max]) => tooMuch(s, name, max) ?? []),
    ...byName(item.maxLimitRequestRatio).flatMap(([name, ratio]) => tooFar(s, name, ratio) ?? []),
  ];
}

const less = (a: string, b: string): boolean => compareQuantities(parseQuantity(a), parseQuantity(b)) < 0;

function tooLittle(s: Subject, name: string, min: string): string | undefined {
  const [request, limit] = [s.requests[name], s.limits[name]];
  const rule = `minimum ${name} usage per ${s.type} is ${min}`;
  if (request === undefined) return `${rule}.  No request is specified`;
  if (less(request, min)) return `${rule}, but request is ${request}`;
  return limit !== undefined && less(limit, min) ? `${rule}, but limit is ${limit}` : undefined;
}

function tooMuch(s: Subject, name: string, max: string): string | undefined {
  const [request, limit] = [s.requests[name], s.limits[name]];
  const rule = `maximum ${name} usage per ${s.type} is ${max}`;
  // Claims have requests only.
  if (s.type === 'PersistentVolumeClaim') {
    if (request === undefined) return `${rule}.  No request is specified`;
    return less(max, request) ? `${rule}, but request is ${request}` : undefined;
  }
  if (limit === undefined) return `${rule}.  No limit is specified`;
  if (less(max, limit)) return `${rule}, but limit is ${limit}`;
  return request !== undefined && less(max, request) ? `${rule}, but request is ${request}` : undefined;
}

function tooFar(s: Subject, name: string, most: string): string | undefined {
  const numberOf = (amount: string | undefined): number => (amount === undefined ? 0 : quantityNumber(parseQuantity(amount)));
  const [request, limit] = [numberOf(s.requests[name]), numberOf(s.limits[name])];
  const rule = `${name} max limit to request ratio per ${s.type} is ${most}`;
  if (request === 0) return `${rule}, but no request is specified or request is 0`;
  if (limit === 0) return `${rule}, but no limit is specified or limit is 0`;
  const ratio = limit / request;
  return ratio > numberOf(most) ? `${rule}, but provided ratio is ${ratio.toFixed(6)}` : undefined;
}
