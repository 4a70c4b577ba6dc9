// LimitRanger: fills in what a namespace's limit ranges give containers, and refuses what lies outside them.
import { type AnyObject, compareQuantities, isObject, parseQuantity, type Reader, resource } from '../../kube/index.ts';
import type { AdmissionPlugin, Attributes, MutableObject } from './plugin.ts';
import { isPod, refuse, specOf } from './pod-plugins.ts';

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
      const claim = a.resource.group === '' && a.resource.plural === 'persistentvolumeclaims' && a.subresource === '';
      if (!(isPod(a) && a.operation === 'CREATE') && !(claim && (a.operation === 'CREATE' || a.operation === 'UPDATE'))) return;
      for (const range of await ranges(a, signal)) {
        const faults = itemsOf(range).flatMap(item => check(a, item));
        if (faults.length > 0) throw refuse(a, faults.length === 1 ? (faults[0] ?? '') : `[${faults.join(', ')}]`);
      }
    },
  };
}

const containers = (a: Attributes): MutableObject[] =>
  ['initContainers', 'containers'].flatMap(key => {
    const list = specOf(a)[key];
    return Array.isArray(list) ? list.filter(isObject) : [];
  });

function fill(a: Attributes, item: Item): void {
  const set: string[] = [];
  for (const c of containers(a)) {
    const resources = isObject(c['resources']) ? c['resources'] : {};
    c['resources'] = resources;
    for (const [key, from] of [
      ['limits', item.default],
      ['requests', item.defaultRequest],
    ] as const) {
      const have = amounts(resources[key]);
      const missing = Object.keys(from)
        .filter(name => !Object.hasOwn(have, name))
        .sort();
      if (missing.length === 0) continue;
      resources[key] = { ...have, ...Object.fromEntries(missing.map(name => [name, from[name]])) };
      set.push(`${missing.join(', ')} ${key === 'limits' ? 'limit' : 'request'} for container ${String(c['name'])}`);
    }
  }
  if (set.length === 0 || !a.object) return;
  const meta = isObject(a.object['metadata']) ? a.object['metadata'] : {};
  const annotations = isObject(meta['annotations']) ? meta['annotations'] : {};
  meta['annotations'] = { ...annotations, 'kubernetes.io/limit-ranger': `LimitRanger plugin set: ${set.join('; ')}` };
}

const less = (a: string, b: string): boolean => compareQuantities(parseQuantity(a), parseQuantity(b)) < 0;

interface Subject {
  readonly type: string;
  readonly requests: Amounts;
  readonly limits: Amounts;
}

function check(a: Attributes, item: Item): string[] {
  if (item.type === 'PersistentVolumeClaim' && a.resource.plural === 'persistentvolumeclaims') {
    const resources = specOf(a)['resources'];
    const requests = amounts(isObject(resources) ? resources['requests'] : undefined);
    return outside(item, { type: item.type, requests, limits: requests });
  }
  if (!isPod(a)) return [];
  const each = containers(a).map(c => (isObject(c['resources']) ? c['resources'] : {}));
  if (item.type === 'Container')
    return each.flatMap(r => outside(item, { type: item.type, requests: amounts(r['requests']), limits: amounts(r['limits']) }));
  return [];
}

function outside(item: Item, s: Subject): string[] {
  const out: string[] = [];
  for (const [name, min] of Object.entries(item.min).sort()) {
    const request = s.requests[name];
    if (request === undefined) out.push(`minimum ${name} usage per ${s.type} is ${min}.  No request is specified`);
    else if (less(request, min)) out.push(`minimum ${name} usage per ${s.type} is ${min}, but request is ${request}`);
  }
  for (const [name, max] of Object.entries(item.max).sort()) {
    const limit = s.limits[name];
    if (limit === undefined) out.push(`maximum ${name} usage per ${s.type} is ${max}.  No limit is specified`);
    else if (less(max, limit)) out.push(`maximum ${name} usage per ${s.type} is ${max}, but limit is ${limit}`);
  }
  return out;
}
