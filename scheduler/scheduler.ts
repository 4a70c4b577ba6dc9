// The running scheduler. Bindings whose turn it is are decided one at a time, in the order of the queue; their writes are
// in flight together. A key stays in processing until its last write is durable, so it is never decided twice at once.

import { clusters as clusterResource, clusterResourceBindings, resourceBindings } from '../crds/index.ts';
import type { Estimator } from '../estimator/index.ts';
import { generalEstimator } from '../estimator/index.ts';
import {
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
import { accurateEstimators, type Following, followClusters } from './accurate.ts';
import { AssumedWorkloads } from './assumed.ts';
import { type BindingQueue, fifoQueue, priorityQueue } from './binding-queue.ts';
import { commit } from './commit.ts';
import { type Decided, decide } from './decide.ts';
import { bindingEnqueues, clusterForms, concernedBy, gainsApi, queueEntry, terminatingOf } from './events.ts';
import { DeletedClusters, withProof } from './evidence.ts';
import { plainFailure } from './failure.ts';
import { peersOf } from './framework/peers.ts';
import type { SchedulerPlugin } from './framework/plugin.ts';
import { enabledPlugins, mergePlugins } from './framework/registry.ts';
import { type Gates, gates as gatesOf } from './gates.ts';
import { type QueueEvent, type SchedulerMetrics, schedulerMetrics } from './metrics.ts';
import { defaultSchedulerFlags, type SchedulerFlags } from './options.ts';
import { queueResultOf } from './outcome.ts';
import { ownPlugins } from './plugins/index.ts';
import { type CycleOptions, schedule } from './schedule.ts';
import { isWorkload } from './spec.ts';
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
}

