// Sums of resources as the reference keeps them: thousandths of CPU, whole units of everything else, and only the resources that schedulers know.
import {
  addQuantities,
  formatQuantity,
  milliQuantity,
  type Quantity,
  quantityMilliValue,
  quantityOf,
  quantityOfJson,
  quantityValue,
} from '../../kube/index.ts';

export type ResourceList = Readonly<Record<string, unknown>>;

/** Amounts by resource name; CPU in thousandths. */
export type Amounts = Map<string, bigint>;

export const amountOf = (name: string, quantity: unknown): bigint => {
  const parsed = quantityOfJson(quantity);
  return name === 'cpu' ? quantityMilliValue(parsed) : quantityValue(parsed);
};

const NATIVE = new Set(['cpu', 'memory', 'ephemeral-storage', 'pods']);

/** Resources that are summed: the native four, huge pages, attachable volumes and extended resources. */
function isSummed(name: string): boolean {
  if (NATIVE.has(name) || name.startsWith('hugepages-') || name.startsWith('attachable-volumes-')) return true;
  const native = !name.includes('/') || name.includes('kubernetes.io/');
  if (native) return name.includes('kubernetes.io/');
  return !name.startsWith('requests.');
}

export function addAmounts(sum: Amounts, list: ResourceList | undefined): void {
  for (const [name, quantity] of Object.entries(list ?? {}))
    if (isSummed(name)) sum.set(name, (sum.get(name) ?? 0n) + amountOf(name, quantity));
}

/** Raises each amount to at least that of the list. */
export function raiseAmounts(sum: Amounts, list: ResourceList | undefined): void {
  for (const [name, quantity] of Object.entries(list ?? {})) {
    const amount = amountOf(name, quantity);
    if (isSummed(name) && amount > (sum.get(name) ?? 0n)) sum.set(name, amount);
  }
}

/** The sums of whole lists, whatever the resources; each keeps the format of its first amount. */
export function sumQuantities(lists: readonly ResourceList[]): Record<string, string> {
  const sums = new Map<string, Quantity>();
  for (const list of lists)
    for (const [name, quantity] of Object.entries(list)) {
      const parsed = quantityOfJson(quantity);
      const sum = sums.get(name);
      sums.set(name, sum ? addQuantities(sum, parsed) : parsed);
    }
  return Object.fromEntries([...sums].map(([name, sum]) => [name, formatQuantity(sum)]));
}

/** Canonical quantities, without the zeros. */
export function printAmounts(sum: Amounts): Record<string, string> {
  return Object.fromEntries([...sum].filter(([, amount]) => amount !== 0n).map(([name, amount]) => [name, printAmount(name, amount)]));
}

function printAmount(name: string, amount: bigint): string {
  if (name === 'cpu') return formatQuantity(milliQuantity(amount));
  const binary = name === 'memory' || name === 'ephemeral-storage' || name.startsWith('hugepages-');
  return formatQuantity(quantityOf(amount, binary ? 'BinarySI' : 'DecimalSI'));
}
