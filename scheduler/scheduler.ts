// The running scheduler. Bindings whose turn it is are decided one at a time, in the order of the queue; their writes are
// in flight together. A key stays in processing until its last write is durable, so it is never decided twice at once.

import { clusters as clusterResource, clusterResourceBindings, resourceBindings } from '../crds/index.ts';
import { type Estimator, generalEstimator, recentAnswers } from '../estimator/index.ts';
import {
  type Change,
  type Client,
  type Clock,
  type EventRecorder,
  errorText,
  informer,
  type Logger,
  type Metrics,
  silent,
  sleep,
} from '../kube/index.ts';
import { accurateEstimators, type Following, followClusters, type NearEstimators } from './accurate.ts';
import { AssumedWorkloads } from './assumed.ts';
import { type BindingQueue, fifoQueue, priorityQueue } from './binding-queue.ts';
import { commit, showsResult } from './commit.ts';
import type { Decided } from './decide.ts';
import { Decider } from './decider.ts';
import { accepts, bindingEnqueues, clusterForms, concernedBy, gainsApi, queueEntry } from './events.ts';
import { DeletedClusters, withProof } from './evidence.ts';
import { type Explanation, explanation } from './explain/document.ts';
import { DecisionRecords } from './explain/records.ts';
import { loadPlugins } from './framework/load.ts';
import { peersOf } from './framework/peers.ts';
import type { SchedulerPlugin } from './framework/plugin.ts';
import { enabledPlugins, mergePlugins } from './framework/registry.ts';
import { type Gates, gates as gatesOf } from './gates.ts';
import { InFlight } from './in-flight.ts';
import { type QueueEvent, type SchedulerMetrics, schedulerMetrics } from './metrics.ts';
import { defaultSchedulerFlags, type SchedulerFlags } from './options.ts';
import { queueResultOf, SCHEDULED } from './outcome.ts';
import { OwnGenerations, type OwnResult } from './own-generations.ts';
import { ownPlugins } from './plugins/index.ts';
import type { CycleOptions } from './schedule.ts';
import { Snapshots } from './snapshot.ts';
import { isWorkload } from './spec.ts';
import { triggerOf } from './triggers.ts';
import type { Binding, Cluster } from './types.ts';
import { bindingWriter } from './writer.ts';
import { WrittenBindings } from './written.ts';

export interface SchedulerOptions {
  readonly hub: Client;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly log?: Logger;
  readonly flags?: Partial<SchedulerFlags>;
  readonly metrics?: Metrics;
  /** Beside our own. */
  readonly plugins?: readonly SchedulerPlugin[];
  /** Beside the general one. */
  readonly estimators?: readonly Estimator[];
  /** Accurate estimators of this process, for clusters whose estimator no Service names. */
  readonly nearEstimators?: NearEstimators;
  /** Takes over from a scheduler that ran until now: of the bindings that are there, only unobserved changes are news. */
  readonly resumed?: boolean;
}

export interface Scheduler {
  readonly name: string;
  run(signal: AbortSignal): Promise<void>;
  /** Why a binding (`namespace/name` or `name`) is where it is; undefined where there is no such binding. */
  explain(key: string, signal: AbortSignal): Promise<Explanation | undefined>;
}

/** One decision on its way into storage. */
interface Attempt {
  readonly key: string;
  readonly binding: Binding;
  readonly decided: Decided;
  /** When it was taken from the queue. */
  readonly since: number;
}

const MAX_WRITES = 256;
const FAN_OUT_CHUNK = 500;
/** How long decisions may follow each other before others get their turn on the event loop. */
const SLICE_MS = 10;

export function scheduler(o: SchedulerOptions): Scheduler {
  return new RunningScheduler(o);
}

/** What cycles work with under these flags, without the accurate estimators and what is to be loaded. */
function cycleOptions(flags: SchedulerFlags, o: Pick<SchedulerOptions, 'plugins' | 'estimators'> = {}): Omit<CycleOptions, 'signal'> {
  const gates = gatesOf(flags.featureGates);
  return {
    gates,
    plugins: enabledPlugins(mergePlugins(ownPlugins(gates), o.plugins ?? []), flags.plugins),
    estimators: [
      generalEstimator({ models: gates.CustomizedClusterResourceModeling, subtractAssumed: gates.SchedulingOvercommitProtection }),
      ...(o.estimators ?? []),
    ],
    emptyWorkloadPropagation: flags.enableEmptyWorkloadPropagation,
  };
}