export interface Scheduler {
  readonly name: string;
  run(signal: AbortSignal): Promise<void>;
  /** The last decision about a binding, as long as it is remembered. */
  explain(key: string): Decided | undefined;
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
const MAX_RECORDS = 4_096;
const FAN_OUT_CHUNK = 500;

export function scheduler(o: SchedulerOptions): Scheduler {
  return new RunningScheduler(o);
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
  readonly #queue: BindingQueue;
  readonly #metrics: SchedulerMetrics | undefined;
  readonly #written: WrittenBindings;
  readonly #deleted = new DeletedClusters();
  readonly #assumed: AssumedWorkloads;
  readonly #records = new Map<string, Decided>();
  /** Bindings that were refused by a cluster for want of an API. */
  readonly #wantApi = new Set<string>();
  readonly #writes = new Set<Promise<void>>();

  constructor(o: SchedulerOptions) {
    this.#o = o;
    this.#flags = { ...defaultSchedulerFlags, ...o.flags };
    this.#gates = gatesOf(this.#flags.featureGates);
    this.#log = o.log ?? silent;
    this.#cycle = {
      gates: this.#gates,
      plugins: enabledPlugins(mergePlugins(ownPlugins(this.#gates), o.plugins ?? []), this.#flags.plugins),
      estimators: [
        generalEstimator({
          models: this.#gates.CustomizedClusterResourceModeling,
          subtractAssumed: this.#gates.SchedulingOvercommitProtection,
        }),
        ...(o.estimators ?? []),
      ],
      emptyWorkloadPropagation: this.#flags.enableEmptyWorkloadPropagation,
    };
    const source = { client: o.hub, clock: o.clock, log: this.#log };
    this.#clusters = informer<Cluster>({ ...source, resource: clusterResource });
    this.#bindings = [
      informer<Binding>({ ...source, resource: resourceBindings }),
      informer<Binding>({ ...source, resource: clusterResourceBindings }),
    ] as const;
    this.#queue = this.#gates.PriorityBasedScheduling ? priorityQueue(o.clock) : fifoQueue(o.clock, this.#limits());
    this.#metrics = o.metrics && schedulerMetrics(o.metrics, o.clock, () => this.#queue.sizes);
    this.#written = new WrittenBindings(this.#bindings);
    this.#assumed = new AssumedWorkloads(() => o.clock.now());
  }

  #limits() {
    const { rateLimiterBaseDelayMs, rateLimiterMaxDelayMs, rateLimiterQps, rateLimiterBucketSize } = this.#flags;
    return { baseDelayMs: rateLimiterBaseDelayMs, maxDelayMs: rateLimiterMaxDelayMs, qps: rateLimiterQps, burst: rateLimiterBucketSize };
  }

  explain(key: string): Decided | undefined {
    return this.#records.get(key);
  }

  async run(signal: AbortSignal): Promise<void> {
    const stops = this.#bindings.map(i => i.subscribe(change => this.#onBinding(change)));
    stops.push(this.#clusters.subscribe(change => this.#onCluster(change, signal)));
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
    await Promise.all([...running, ...this.#writes]);
  }

  /** Adds the accurate estimators where the flag asks for them; stopping closes their connections. */
  async #connect(signal: AbortSignal): Promise<Following | undefined> {
    if (!this.#flags.enableSchedulerEstimator) return undefined;
    const o = { hub: this.#o.hub, clock: this.#o.clock, log: this.#log, flags: this.#flags };
    const estimator = await accurateEstimators(o);
    this.#cycle = { ...this.#cycle, estimators: [...this.#cycle.estimators, estimator] };
    const following = followClusters(estimator, this.#clusters, o, signal);
    const stop = (): void => {
      following.stop();
      estimator.close();
    };
    return { ...following, stop };
  }

  #onBinding({ type, object, old }: { type: string; object: Binding; old?: Binding }): void {
    const { key, priority } = queueEntry(object);
    if (type === 'deleted') {
      this.#forget(key);
      return;
    }
    this.#written.seen(object);
    if (old) this.#assumed.observe(key, old, object);
    if (bindingEnqueues(old, object, this.#flags.schedulerName)) this.#enqueue(key, priority, old ? 'BindingUpdate' : 'BindingAdd');
  }

  #enqueue(key: string, priority: number, event: QueueEvent): void {
    this.#metrics?.queued(event);
    this.#queue.push(key, priority);
  }

  #forget(key: string): void {
    this.#written.gone(key);
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
    if (forms.length) void this.#track(this.#fanOut(forms, signal));
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

  /** Lets work run on; it is waited for at the end. */
  #track(work: Promise<void>): Promise<void> {
    const tracked = work
      .catch(error => this.#log.error({ err: errorText(error) }, 'scheduling failed'))
      .finally(() => this.#writes.delete(tracked));
    this.#writes.add(tracked);
    return tracked;
  }

  async #next(signal: AbortSignal): Promise<void> {
    const key = await this.#queue.take(signal);
    while (this.#writes.size >= MAX_WRITES) await Promise.race(this.#writes);
    const binding = this.#written.get(key);
    if (!binding) {
      this.#queue.done(key, 'forget');
      return;
    }
    const since = this.#o.clock.monotonic();
    const decided = await this.#decide(key, binding, signal);
    this.#remember(key, decided);
    const written = this.#track(this.#commit({ key, binding, decided, since }, signal));
    if (this.#nextDependsOn(binding)) await written;
  }

  /** Must the next decision know of this one's result? Otherwise its writes are left in flight. */
  #nextDependsOn({ spec: { workloadAffinityGroups: groups } }: Binding): boolean {
    const grouped = !!groups?.affinityGroup || !!groups?.antiAffinityGroup;
    return this.#gates.SchedulingOvercommitProtection || (this.#gates.WorkloadAffinity && grouped);
  }

  async #decide(key: string, binding: Binding, signal: AbortSignal): Promise<Decided> {
    const snapshot = this.#clusters.list();
    const { namespace = '' } = binding.metadata;
    const peers = this.#gates.WorkloadAffinity && namespace ? this.#peersOf(binding, namespace) : undefined;
    const assumed = this.#gates.SchedulingOvercommitProtection ? this.#assumed.others(key) : undefined;
    const laps = this.#metrics?.laps();
    try {
      const decided = await decide(binding, {
        terminating: terminatingOf(snapshot),
        gates: this.#gates,
        cycle: status =>
          schedule(
            snapshot,
            { spec: binding.spec, status, namespace, ...(peers ? { peers } : {}), ...(assumed ? { assumed } : {}) },
            { ...this.#cycle, ...(laps ? { lap: laps } : {}), signal },
          ),
      });
      return withProof(binding, decided, { clusters: this.#clusters, deleted: this.#deleted });
    } catch (error) {
      if (signal.aborted) throw error;
      const failure = plainFailure(errorText(error));
      return { trigger: 'always', verdict: { kind: 'failed', failure }, attempts: [], warnings: [] };
    }
  }

  #peersOf(binding: Binding, namespace: string) {
    return peersOf({ binding, namespace, bindings: this.#bindings[0].list(namespace), assigning: this.#written.list() });
  }

  #remember(key: string, decided: Decided): void {
    if (decided.verdict.kind === 'idle') return;
    this.#records.delete(key);
    this.#records.set(key, decided);
    for (const oldest of this.#records.keys()) {
      if (this.#records.size <= MAX_RECORDS) break;
      this.#records.delete(oldest);
    }
    const lacksApi = decided.attempts.some(a => a.decision.record.refused.some(r => r.plugin === 'APIEnablement'));
    if (lacksApi) this.#wantApi.add(key);
    else this.#wantApi.delete(key);
  }

  async #commit({ key, binding, decided, since }: Attempt, signal: AbortSignal): Promise<void> {
    let error: Error | undefined = new Error('not written');
    try {
      const writer = bindingWriter(binding, { ...this.#o, signal, onWritten: written => this.#written.add(written) });
      error = await commit(binding, decided, writer);
      if (!error) this.#assume(key, binding, decided);
      else this.#log.warn({ binding: key, err: errorText(error) }, 'binding not scheduled');
    } finally {
      const result = queueResultOf(error);
      if (result !== 'forget') this.#metrics?.queued('ScheduleAttemptFailure');
      this.#metrics?.attempted(decided.trigger, { failed: error !== undefined, since });
      this.#queue.done(key, result);
    }
  }

  #assume(key: string, binding: Binding, { verdict }: Decided): void {
    if (!this.#gates.SchedulingOvercommitProtection || verdict.kind !== 'placed' || !binding.metadata.namespace) return;
    if (isWorkload(binding.spec)) this.#assumed.assume(key, binding, verdict.clusters);
  }
}
