// Wiring of the application failover controllers: one for each scope.
import type { ResourceBinding } from '../../crds/index.ts';
import { controller, fromInformer, keyOf, type ReconcileResult, type Runnable, refusedBySnapshot } from '../../kube/index.ts';
import { type BindingKind, bindingKinds, byKey } from '../bindings.ts';
import type { ControllerContext } from '../context.ts';
import { updateFresh } from '../writing.ts';
import { applicationTask, classify, evicted } from './evict.ts';

const DEFAULT_TOLERATION_SECONDS = 300;

export function applicationFailoverControllers(context: ControllerContext): Runnable[] {
  return bindingKinds.map(kind => applicationFailoverController(context, kind));
}

function applicationFailoverController(context: ControllerContext, kind: BindingKind): Runnable {
  const { informers, clock, log } = context;
  const copy = informers.of(kind.resource);
  /** Binding → cluster → since when it has been unhealthy. */
  const unhealthySince = new Map<string, Map<string, number>>();
  return controller({
    ...context.runtime,
    name: `${kind.title}-application-failover-controller`,
    sources: [fromInformer(copy)],
    async reconcile(key, signal) {
      const binding = byKey(copy, key);
      if (!binding || binding.metadata.deletionTimestamp || !isConsidered(context, binding)) {
        unhealthySince.delete(key);
        return undefined;
      }
      const since = unhealthySince.get(key) ?? new Map<string, number>();
      unhealthySince.set(key, since);
      return examine(context, { kind, binding, since }, signal);
    },
    clock,
    log,
  });
}

function isConsidered({ interpreters }: ControllerContext, { spec, status }: ResourceBinding): boolean {
  const { apiVersion, kind } = spec.resource;
  if (!spec.failover?.application || !spec.propagateDeps || !status?.aggregatedStatus?.length) return false;
  return interpreters.interpreterFor(apiVersion, kind)?.health !== undefined;
}

interface Case {
  readonly kind: BindingKind;
  readonly binding: ResourceBinding;
  readonly since: Map<string, number>;
}

async function examine(
  context: ControllerContext,
  { kind, binding, since }: Case,
  signal: AbortSignal,
): Promise<ReconcileResult | undefined> {
  const { hub, clock, gates, informers } = context;
  const behavior = binding.spec.failover?.application;
  if (!behavior) return undefined;
  const items = binding.status?.aggregatedStatus ?? [];
  const { unhealthy, others } = classify(binding.spec, items);
  const now = clock.monotonic();
  const targeted = new Set((binding.spec.clusters ?? []).map(({ name }) => name));
  for (const name of since.keys()) if (others.includes(name) || !targeted.has(name)) since.delete(name);
  for (const name of unhealthy) if (targeted.has(name) && !since.has(name)) since.set(name, now);
  const toleratedMs = (behavior.decisionConditions.tolerationSeconds ?? DEFAULT_TOLERATION_SECONDS) * 1000;
  const left = [...since].map(([name, at]) => ({ name, ms: at + toleratedMs - now }));
  const due = left.filter(({ ms }) => ms <= 0).map(({ name }) => name);
  if (due.length > 0) {
    const because = refusedBySnapshot(informers.of(kind.resource), { seen: binding, why: `unhealthy in ${due.join(', ')}` });
    const change = (present: ResourceBinding): ResourceBinding => {
      const clustersBefore = (present.spec.clusters ?? []).map(({ name }) => name);
      const producer = `${kind.title}-application-failover-controller`;
      const spec = due.reduce(
        (s, cluster) => evicted(s, applicationTask({ cluster, behavior, producer, clustersBefore, items, gates }), because),
        present.spec,
      );
      return spec === present.spec ? present : { ...present, spec };
    };
    await updateFresh({ client: hub, clock, resource: kind.resource }, keyOf(binding), { cached: binding, change }, signal);
    for (const name of due) since.delete(name);
  }
  const waiting = left.filter(({ ms }) => ms > 0).map(({ ms }) => ms);
  return waiting.length > 0 ? { requeueAfterMs: Math.min(...waiting) } : undefined;
}
