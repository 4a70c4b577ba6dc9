// Quota enforcement at the moment a scheduling result is written: the new usage must fit every quota of the namespace.
// The usage that follows from an allowed request is part of the verdict, so it is recorded before any Work exists.
import type { FederatedResourceQuota, ResourceBinding } from '../../crds/index.ts';
import {
  addQuantities,
  compareQuantities,
  equal,
  formatQuantity,
  type Quantity,
  quantityOfJson,
  signOfQuantity,
  zeroQuantity,
} from '../../kube/index.ts';
import { allowed, deny, type QuotaUpdate, type Verdict } from '../admission.ts';
import { bindingUsage, scheduledReplicas, subtracted, type Usage } from './usage.ts';

/** Whether the change can alter usage at all. */
export function changesUsage(object: ResourceBinding, old: ResourceBinding | undefined): boolean {
  if (!old) return (object.spec.clusters ?? []).length > 0;
  const now = object.spec;
  const before = old.spec;
  if (!equal(now.components ?? [], before.components ?? [])) return true;
  if (!equal(now.replicaRequirements?.resourceRequest ?? {}, before.replicaRequirements?.resourceRequest ?? {})) return true;
  if (scheduledReplicas(now) !== scheduledReplicas(before)) return true;
  return (now.components ?? []).length > 0 && !equal(clusterNames(object), clusterNames(old));
}

const clusterNames = (binding: ResourceBinding): string[] => (binding.spec.clusters ?? []).map(c => c.name).sort();

/** The verdict of all quotas of the namespace about the change from `old` to `object`. */
export function enforceQuotas(
  object: ResourceBinding,
  old: ResourceBinding | undefined,
  quotas: readonly FederatedResourceQuota[],
): Verdict {
  const delta = subtracted(bindingUsage(object.spec), old ? bindingUsage(old.spec) : new Map());
  const updates: QuotaUpdate[] = [];
  for (const quota of quotas) {
    const outcome = applied(quota, delta);
    if (typeof outcome === 'string') return deny(outcome, 'QuotaExceeded');
    if (outcome) updates.push(outcome);
  }
  return updates.length ? { ...allowed, quotaUpdates: updates } : allowed;
}

/** The new usage of one quota, why it is too much, or undefined where the quota is not concerned. */
function applied(quota: FederatedResourceQuota, delta: Usage): QuotaUpdate | string | undefined {
  const overall = quota.spec.overall ?? {};
  const used = quota.status?.overallUsed ?? {};
  const concerned = [...delta].filter(([name, amount]) => Object.hasOwn(overall, name) && signOfQuantity(amount) !== 0);
  if (concerned.length === 0) return undefined;
  const next: Record<string, string> = Object.fromEntries(
    Object.entries(used)
      .filter(([, amount]) => signOfQuantity(quantityOfJson(amount)) !== 0)
      .map(([name, amount]) => [name, formatQuantity(quantityOfJson(amount))]),
  );
  for (const [name, amount] of concerned) {
    const sum = addQuantities(amountOf(used, name), amount);
    const limit = amountOf(overall, name);
    if (compareQuantities(sum, limit) > 0) {
      const { namespace = '', name: quotaName = '' } = quota.metadata;
      const figures = `requested sum ${formatQuantity(sum)}, limit ${formatQuantity(limit)}`;
      return `FederatedResourceQuota(${namespace}/${quotaName}) exceeded for resource ${name}: ${figures}.`;
    }
    if (signOfQuantity(sum) <= 0) delete next[name];
    else next[name] = formatQuantity(sum);
  }
  return { quota, overallUsed: next };
}

function amountOf(amounts: Readonly<Record<string, string | number>>, name: string): Quantity {
  return Object.hasOwn(amounts, name) ? quantityOfJson(amounts[name]) : zeroQuantity;
}