/** The same with the plugins that the flag names by path. */
export async function loadedCycleOptions(
  flags: SchedulerFlags,
  o: Pick<SchedulerOptions, 'plugins' | 'estimators'> = {},
): Promise<Omit<CycleOptions, 'signal'>> {
  const { plugins, names } = await loadPlugins(flags.plugins);
  return cycleOptions({ ...flags, plugins: names }, { ...o, plugins: [...(o.plugins ?? []), ...plugins] });
}

/** Has a scheduler answered all there is about it: placed it, or found no cluster for it? */
function isSettled({ metadata, status = {} }: Binding): boolean {
  const condition = status.conditions?.find(c => c.type === SCHEDULED);
  return (
    status.schedulerObservedGeneration === metadata.generation || (condition?.status === 'False' && condition.reason === 'NoClusterFit')
  );
}

class RunningScheduler implements Scheduler {
  readonly name = 'scheduler';
  readonly #o: SchedulerOptions;
  readonly #flags: SchedulerFlags;
  readonly #gates: Gates;
  readonly #log: Logger;
  #cycle: Omit<CycleOptions, 'signal'>;
  readonly #clusters;
  readonly #bindings;
  readonly #snapshots: Snapshots;
  readonly #decider: Decider;
  readonly #queue: BindingQueue;
  readonly #metrics: SchedulerMetrics | undefined;
  readonly #written: WrittenBindings;
  readonly #own = new OwnGenerations();
  readonly #deleted = new DeletedClusters();
  readonly #assumed: AssumedWorkloads;
  readonly #records = new DecisionRecords();
  /** Bindings that were refused by a cluster for want of an API. */
  readonly #wantApi = new Set<string>();
  readonly #writes: InFlight;
  #busyMs = 0;

  constructor(o: SchedulerOptions) {
    this.#o = o;
    this.#flags = { ...defaultSchedulerFlags, ...o.flags };
    this.#gates = gatesOf(this.#flags.featureGates);
    this.#log = o.log ?? silent;
    this.#cycle = cycleOptions(this.#flags, o);
    const source = { client: o.hub, clock: o.clock, log: this.#log };
    this.#clusters = informer<Cluster>({ ...source, resource: clusterResource });
    this.#bindings = [
      informer<Binding>({ ...source, resource: resourceBindings }),
      informer<Binding>({ ...source, resource: clusterResourceBindings }),
    ] as const;
    this.#snapshots = new Snapshots(this.#clusters, o.clock);
    this.#queue = this.#gates.PriorityBasedScheduling ? priorityQueue(o.clock) : fifoQueue(o.clock, this.#limits());
    this.#metrics = o.metrics && schedulerMetrics(o.metrics, o.clock, () => this.#queue.sizes);
    this.#written = new WrittenBindings(this.#bindings);
    this.#assumed = new AssumedWorkloads(() => o.clock.now());
    this.#writes = new InFlight(MAX_WRITES, error => this.#log.error({ err: errorText(error) }, 'scheduling failed'));
    this.#decider = new Decider({
      clock: o.clock,
      cycle: () => ({ ...this.#cycle, ...this.#metrics?.cycle(this.#cycle.plugins) }),
      snapshot: () => this.#snapshots.current(),
      peers: binding => this.#peersOf(binding),
      assumed: binding => (this.#gates.SchedulingOvercommitProtection ? this.#assumed.others(queueEntry(binding).key) : undefined),
    });
  }

  #limits() {
    const { rateLimiterBaseDelayMs, rateLimiterMaxDelayMs, rateLimiterQps, rateLimiterBucketSize } = this.#flags;
    return { baseDelayMs: rateLimiterBaseDelayMs, maxDelayMs: rateLimiterMaxDelayMs, qps: rateLimiterQps, burst: rateLimiterBucketSize };
  }

