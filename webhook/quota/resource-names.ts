// Which resources a quota may name, and which are counted in whole numbers.
import {
  type FieldError,
  faultsAt,
  field,
  formatQuantity,
  type Quantity,
  qualifiedName,
  quantityMilliValue,
  signOfQuantity,
} from '../../kube/index.ts';

const COUNTED = new Set([
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

const MEASURED = ['cpu', 'memory', 'ephemeral-storage'];
const QUOTA = new Set([...COUNTED, ...MEASURED, ...MEASURED.flatMap(m => [`requests.${m}`, `limits.${m}`]), 'requests.storage']);
const STANDARD = new Set([...QUOTA, 'storage']);

const isHugePages = (name: string): boolean => name.startsWith('hugepages-') || name.startsWith('requests.hugepages-');

/** Faults of a resource name in a quota. */
export function validateQuotaResourceName(name: string, path: string): FieldError[] {
  const errors = faultsAt(qualifiedName, name, path);
  if (name.includes('/') || isHugePages(name)) return errors;
  if (errors.length === 0 && !STANDARD.has(name))
    errors.push(field.invalidValue(path, name, 'must be a standard resource type or fully qualified'));
  if (!QUOTA.has(name)) errors.push(field.invalidValue(path, name, 'must be a standard resource for quota'));
  return errors;
}

/** Faults of the name of a resource that containers ask for. */
export function validateContainerResourceName(name: string, path: string): FieldError[] {
  const errors = faultsAt(qualifiedName, name, path);
  if (name.includes('/')) {
    const isNative = name.includes('kubernetes.io/');
    if (!isNative && !isExtended(name)) errors.push(field.invalidValue(path, name, "doesn't follow extended resource name standard"));
    return errors;
  }
  if (errors.length === 0 && !STANDARD.has(name) && !isHugePages(name))
    errors.push(field.invalidValue(path, name, 'must be a standard resource type or fully qualified'));
  if (!MEASURED.includes(name) && !name.startsWith('hugepages-'))
    errors.push(field.invalidValue(path, name, 'must be a standard resource for containers'));
  return errors;
}

/** Faults of an amount: negative, or a fraction of what is counted. */
export function validateQuotaAmount(name: string, amount: Quantity, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const printed = formatQuantity(amount);
  if (signOfQuantity(amount) < 0) errors.push(field.invalidValue(path, printed, 'must be greater than or equal to 0'));
  if (isCounted(name) && quantityMilliValue(amount) % 1000n !== 0n) errors.push(field.invalidValue(path, printed, 'must be an integer'));
  return errors;
}

function isCounted(name: string): boolean {
  return COUNTED.has(name) || isExtended(name);
}

/** A resource of a vendor, such as `example.com/gpu`. */
function isExtended(name: string): boolean {
  if (!name.includes('/') || name.includes('kubernetes.io/') || name.startsWith('requests.')) return false;
  return qualifiedName(`requests.${name}`).length === 0;
}
