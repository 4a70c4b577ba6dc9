// Wiring of the workload rebalancer.
import {
  bindingName,
  clusterResourceBindings,
  type ResourceBinding,
  resourceBindings,
  type WorkloadRebalancer,
  workloadRebalancers,
} from '../../crds/index.ts';
import { controller, equal, fromInformer, keyOf, type ReconcileResult, type Runnable, timestamp } from '../../kube/index.ts';
import type { ControllerContext } from '../context.ts';
import { throwTogether, updateFresh } from '../writing.ts';
import { observedWorkloads } from './observed.ts';

type Observed = ReturnType<typeof observedWorkloads>[number];

export function workloadRebalancerController(context: ControllerContext): Runnable {
  const { clock, log, informers } = context;
  const copy = informers.of(workloadRebalancers);
  return controller({
    ...context.runtime,
    name: 'workload-rebalancer',
    sources: [
      fromInformer(copy, {
        when: ({ type, object, old }) =>
          type === 'added' || (type === 'updated' && object.metadata.generation !== old?.metadata.generation),
      }),
    ],
    async reconcile(key, signal) {
      const rebalancer = copy.get(key);
      if (rebalancer && !rebalancer.metadata.deletionTimestamp) return rebalance(context, rebalancer, signal);
      return undefined;
    },
    clock,
    log,
  });
}

async function rebalance(
  context: ControllerContext,
  rebalancer: WorkloadRebalancer,
  signal: AbortSignal,
): Promise<ReconcileResult | undefined> {
  const { hub, clock } = context;
  const errors: unknown[] = [];
  const results: Observed[] = [];
  for (const observed of observedWorkloads(rebalancer)) {
    if (observed.result) results.push(observed);
    else
      results.push(
        await trigger(context, rebalancer, observed, signal).catch((error: unknown) => {
          signal.throwIfAborted();
          errors.push(error);
          return observed;
        }),
      );
  }
  const before = rebalancer.status;
  const status = { ...before, observedWorkloads: results, observedGeneration: rebalancer.metadata.generation ?? 0 };
  const { finishTime: _, ...open } = status;
  const changed = !equal(status, before ?? {});
  const written = errors.length > 0 ? open : changed ? { ...open, finishTime: timestamp(clock.now()) } : status;
  if (!equal(written, before ?? {})) {
    const body = { status: { ...written, ...(errors.length > 0 ? { finishTime: null } : {}) } };
    await hub.patch(workloadRebalancers, keyOf(rebalancer), { type: 'merge', body }, { subresource: 'status', signal });
  }
  throwTogether(errors);
  return expire(context, rebalancer, (written as { finishTime?: string }).finishTime, signal);
}

async function trigger(
  { hub, clock }: ControllerContext,
  { metadata }: WorkloadRebalancer,
  observed: Observed,
  signal: AbortSignal,
): Promise<Observed> {
  const { kind, name, namespace } = observed.workload;
  const at = metadata.creationTimestamp ?? '';
  const target = { client: hub, clock, resource: namespace ? resourceBindings : clusterResourceBindings };
  const key = { name: bindingName(kind, name), ...(namespace ? { namespace } : {}) };
  const change = (present: ResourceBinding): ResourceBinding => {
    const before = present.spec.rescheduleTriggeredAt;
    return before && Date.parse(before) >= Date.parse(at) ? present : { ...present, spec: { ...present.spec, rescheduleTriggeredAt: at } };
  };
  const found = await updateFresh(target, key, { change }, signal);
  return found
    ? { workload: observed.workload, result: 'Successful' }
    : { workload: observed.workload, result: 'Failed', reason: 'ReferencedBindingNotFound' };
}

async function expire(
  { hub, clock }: ControllerContext,
  rebalancer: WorkloadRebalancer,
  finishTime: string | undefined,
  signal: AbortSignal,
): Promise<ReconcileResult | undefined> {
  const ttl = rebalancer.spec.ttlSecondsAfterFinished;
  if (ttl === undefined || !finishTime) return undefined;
  const left = Date.parse(finishTime) + ttl * 1000 - clock.now();
  if (left > 0) return { requeueAfterMs: left };
  const live = await hub.get(workloadRebalancers, keyOf(rebalancer), { signal });
  const { resourceVersion } = live.metadata;
  await hub.delete(workloadRebalancers, keyOf(rebalancer), { signal, ...(resourceVersion ? { preconditions: { resourceVersion } } : {}) });
  return undefined;
}
