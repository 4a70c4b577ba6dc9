// Wiring of the graceful eviction controllers: one for each scope.
import { eventReasons, type ResourceBinding } from '../../crds/index.ts';
import { controller, equal, fromInformer, keyOf, type ReconcileResult, type Runnable, timestamp } from '../../kube/index.ts';
import { type BindingKind, bindingKinds, byKey, templateSubject } from '../bindings.ts';
import type { ControllerContext } from '../context.ts';
import { assessTasks, nextDeadline } from './assess.ts';

export function gracefulEvictionControllers(context: ControllerContext): Runnable[] {
  return bindingKinds.map(kind => gracefulEvictionController(context, kind));
}

function gracefulEvictionController(context: ControllerContext, kind: BindingKind): Runnable {
  const { informers, clock, log } = context;
  const copy = informers.of(kind.resource);
  return controller({
    ...context.runtime,
    name: `${kind.title}-graceful-eviction-controller`,
    sources: [fromInformer(copy, { when: ({ object }) => (object.spec.gracefulEvictionTasks?.length ?? 0) > 0 })],
    async reconcile(key, signal) {
      const binding = byKey(copy, key);
      if (!binding || binding.metadata.deletionTimestamp || !binding.spec.gracefulEvictionTasks?.length) return undefined;
      return assess(context, kind, binding, signal);
    },
    clock,
    log,
  });
}

async function assess(
  context: ControllerContext,
  kind: BindingKind,
  binding: ResourceBinding,
  signal: AbortSignal,
): Promise<ReconcileResult | undefined> {
  const { hub, clock, recorder, options } = context;
  const { spec, status, metadata } = binding;
  const tasks = spec.gracefulEvictionTasks ?? [];
  const nowMs = clock.now();
  const { kept, evicted } = assessTasks({
    tasks,
    clusters: spec.clusters ?? [],
    aggregatedStatus: status?.aggregatedStatus ?? [],
    hasScheduled: status?.schedulerObservedGeneration === metadata.generation,
    nowMs,
    now: timestamp(nowMs),
    timeoutMs: options.gracefulEvictionTimeoutMs,
  });
  if (!equal(kept, tasks)) {
    const body = {
      metadata: { resourceVersion: metadata.resourceVersion },
      spec: { gracefulEvictionTasks: kept.length > 0 ? kept : null },
    };
    await hub.patch(kind.resource, keyOf(binding), { type: 'merge', body }, { signal });
  }
  for (const cluster of evicted)
    for (const subject of [binding, templateSubject(binding)])
      recorder.event(subject, 'Normal', eventReasons.evictWorkloadFromClusterSucceed, `Evict from cluster ${cluster} succeed.`);
  const ms = nextDeadline(kept, { timeoutMs: options.gracefulEvictionTimeoutMs, nowMs });
  return ms > 0 ? { requeueAfterMs: ms } : undefined;
}