  async explain(key: string, signal: AbortSignal): Promise<Explanation | undefined> {
    const binding = this.#written.get(key);
    if (!binding) return undefined;
    const kept = this.#records.get(key);
    const recorded = kept?.inputs.uid === (binding.metadata.uid ?? '') ? kept : undefined;
    return explanation(recorded ?? (await this.#decider.recompute(binding, signal)), {
      binding,
      source: recorded ? 'Recorded' : 'Recomputed',
      cluster: name => this.#clusters.get(name),
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    const stops = this.#bindings.map(i => i.subscribe(change => this.#onBinding(change)));
    stops.push(
      this.#snapshots.start(),
      this.#clusters.subscribe(change => this.#onCluster(change, signal)),
    );
    this.#cycle = await loadedCycleOptions(this.#flags, this.#o);
    const accurate = await this.#connect(signal);
    if (accurate) stops.push(accurate.stop);
    const sources = [this.#clusters, ...this.#bindings];
    const running = [...sources.map(i => i.run(signal)), this.#queue.run(signal)];
    const aborted = new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }));
    await Promise.race([Promise.all(sources.map(i => i.synced)), aborted]);
    await Promise.race([accurate?.settled(), aborted]);
    while (!signal.aborted) {
      try {
        await this.#next(signal);
      } catch (error) {
        if (!signal.aborted) this.#log.error({ err: errorText(error) }, 'scheduling failed');
      }
    }
    for (const stop of stops) stop();
    await Promise.all([...running, this.#writes.drained()]);
  }

  /** Adds the accurate estimators where the flag asks for them; stopping closes their connections. */
  async #connect(signal: AbortSignal): Promise<Following | undefined> {
    if (!this.#flags.enableSchedulerEstimator) return undefined;
    const { hub, clock, nearEstimators } = this.#o;
    const o = { hub, clock, log: this.#log, flags: this.#flags, ...(nearEstimators ? { near: nearEstimators } : {}) };
    const estimator = await accurateEstimators(o);
    this.#cycle = { ...this.#cycle, estimators: [...this.#cycle.estimators, recentAnswers(estimator, this.#o.clock)] };
    const following = followClusters(estimator, this.#clusters, o, signal);
    const stop = (): void => {
      following.stop();
      estimator.close();
    };
    return { ...following, stop };
  }

  #onBinding({ type, object, old, initial }: Change<Binding>): void {
    const { key, priority } = queueEntry(object);
    if (type === 'deleted') {
      this.#forget(key);
      return;
    }
    this.#written.seen(object);
    if (old) this.#assumed.observe(key, old, object);
    if (initial && this.#o.resumed && isSettled(object)) return;
    const { schedulerName } = this.#flags;
    if (!bindingEnqueues(old, object, schedulerName)) return;
    if (old && accepts(old, schedulerName) && this.#own.explains(key, object)) return;
    this.#enqueue(key, priority, old ? 'BindingUpdate' : 'BindingAdd');
  }

  #enqueue(key: string, priority: number, event: QueueEvent): void {
    this.#metrics?.queued(event);
    if (event === 'ClusterChanged') this.#own.disturb(key);
    this.#queue.push(key, priority);
  }

  #forget(key: string): void {
    this.#written.gone(key);
    this.#own.gone(key);
    this.#assumed.release(key);
    this.#records.delete(key);
    this.#wantApi.delete(key);
    this.#queue.drop(key);
  }

  #onCluster({ type, object, old }: { type: string; object: Cluster; old?: Cluster }, signal: AbortSignal): void {
    if (type === 'deleted') this.#deleted.add(object);
    if (type !== 'updated' || !old) return;
    if (this.#gates.RescheduleOnAPI) this.#onApis(old, object);
    const forms = clusterForms(old, object);
    if (forms.length) void this.#writes.start(this.#fanOut(forms, signal));
  }

  #onApis(old: Cluster, now: Cluster): void {
    for (const key of this.#wantApi) {
      const binding = this.#written.get(key);
      if (binding && gainsApi(old, now, binding.spec.resource)) this.#enqueue(key, queueEntry(binding).priority, 'ClusterChanged');
    }
  }

  /** Asks all bindings in small portions, so that many of them do not hold up everything else. */
  async #fanOut(forms: readonly Cluster[], signal: AbortSignal): Promise<void> {
    const bindings = this.#bindings.flatMap(i => i.list());
    for (let i = 0; i < bindings.length && !signal.aborted; i += FAN_OUT_CHUNK) {
      for (const binding of concernedBy(forms, bindings.slice(i, i + FAN_OUT_CHUNK), this.#flags.schedulerName)) {
        const { key, priority } = queueEntry(binding);
        this.#enqueue(key, priority, 'ClusterChanged');
      }
      if (i + FAN_OUT_CHUNK < bindings.length) await sleep(this.#o.clock, 0, signal).catch(() => undefined);
    }
  }

  async #next(signal: AbortSignal): Promise<void> {
    const key = await this.#queue.take(signal);
    await this.#writes.room();
    const binding = this.#written.get(key);
    if (!binding) {
      this.#queue.done(key, 'forget');
      return;
    }
    const since = this.#o.clock.monotonic();
    try {
      const decided = await this.#decide(key, binding, signal);
      const written = this.#writes.start(this.#commit({ key, binding, decided, since }, signal));
      if (this.#nextDependsOn(binding)) await written;
    } catch (error) {
      this.#queue.done(key, 'backoff');
      throw error;
    }
  }

  async #decide(key: string, binding: Binding, signal: AbortSignal): Promise<Decided> {
    await this.#yield(signal);
    const recorded = await this.#decider.decide(binding, signal);
    this.#busyMs += recorded.inputs.tookMs;
    const decided = withProof(binding, recorded.decided, { clusters: this.#clusters, deleted: this.#deleted });
    if (decided.verdict.kind !== 'idle') this.#records.set(key, { ...recorded, decided });
    this.#noteWantedApi(key, decided);
    return decided;
  }

  /** Many decisions in a row do not hold up everything else. */
  async #yield(signal: AbortSignal): Promise<void> {
    if (this.#busyMs < SLICE_MS) return;
    this.#busyMs = 0;
    await sleep(this.#o.clock, 0, signal);
  }

  /** Must the next decision know of this one's result? Otherwise its writes are left in flight. */
  #nextDependsOn({ spec: { workloadAffinityGroups: groups } }: Binding): boolean {
    const grouped = !!groups?.affinityGroup || !!groups?.antiAffinityGroup;
    return this.#gates.SchedulingOvercommitProtection || (this.#gates.WorkloadAffinity && grouped);
  }

  #peersOf(binding: Binding) {
    const { namespace } = binding.metadata;
    if (!this.#gates.WorkloadAffinity || !namespace) return undefined;
    return peersOf({ binding, namespace, bindings: this.#bindings[0].list(namespace), assigning: this.#written.list() });
  }

  #noteWantedApi(key: string, { verdict, attempts }: Decided): void {
    if (verdict.kind === 'idle') return;
    const lacksApi = attempts.some(a => a.decision.record.refused.some(r => r.plugin === 'APIEnablement'));
    if (lacksApi) this.#wantApi.add(key);
    else this.#wantApi.delete(key);
  }

  async #commit({ key, binding, decided, since }: Attempt, signal: AbortSignal): Promise<void> {
    let error: Error | undefined = new Error('not written');
    const writer = bindingWriter(binding, { ...this.#o, signal, onWritten: written => this.#written.add(written) });
    this.#own.begin(key);
    try {
      const isTold = this.#own.isConfirmation(key, binding) && showsResult(binding, decided.verdict);
      error = isTold ? undefined : await commit(binding, decided, writer);
      if (!error) this.#assume(key, binding, decided);
      else this.#log.warn({ binding: key, err: errorText(error) }, 'binding not scheduled');
    } finally {
      const result = queueResultOf(error);
      if (result !== 'forget') this.#metrics?.queued('ScheduleAttemptFailure');
      this.#metrics?.attempted(decided.trigger, { failed: error !== undefined, since });
      this.#queue.done(key, result);
      const isPlaced = !error && decided.verdict.kind === 'placed';
      const changed = this.#own.end(key, binding, isPlaced ? this.#resultOf(key, writer.generation()) : undefined);
      if (changed) this.#enqueue(key, queueEntry(changed).priority, 'BindingUpdate');
    }
  }

  /** What was written, and whether a second look at it would find nothing due. */
  #resultOf(key: string, generation: number): OwnResult {
    const written = this.#written.get(key);
    const o = { terminating: this.#snapshots.current().terminating, gates: this.#gates };
    return { generation, final: written?.metadata.generation === generation && triggerOf(written, o) === 'none' };
  }

  #assume(key: string, binding: Binding, { verdict }: Decided): void {
    if (!this.#gates.SchedulingOvercommitProtection || verdict.kind !== 'placed' || !binding.metadata.namespace) return;
    if (isWorkload(binding.spec)) this.#assumed.assume(key, binding, verdict.clusters);
  }
}
