// Wiring of the taint manager: one queue for each scope of binding; keys are `<cluster>|<binding>`.
import {
  type Cluster,
  clusters,
  eventReasons,
  evictionReasons,
  type GracefulEvictionTask,
  gateEnabled,
  type ResourceBinding,
  TAINT_MANAGER,
} from '../../crds/index.ts';
import {
  controller,
  type Enqueue,
  fromInformer,
  keyOf,
  keyText,
  Metrics,
  parseKey,
  type ReconcileResult,
  type Runnable,
  refusedBySnapshot,
  sleep,
} from '../../kube/index.ts';
import { evicted, preservedState } from '../application-failover/evict.ts';
import { type BindingKind, bindingKinds, templateSubject } from '../bindings.ts';
import type { ControllerContext } from '../context.ts';
import { evictions } from '../operation-metrics.ts';
import { updateFresh } from '../writing.ts';
import { evictionDelay, purgeMode } from './need-eviction.ts';

const WORKERS = 3;
const LOOK_AGAIN_MS = 10_000;
const STOPPED_MS = 30 * 60_000;

export function taintManager(context: ControllerContext): Runnable[] {
  const { options, gates } = context;
  if (!options.enableTaintManager || !options.enableNoExecuteTaintEviction || !gateEnabled(gates, 'Failover')) return [];
  return bindingKinds.map(kind => evictionController(context, kind));
}

const isTainted = (cluster: Cluster | undefined): cluster is Cluster =>
  cluster?.spec.taints?.some(taint => taint.effect === 'NoExecute') ?? false;

function evictionController(context: ControllerContext, kind: BindingKind): Runnable {
  const { informers, clock, log, options } = context;
  const copy = informers.of(kind.resource);
  const copies = informers.of(clusters);
  const named = copy.indexed(({ spec }) => (spec.clusters ?? []).map(target => target.name));
  const queue = kind.title === 'cluster-resource-binding' ? 'cluster-binding-eviction' : 'binding-eviction';
  const counted = evictions(context.runtime.metrics ?? new Metrics(), queue, clock);
  const keysOf = (cluster: string): string[] => named(cluster).map(binding => `${cluster}|${keyText(keyOf(binding))}`);
  return controller({
    ...context.runtime,
    name: `${kind.title}-taint-manager`,
    sources: [
      fromInformer(copies, {
        when: ({ type, object }) => type !== 'deleted' && isTainted(object),
        keys: ({ object }) => keysOf(object.metadata.name ?? ''),
      }),
      {
        synced: copies.synced,
        start: (enqueue: Enqueue) =>
          copy.subscribe(({ object }) => {
            for (const { name } of object.spec.clusters ?? [])
              if (isTainted(copies.get(name))) enqueue(`${name}|${keyText(keyOf(object))}`);
          }),
      },
    ],
    async reconcile(key, signal) {
      const [name = '', binding = ''] = key.split('|');
      const cluster = copies.get(name);
      const present = copy.get(parseKey(binding));
      if (!isTainted(cluster) || !present || present.metadata.deletionTimestamp) return undefined;
      if (!present.spec.clusters?.some(target => target.name === name)) return undefined;
      const seen = await counted(() => examine(context, { kind, cluster, binding: present }, signal));
      if (seen !== 'evicted') return seen;
      await sleep(clock, options.resourceEvictionRate > 0 ? 1000 / options.resourceEvictionRate : STOPPED_MS, signal);
      return undefined;
    },
    clock,
    log,
    workers: WORKERS,
  });
}

interface Case {
  readonly kind: BindingKind;
  readonly cluster: Cluster;
  readonly binding: ResourceBinding;
}

async function examine(
  context: ControllerContext,
  { kind, cluster, binding }: Case,
  signal: AbortSignal,
): Promise<ReconcileResult | 'evicted'> {
  const { clock } = context;
  const delay = evictionDelay(cluster, binding.metadata.annotations ?? {}, clock.now());
  if (delay === undefined) return { requeueAfterMs: LOOK_AGAIN_MS };
  if (delay > 0) return { requeueAfterMs: Math.min(delay * 1000, LOOK_AGAIN_MS) };
  await evict(context, { kind, cluster, binding }, signal);
  return 'evicted';
}

async function evict(context: ControllerContext, { kind, cluster, binding }: Case, signal: AbortSignal): Promise<void> {
  const { hub, clock, recorder, informers } = context;
  const name = cluster.metadata.name ?? '';
  const because = refusedBySnapshot(informers.of(clusters), { seen: cluster, why: 'it has a NoExecute taint that is not tolerated' });
  try {
    const change = (present: ResourceBinding): ResourceBinding => {
      const spec = evicted(present.spec, taskFor(context, present, name), because);
      return spec === present.spec ? present : { ...present, spec };
    };
    await updateFresh({ client: hub, clock, resource: kind.resource }, keyOf(binding), { cached: binding, change }, signal);
  } catch (error) {
    if (!signal.aborted)
      for (const subject of [binding, templateSubject(binding)])
        recorder.event(subject, 'Warning', eventReasons.evictWorkloadFromClusterFailed, `Evict from cluster ${name} failed.`);
    throw error;
  }
}

function taskFor({ gates, options }: ControllerContext, { spec, status }: ResourceBinding, cluster: string): GracefulEvictionTask {
  const rules = spec.failover?.cluster?.statePreservation;
  const keepsState = rules?.rules.length && gateEnabled(gates, 'StatefulFailoverInjection');
  return {
    fromCluster: cluster,
    purgeMode: purgeMode(spec.failover, options.noExecuteTaintEvictionPurgeMode),
    reason: evictionReasons.taintUntolerated,
    producer: TAINT_MANAGER,
    ...(keepsState ? { preservedLabelState: preservedState(cluster, rules, status?.aggregatedStatus ?? []) } : {}),
  };
}
