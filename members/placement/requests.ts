// What pods take from nodes, as whole numbers: thousandths of a cpu, bytes, pieces.
import { parseQuantity, QuantityError, quantityMilliValue, quantityValue } from '../../kube/index.ts';
import type { Container, Pod, PodSpec, ResourceList } from '../kinds.ts';

export type Amounts = ReadonlyMap<string, bigint>;

const NOTHING: Amounts = new Map();
const parsed = new WeakMap<ResourceList, Amounts>();

/** A list as amounts; what is no quantity is left out. */
export function amounts(list: ResourceList | undefined): Amounts {
  if (!list) return NOTHING;
  const known = parsed.get(list);
  if (known) return known;
  const made = new Map<string, bigint>();
  for (const [name, text] of Object.entries(list)) {
    const value = amountOf(name, text);
    if (value !== undefined) made.set(name, value);
  }
  parsed.set(list, made);
  return made;
}

function amountOf(name: string, text: string): bigint | undefined {
  try {
    const quantity = parseQuantity(String(text));
    return name === 'cpu' ? quantityMilliValue(quantity) : quantityValue(quantity);
  } catch (error) {
    if (error instanceof QuantityError) return undefined;
    throw error;
  }
}

const requestsOf = (c: Container): Amounts => amounts(c.resources?.requests);
const isSidecar = (c: Container): boolean => c.restartPolicy === 'Always';

/** Containers and sidecars together, or the largest step of initialisation where that is more; overhead on top. */
function podRequests(spec: PodSpec): Amounts {
  const total = new Map<string, bigint>();
  for (const c of spec.containers) add(total, requestsOf(c));
  const sidecars = new Map<string, bigint>();
  const peaks: Amounts[] = [];
  for (const c of spec.initContainers ?? []) {
    if (isSidecar(c)) add(sidecars, requestsOf(c));
    const peak = new Map(sidecars);
    if (!isSidecar(c)) add(peak, requestsOf(c));
    peaks.push(peak);
  }
  add(total, sidecars);
  for (const peak of peaks) for (const [name, value] of peak) if (value > (total.get(name) ?? 0n)) total.set(name, value);
  add(total, amounts(spec.overhead));
  return total;
}

/** What a pod takes of its node: its requests, and one pod. */
export function podDemand(pod: Pod): Amounts {
  return new Map([...podRequests(pod.spec), ['pods', 1n]]);
}

/** Adds in place. */
export function add(total: Map<string, bigint>, more: Amounts, factor = 1n): void {
  for (const [name, value] of more) total.set(name, (total.get(name) ?? 0n) + value * factor);
}
