// What one replica of a pod template needs: the sum over containers, at least each init container, plus overhead; and where
// it may run. Amounts are whole units (thousandths of a CPU), rounded up; only resources a scheduler counts are kept.
import { formatQuantity, milliQuantity, parseQuantity, quantityMilliValue, quantityOf, quantityValue } from '../../kube/index.ts';
import type { NodeClaim, ReplicaRequirements } from '../interpreter.ts';
import type { Container, PodSpec } from './pod-spec.ts';

type Amounts = Map<string, bigint>;

/** ReplicaRequirements of a pod; undefined when it asks for nothing. */
export function podRequirements(spec: PodSpec = {}): ReplicaRequirements | undefined {
  const nodeClaim = nodeClaimOf(spec);
  const resourceRequest = resourceRequestOf(spec);
  if (!nodeClaim && !resourceRequest) return undefined;
  return { ...(nodeClaim ? { nodeClaim } : {}), ...(resourceRequest ? { resourceRequest } : {}) };
}

function nodeClaimOf(spec: PodSpec): NodeClaim | undefined {
  const tolerations = spec.tolerations?.length ? spec.tolerations : undefined;
  const hardNodeAffinity = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (!hardNodeAffinity && !tolerations && !spec.nodeSelector) return undefined;
  return {
    ...(hardNodeAffinity ? { hardNodeAffinity } : {}),
    ...(spec.nodeSelector && Object.keys(spec.nodeSelector).length > 0 ? { nodeSelector: spec.nodeSelector } : {}),
    ...(tolerations ? { tolerations } : {}),
  };
}

function resourceRequestOf(spec: PodSpec): Record<string, string> | undefined {
  const sum: Amounts = new Map();
  for (const container of spec.containers ?? []) addAmounts(sum, requestsOf(container));
  for (const container of spec.initContainers ?? []) {
    for (const [name, amount] of requestsOf(container)) if (amount > (sum.get(name) ?? 0n)) sum.set(name, amount);
  }
  addAmounts(sum, amountsOf(spec.overhead ?? {}));
  const request: Record<string, string> = {};
  for (const name of [...sum.keys()].sort()) {
    const amount = sum.get(name) ?? 0n;
    if (amount !== 0n) request[name] = textOf(name, amount);
  }
  return Object.keys(request).length > 0 ? request : undefined;
}

function addAmounts(sum: Amounts, more: Amounts): void {
  for (const [name, amount] of more) sum.set(name, (sum.get(name) ?? 0n) + amount);
}

function requestsOf(container: Container): Amounts {
  return amountsOf({ ...container.resources?.limits, ...container.resources?.requests });
}

function amountsOf(quantities: Readonly<Record<string, string>>): Amounts {
  const amounts: Amounts = new Map();
  for (const [name, text] of Object.entries(quantities)) {
    if (!isCounted(name)) continue;
    const quantity = parseQuantity(text);
    amounts.set(name, name === 'cpu' ? quantityMilliValue(quantity) : quantityValue(quantity));
  }
  return amounts;
}

function textOf(name: string, amount: bigint): string {
  if (name === 'cpu') return formatQuantity(milliQuantity(amount));
  const binary = name === 'memory' || name === 'ephemeral-storage' || name.startsWith('hugepages-');
  return formatQuantity(quantityOf(amount, binary ? 'BinarySI' : 'DecimalSI'));
}

const PLAIN = new Set(['cpu', 'memory', 'ephemeral-storage', 'pods']);
const QUALIFIED =
  /^(?=.{1,253}\/)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/(?=.{1,63}$)[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

/** Resources a scheduler counts: the plain ones, huge pages, attachable volumes, and extended resources (`vendor.com/thing`). */
function isCounted(name: string): boolean {
  if (PLAIN.has(name) || name.startsWith('hugepages-') || name.startsWith('attachable-volumes-')) return true;
  if (!name.includes('/')) return false;
  return name.includes('kubernetes.io/') || (!name.startsWith('requests.') && QUALIFIED.test(`requests.${name}`));
}
