// Decisions with what they were made from: the present clusters, the peers of a binding, what is promised already. Reads its
// copies and asks estimators; writes nothing.
import type { AssumedWorkload } from '../estimator/index.ts';
import { type Clock, errorText } from '../kube/index.ts';
import { type Decided, type DecideOptions, decide } from './decide.ts';
import { type RecordedDecision, recordDecision } from './explain/record.ts';
import { plainFailure } from './failure.ts';
import type { Peers } from './framework/plugin.ts';
import { type CycleOptions, schedule } from './schedule.ts';
import type { ClusterSnapshot } from './snapshot.ts';
import type { Binding } from './types.ts';

export interface DeciderOptions {
  readonly clock: Clock;
  /** Gates, plugins, estimators. */
  readonly cycle: () => Omit<CycleOptions, 'signal'>;
  readonly snapshot: () => ClusterSnapshot;
  readonly peers: (binding: Binding) => Peers | undefined;
  readonly assumed: (binding: Binding) => ReadonlyMap<string, readonly AssumedWorkload[]> | undefined;
}

export class Decider {
  readonly #o: DeciderOptions;

  constructor(o: DeciderOptions) {
    this.#o = o;
  }

  /** What is to become of the binding; a plugin that throws is a failure of the cycle. Rejects only when the signal fires. */
  decide(binding: Binding, signal: AbortSignal): Promise<RecordedDecision> {
    return this.#recorded(binding, signal, o => decide(binding, o));
  }

  /** What a cycle would find now, also where none is due. */
  recompute(binding: Binding, signal: AbortSignal): Promise<RecordedDecision> {
    return this.#recorded(binding, signal, async o => {
      const decided = await decide(binding, o);
      if (decided.verdict.kind !== 'idle') return decided;
      const affinityName = binding.status?.schedulerObservingAffinityName ?? '';
      return { ...decided, attempts: [{ affinityName, decision: await o.cycle(binding.status ?? {}) }] };
    });
  }

  async #recorded(binding: Binding, signal: AbortSignal, run: (o: DecideOptions) => Promise<Decided>): Promise<RecordedDecision> {
    const { clock } = this.#o;
    const snapshot = this.#o.snapshot();
    const started = clock.monotonic();
    const decidedAtMs = clock.now();
    const decided = await this.#guarded(signal, () => run(this.#options(binding, snapshot, signal)));
    return recordDecision(binding, decided, { decidedAtMs, tookMs: clock.monotonic() - started, clusters: snapshot.versions });
  }

  #options(binding: Binding, snapshot: ClusterSnapshot, signal: AbortSignal): DecideOptions {
    const { namespace = '' } = binding.metadata;
    const peers = this.#o.peers(binding);
    const assumed = this.#o.assumed(binding);
    const cycle = { ...this.#o.cycle(), signal, stopwatch: () => this.#o.clock.monotonic() };
    const known = { spec: binding.spec, namespace, ...(peers ? { peers } : {}), ...(assumed ? { assumed } : {}) };
    return {
      terminating: snapshot.terminating,
      gates: cycle.gates,
      cycle: status => schedule(snapshot.clusters, { ...known, status }, cycle),
    };
  }

  async #guarded(signal: AbortSignal, run: () => Promise<Decided>): Promise<Decided> {
    try {
      return await run();
    } catch (error) {
      if (signal.aborted) throw error;
      return { trigger: 'always', verdict: { kind: 'failed', failure: plainFailure(errorText(error)) }, attempts: [], warnings: [] };
    }
  }
}
