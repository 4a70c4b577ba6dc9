// Rules of resource requirements: which names exist, whole and fractional amounts, requests against limits.
import { compareQuantities, formatQuantity, parseQuantity, type Quantity, qualifiedName, signOfQuantity } from '../../../kube/index.ts';
import {
  child,
  fieldNotFound,
  forbiddenField,
  index,
  invalidValue,
  mapKey,
  NOT_NEGATIVE,
  notSupported,
  required,
  texts,
} from '../checks.ts';
import { entries, type Faults, has, items, type Obj, optional, sub, text } from '../read.ts';

const CONTAINER_RESOURCES = new Set(['cpu', 'memory', 'ephemeral-storage']);
const STANDARD_RESOURCES = new Set([
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'storage',
  'requests.storage',
  'services.nodeports',
  'services.loadbalancers',
]);
const OVERCOMMITTABLE = (name: string): boolean => isNative(name) && !name.startsWith('hugepages-');
const INTEGER_RESOURCES = new Set([
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]);

/** Reads a quantity that decoding has accepted. */
export function quantity(value: unknown): Quantity {
  try {
    return parseQuantity(typeof value === 'string' ? value : String(value ?? '0'));
  } catch {
    return parseQuantity('0');
  }
}

const isHugePages = (name: string): boolean => name.startsWith('hugepages-');
export const isStandardResource = (name: string): boolean => STANDARD_RESOURCES.has(name) || isHugePages(name);
/** Without a domain, or in kubernetes.io. */
const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');
const isIntegerResource = (name: string): boolean => INTEGER_RESOURCES.has(name) || isExtended(name);

function isExtended(name: string): boolean {
  if (isNative(name) || name.startsWith('requests.')) return false;
  return qualifiedName(`requests.${name}`).length === 0;
}

/** A name as key of requests and limits of containers. */
export function containerResourceName(faults: Faults, path: string, name: string): void {
  resourceName(faults, path, name);
  if (name.includes('/')) {
    if (!isNative(name) && !isExtended(name)) faults.push(invalidValue(path, name, "doesn't follow extended resource name standard"));
    return;
  }
  if (!CONTAINER_RESOURCES.has(name) && !isHugePages(name))
    faults.push(invalidValue(path, name, 'must be a standard resource for containers'));
}

const resourceNameTexts = (name: string): string[] => qualifiedName(name);

/** A standard or qualified resource name. */
function resourceName(faults: Faults, path: string, name: string): void {
  const bad = resourceNameTexts(name);
  texts(faults, path, name, bad);
  if (bad.length > 0) return;
  if (!name.includes('/') && !isStandardResource(name) && !CONTAINER_RESOURCES.has(name))
    faults.push(invalidValue(path, name, 'must be a standard resource type or fully qualified'));
}

/** A quantity of a resource: not negative, and whole where only whole ones make sense. */
export function resourceQuantity(faults: Faults, path: string, name: string, value: unknown): void {
  const q = quantity(value);
  if (signOfQuantity(q) < 0) faults.push(invalidValue(path, formatQuantity(q), NOT_NEGATIVE));
  if (isIntegerResource(name)) whole(faults, path, q);
}

function whole(faults: Faults, path: string, q: Quantity): void {
  const n = q.exponent >= 0 ? 0n : q.unscaled % 10n ** BigInt(-q.exponent);
  if (n !== 0n) faults.push(invalidValue(path, formatQuantity(q), 'must be an integer'));
}

/** resources of a container */
export function containerResources(faults: Faults, path: string, resources: Obj, spec: Obj): void {
  let cpuOrMemory = false;
  let huge = false;
  const limits = sub(resources, 'limits');
  for (const [name, value] of entries(resources, 'limits')) {
    const at = mapKey(child(path, 'limits'), name);
    containerResourceName(faults, at, name);
    resourceQuantity(faults, at, name, value);
    if (isHugePages(name)) {
      huge = true;
      hugePages(faults, at, name, value);
    } else cpuOrMemory ||= name === 'cpu' || name === 'memory';
  }
  for (const [name, value] of entries(resources, 'requests')) {
    const at = mapKey(child(path, 'requests'), name);
    containerResourceName(faults, at, name);
    resourceQuantity(faults, at, name, value);
    requestAgainstLimit(faults, path, { name, value, limits });
    if (isHugePages(name)) {
      huge = true;
      hugePages(faults, at, name, value);
    } else cpuOrMemory ||= name === 'cpu' || name === 'memory';
  }
  if (huge && !cpuOrMemory) faults.push(forbiddenField(path, 'HugePages require cpu or memory'));
  claims(faults, child(path, 'claims'), resources, spec);
}

