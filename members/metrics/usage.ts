// What pods and nodes use, made up: a pod says it in annotations, else it uses a tenth of the cpu and half of the memory it requests,
// and all the cpu it may have while it is busy (see `busyPods`).
import { formatQuantity, milliQuantity, parseQuantity, QuantityError, quantityMilliValue, quantityValue } from '../../kube/index.ts';
import type { Container, Node, Pod } from '../kinds.ts';
import { amounts } from '../placement/requests.ts';

/** Of a pod: what each of its containers uses. */
const CPU_USAGE = 'flotilla.io/cpu-usage';
const MEMORY_USAGE = 'flotilla.io/memory-usage';

export interface Usage {
  readonly milliCpu: bigint;
  readonly memoryBytes: bigint;
}

const KIB = 1024n;
const BUSY_MILLI_CPU = 100n;
const LEAST: Usage = { milliCpu: 1n, memoryBytes: 8n * KIB * KIB };
/** What a machine uses without pods. */
const MACHINE: Usage = { milliCpu: 100n, memoryBytes: 512n * KIB * KIB };

/** `busy`: the uids of pods that have all they can do. */
export function containerUsage(pod: Pod, c: Container, busy: ReadonlySet<string>): Usage {
  const requests = amounts(c.resources?.requests);
  const said = pod.metadata.annotations ?? {};
  const more = (a: bigint, b: bigint): bigint => (a > b ? a : b);
  const mayUse = amounts(c.resources?.limits).get('cpu') ?? requests.get('cpu') ?? BUSY_MILLI_CPU;
  const cpu = busy.has(pod.metadata.uid ?? '') ? mayUse : (requests.get('cpu') ?? 0n) / 10n;
  return {
    milliCpu: quantity(said[CPU_USAGE], quantityMilliValue) ?? more(LEAST.milliCpu, cpu),
    memoryBytes: quantity(said[MEMORY_USAGE], quantityValue) ?? more(LEAST.memoryBytes, (requests.get('memory') ?? 0n) / 2n),
  };
}

function quantity(text: string | undefined, read: (q: ReturnType<typeof parseQuantity>) => bigint): bigint | undefined {
  if (text === undefined) return undefined;
  try {
    return read(parseQuantity(text));
  } catch (error) {
    if (error instanceof QuantityError) return undefined;
    throw error;
  }
}

export const plus = (a: Usage, b: Usage): Usage => ({ milliCpu: a.milliCpu + b.milliCpu, memoryBytes: a.memoryBytes + b.memoryBytes });

/** All containers of a pod together. */
export const podUsage = (pod: Pod, busy: ReadonlySet<string>): Usage =>
  pod.spec.containers.map(c => containerUsage(pod, c, busy)).reduce(plus, { milliCpu: 0n, memoryBytes: 0n });

/** Whether there is anything to measure. */
export const isMeasured = (pod: Pod): boolean => pod.status?.phase === 'Running' && !pod.metadata.deletionTimestamp;

export function nodeUsage(node: Node, pods: readonly Pod[], busy: ReadonlySet<string>): Usage {
  const own = pods.filter(pod => pod.spec.nodeName === node.metadata.name && isMeasured(pod));
  return own.map(pod => podUsage(pod, busy)).reduce(plus, MACHINE);
}

/** As metrics-server writes it. */
export function usageList(usage: Usage): Record<string, string> {
  return { cpu: formatQuantity(milliQuantity(Number(usage.milliCpu))), memory: `${usage.memoryBytes / KIB}Ki` };
}
