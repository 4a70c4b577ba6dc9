// Wiring of the three controllers of federated quotas.
import {
  clusters,
  eventReasons,
  type FederatedResourceQuota,
  federatedResourceQuotas,
  gateEnabled,
  labels,
  resourceBindings,
  type Work,
  works,
} from '../../crds/index.ts';
import {
  type Change,
  controller,
  equal,
  fromInformer,
  keyOf,
  keyText,
  parseKey,
  periodic,
  type Runnable,
  watchedDeletion,
} from '../../kube/index.ts';
import type { ControllerContext } from '../context.ts';
import { updateFresh } from '../writing.ts';
import { deleteQuotaWorks, quotaKey, syncQuota } from './sync.ts';
import { aggregateQuota, overallUsed } from './usage.ts';

function quotaOfWork({ metadata }: Work): string[] {
  const namespace = metadata.labels?.[labels.quotaNamespace];
  const name = metadata.labels?.[labels.quotaName];
  return namespace && name ? [`${namespace}/${name}`] : [];
}

const title = ({ metadata }: FederatedResourceQuota): string => `FederatedResourceQuota(${metadata.namespace}/${metadata.name})`;

export function quotaSyncController(context: ControllerContext): Runnable {
  const { clock, log, informers, recorder } = context;
  const copy = informers.of(federatedResourceQuotas);
  const members = informers.of(clusters);
  const worksOf = informers.of(works).indexed(quotaOfWork);
  const deleted = new Map<string, FederatedResourceQuota>();
  const assigned = ({ type, object, old }: Change<FederatedResourceQuota>): boolean => {
    if (type === 'deleted') deleted.set(quotaKey(object), object);
    else deleted.delete(quotaKey(object));
    return type !== 'updated' || !equal(object.spec.staticAssignments, old?.spec.staticAssignments);
  };
  return controller({
    ...context.runtime,
    name: 'federated-resource-quota-sync-controller',
    sources: [
      fromInformer(copy, { when: assigned }),
      fromInformer(members, { when: ({ type }) => type === 'added', keys: () => copy.list().map(quotaKey) }),
    ],
    async reconcile(key, signal) {
      const quota = copy.get(parseKey(key));
      const last = deleted.get(key);
      if (!quota) {
        if (last) await deleteQuotaWorks(context, worksOf(key), watchedDeletion(copy, last, key), signal);
        deleted.delete(key);
        return;
      }
      if (quota.metadata.deletionTimestamp) return;
      try {
        await syncQuota(context, quota, { present: worksOf(key), exists: name => members.get(name) !== undefined }, signal);
        recorder.event(quota, 'Normal', eventReasons.syncWorkSucceed, `Sync works for ${title(quota)} succeed.`);
      } catch (error) {
        recorder.event(quota, 'Warning', eventReasons.syncWorkFailed, (error as Error).message);
        throw error;
      }
    },
    clock,
    log,
  });
}

export function quotaStatusController(context: ControllerContext): Runnable {
  const { clock, log, informers, recorder, gates } = context;
  const copy = informers.of(federatedResourceQuotas);
  const workCopy = informers.of(works);
  const worksOf = workCopy.indexed(quotaOfWork);
  return controller({
    ...context.runtime,
    name: 'federated-resource-quota-status-controller',
    sources: [
      fromInformer(copy, { when: ({ type, object, old }) => type === 'added' || !equal(object.spec, old?.spec) }),
      fromInformer(workCopy, {
        when: ({ type, object, old }) => type !== 'updated' || !equal(object.status, old?.status),
        keys: ({ object }) => quotaOfWork(object),
      }),
    ],
    async reconcile(key, signal) {
      const quota = copy.get(parseKey(key));
      if (!quota || quota.metadata.deletionTimestamp) return;
      const { aggregatedStatus, overallUsed: used } = aggregateQuota(worksOf(key));
      const totals = gateEnabled(gates, 'FederatedQuotaEnforcement') ? {} : { overall: quota.spec.overall, overallUsed: used };
      await writeStatus(context, quota, { aggregatedStatus, ...totals }, signal);
      recorder.event(quota, 'Normal', eventReasons.aggregateStatusSucceed, `Collect status of ${title(quota)} succeed.`);
    },
    clock,
    log,
  });
}

export function quotaEnforcementControllers(context: ControllerContext): Runnable[] {
  const { clock, log, informers, recorder, gates, options } = context;
  if (!gateEnabled(gates, 'FederatedQuotaEnforcement')) return [];
  const copy = informers.of(federatedResourceQuotas);
  const bindings = informers.of(resourceBindings);
  const enforcement = controller({
    ...context.runtime,
    name: 'federated-resource-quota-enforcement-controller',
    sources: [
      fromInformer(copy, {
        when: ({ type, object, old }) => type === 'added' || (type === 'updated' && !equal(object.spec.overall, old?.spec.overall)),
      }),
      fromInformer(bindings, {
        when: ({ type }) => type === 'deleted',
        keys: ({ object }) => copy.list(object.metadata.namespace).map(quotaKey),
      }),
    ],
    async reconcile(key, signal) {
      const quota = copy.get(parseKey(key));
      if (!quota || quota.metadata.deletionTimestamp) return;
      await bindings.synced;
      const overall = quota.spec.overall ?? {};
      await writeStatus(context, quota, { overall, overallUsed: overallUsed(bindings.list(quota.metadata.namespace), overall) }, signal);
      recorder.event(quota, 'Normal', eventReasons.collectOverallStatusSucceed, `Collect status of ${title(quota)} succeed.`);
    },
    clock,
    log,
  });
  const everyMs = options.federatedResourceQuotaSyncPeriodMs;
  const recount = periodic({ name: 'federated-resource-quota-recount', everyMs, clock, log }, async () => {
    for (const quota of copy.list()) enforcement.queue.add(keyText(keyOf(quota)));
  });
  return [enforcement, recount];
}

/** Typed clients never write empty lists and maps. */
function withoutEmpty(status: NonNullable<FederatedResourceQuota['status']>): NonNullable<FederatedResourceQuota['status']> {
  return Object.fromEntries(Object.entries(status).filter(([, value]) => value !== undefined && Object.keys(value).length > 0));
}

async function writeStatus(
  { hub, clock }: ControllerContext,
  quota: FederatedResourceQuota,
  part: NonNullable<FederatedResourceQuota['status']>,
  signal: AbortSignal,
): Promise<void> {
  const change = (present: FederatedResourceQuota): FederatedResourceQuota => {
    const status = withoutEmpty({ ...present.status, ...part });
    return equal(status, present.status ?? {}) ? present : { ...present, status };
  };
  const target = { client: hub, clock, resource: federatedResourceQuotas };
  await updateFresh(target, keyOf(quota), { cached: quota, change, subresource: 'status' }, signal);
}