function hugePages(faults: Faults, at: string, name: string, value: unknown): void {
  const size = name.slice('hugepages-'.length);
  let page: Quantity;
  try {
    page = parseQuantity(size);
  } catch {
    faults.push(invalidValue(at, String(value), 'unable to determine huge page size'));
    return;
  }
  const amount = quantity(value);
  if (page.exponent === 0 && page.unscaled > 0n && amount.exponent === 0 && amount.unscaled % page.unscaled !== 0n)
    faults.push(invalidValue(at, formatQuantity(amount), `must be a multiple of page size ${size}`));
}

interface Request {
  readonly name: string;
  readonly value: unknown;
  readonly limits: Obj;
}

function requestAgainstLimit(faults: Faults, path: string, { name, value, limits }: Request): void {
  const at = child(path, 'requests');
  const limited = Object.hasOwn(limits, name);
  const request = quantity(value);
  const limit = quantity(limited ? limits[name] : '0');
  if (limited) {
    if (!OVERCOMMITTABLE(name) && compareQuantities(request, limit) !== 0)
      faults.push(invalidValue(at, formatQuantity(request), `must be equal to ${name} limit of ${formatQuantity(limit)}`));
    else if (OVERCOMMITTABLE(name) && compareQuantities(request, limit) > 0)
      faults.push(invalidValue(at, formatQuantity(request), `must be less than or equal to ${name} limit of ${formatQuantity(limit)}`));
  } else if (!OVERCOMMITTABLE(name)) faults.push(required(child(path, 'limits'), 'Limit must be set for non overcommitable resources'));
}

function claims(faults: Faults, path: string, resources: Obj, spec: Obj): void {
  const known = new Set(items(spec, 'resourceClaims').map(c => text(c, 'name')));
  items(resources, 'claims').forEach((c, i) => {
    const name = text(c, 'name');
    const at = index(path, i);
    if (name === '') faults.push(required(child(at, 'name')));
    else if (!known.has(name)) faults.push(fieldNotFound(child(at, 'name'), name));
  });
}

const CPU_DIVISORS = new Set(['1m', '1']);
const MEMORY_DIVISORS = new Set(['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']);

/** Divisor of a resourceFieldRef: one of the round ones. */
export function divisor(faults: Faults, path: string, ref: Obj): void {
  const resource = text(ref, 'resource').replace(/^(limits|requests)\./, '');
  const shown = formatQuantity(quantity(ref['divisor'] ?? '0'));
  if (shown === '0') return;
  const cpu = resource === 'cpu';
  const allowed = cpu ? CPU_DIVISORS : MEMORY_DIVISORS;
  if (allowed.has(shown)) return;
  const name = isHugePages(resource) ? 'hugepages' : resource === 'ephemeral-storage' ? 'local ephemeral storage' : resource;
  const list = cpu ? '1m and 1' : [...MEMORY_DIVISORS].join(', ');
  faults.push(
    invalidValue(child(path, 'divisor'), text(ref, 'resource'), `only divisor's values ${list} are supported with the ${name} resource`),
  );
}

/** spec.overhead */
export function overhead(faults: Faults, path: string, owner: Obj): void {
  if (!has(owner, 'overhead')) return;
  for (const [name, value] of entries(owner, 'overhead')) {
    const at = mapKey(child(path, 'limits'), name);
    containerResourceName(faults, at, name);
    resourceQuantity(faults, at, name, value);
  }
}

const POD_RESOURCES = new Set(['cpu', 'memory']);

/** spec.resources: amounts for the pod as a whole. */
export function podResources(faults: Faults, path: string, spec: Obj): void {
  const resources = optional(spec, 'resources');
  if (!resources) return;
  for (const key of ['limits', 'requests'])
    for (const [name, value] of entries(resources, key)) {
      const at = mapKey(child(path, key), name);
      if (!POD_RESOURCES.has(name) && !isHugePages(name)) {
        faults.push(notSupported(at, name, ['cpu', 'hugepages-', 'memory']));
        continue;
      }
      resourceQuantity(faults, at, name, value);
      if (key === 'requests') requestAgainstLimit(faults, path, { name, value, limits: sub(resources, 'limits') });
    }
}
