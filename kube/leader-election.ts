// Of several processes one leads: whoever holds a Lease, as client-go does it. Invariant: a candidate takes a lease only after it has seen it unchanged for the
// lease's own duration by its own clock, and a leader stops before that time is over: it ends when it could not renew for the renew deadline.
import type { Client } from './client.ts';
import { type Clock, microTimestamp, sleep } from './clock.ts';
import type { EventRecorder } from './events.ts';
import { errorText, type Logger, silent } from './log.ts';
import type { KubeObject } from './object.ts';
import { resource } from './resource.ts';
import { isStatusError } from './status-error.ts';

interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}
interface Lease extends KubeObject {
  readonly spec?: LeaseSpec;
}

const leases = resource<Lease>({ group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', plural: 'leases', scope: 'Namespaced' });
const JITTER = 1.2;

export interface LeaderElectionOptions {
  /** Not limited by what the work asks for. */
  readonly client: Client;
  readonly clock: Clock;
  readonly lease: { readonly namespace: string; readonly name: string };
  /** Unique among the candidates. */
  readonly identity: string;
  readonly leaseDurationMs: number;
  readonly renewDeadlineMs: number;
  readonly retryPeriodMs: number;
  readonly log?: Logger;
  readonly recorder?: EventRecorder;
}

export class LeadershipLost extends Error {
  override readonly name = 'LeadershipLost';
}

/** What is wrong with the three times together; undefined where they fit. */
export function leaderElectionFault(
  o: Pick<LeaderElectionOptions, 'leaseDurationMs' | 'renewDeadlineMs' | 'retryPeriodMs'>,
): string | undefined {
  if (o.leaseDurationMs < 1000) return 'the lease duration must be at least 1s';
  if (o.leaseDurationMs <= o.renewDeadlineMs) return 'the lease duration must be greater than the renew deadline';
  if (o.retryPeriodMs <= 0) return 'the retry period must be greater than zero';
  if (o.renewDeadlineMs <= o.retryPeriodMs * JITTER) return `the renew deadline must be greater than ${JITTER} times the retry period`;
  return undefined;
}

export class LeaderElector {
  readonly #o: LeaderElectionOptions;
  readonly #log: Logger;
  /** The lease as last seen, and when it was first seen so, by our own clock. */
  #seen: Lease | undefined;
  #seenAt = 0;

  constructor(o: LeaderElectionOptions) {
    this.#o = o;
    this.#log = o.log ?? silent;
  }

  get isLeader(): boolean {
    return this.#seen?.spec?.holderIdentity === this.#o.identity;
  }

  /** Who leads as far as is known; '' for nobody. */
  get leader(): string {
    return this.#seen?.spec?.holderIdentity ?? '';
  }

  /** Waits for leadership, then works until the signal fires and gives the lease back. Rejects with LeadershipLost when it could not be renewed in time. */
  async run(work: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    const { clock, recorder, lease } = this.#o;
    while (!signal.aborted && !(await this.#try(signal)))
      await sleep(clock, this.#o.retryPeriodMs * (1 + clock.random() * (JITTER - 1)), signal).catch(() => undefined);
    if (signal.aborted) return;
    this.#log.info({ lease: `${lease.namespace}/${lease.name}`, identity: this.#o.identity }, 'became leader');
    if (this.#seen)
      recorder?.event(
        { ...this.#seen, apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' },
        'Normal',
        'LeaderElection',
        `${this.#o.identity} became leader`,
      );
    const lost = new AbortController();
    const renewing = this.#renew(lost, signal);
    try {
      await work(AbortSignal.any([signal, lost.signal]));
      if (!signal.aborted && !lost.signal.aborted) lost.abort(new LeadershipLost('the work ended'));
    } finally {
      lost.abort();
      await renewing;
      await this.#release();
    }
    if (lost.signal.reason instanceof LeadershipLost && !signal.aborted) throw lost.signal.reason;
  }

  /** Renews until the signal fires, or tells that it could not. */
  async #renew(lost: AbortController, signal: AbortSignal): Promise<void> {
    const { clock, retryPeriodMs, renewDeadlineMs, lease } = this.#o;
    const until = AbortSignal.any([signal, lost.signal]);
    let renewedAt = clock.monotonic();
    while (!until.aborted) {
      await sleep(clock, retryPeriodMs, until).catch(() => undefined);
      if (until.aborted) return;
      const left = renewedAt + renewDeadlineMs - clock.monotonic();
      const renewed = left > 0 && (await this.#tryWithin(left, until));
      if (until.aborted) return;
      if (renewed) renewedAt = clock.monotonic();
      else if (clock.monotonic() - renewedAt >= renewDeadlineMs)
        lost.abort(
          new LeadershipLost(`the lease ${lease.namespace}/${lease.name} could not be renewed within ${renewDeadlineMs / 1000} s`),
        );
    }
  }

  async #tryWithin(ms: number, signal: AbortSignal): Promise<boolean> {
    const late = new AbortController();
    const timer = this.#o.clock.after(ms, () => late.abort());
    try {
      return await this.#try(AbortSignal.any([signal, late.signal]));
    } finally {
      timer.cancel();
    }
  }

  /** One attempt to acquire or renew. */
  async #try(signal: AbortSignal): Promise<boolean> {
    const { client, lease, identity } = this.#o;
    try {
      const present = await client.get(leases, lease, { signal }).catch((error: unknown) => {
        if (isStatusError(error, 'NotFound')) return undefined;
        throw error;
      });
      if (!present) {
        this.#note(await client.create(leases, this.#wanted(undefined), { signal }));
        return true;
      }
      if (present.metadata.resourceVersion !== this.#seen?.metadata.resourceVersion) this.#note(present);
      if (present.spec?.holderIdentity && present.spec.holderIdentity !== identity && this.#isValid(present)) return false;
      this.#note(await client.update(leases, this.#wanted(present), { signal }));
      return true;
    } catch (error) {
      if (!signal.aborted && !isStatusError(error, 'Conflict') && !isStatusError(error, 'AlreadyExists'))
        this.#log.warn({ lease: `${lease.namespace}/${lease.name}`, err: errorText(error) }, 'the lease could not be taken');
      return false;
    }
  }

  #note(seen: Lease): void {
    this.#seen = seen;
    this.#seenAt = this.#o.clock.monotonic();
  }

  #isValid({ spec }: Lease): boolean {
    return this.#o.clock.monotonic() < this.#seenAt + (spec?.leaseDurationSeconds ?? 0) * 1000;
  }

  #wanted(present: Lease | undefined): Lease {
    const { clock, identity, lease, leaseDurationMs } = this.#o;
    const now = microTimestamp(clock.now());
    const isOurs = present?.spec?.holderIdentity === identity;
    const transitions = present?.spec?.leaseTransitions ?? 0;
    return {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: present?.metadata ?? lease,
      spec: {
        ...present?.spec,
        holderIdentity: identity,
        leaseDurationSeconds: Math.floor(leaseDurationMs / 1000),
        acquireTime: (isOurs ? present.spec?.acquireTime : undefined) ?? now,
        renewTime: now,
        leaseTransitions: isOurs || !present ? transitions : transitions + 1,
      },
    };
  }

  /** Gives the lease back, so that the next one need not wait; a failure only makes it wait. */
  async #release(): Promise<void> {
    const { clock, renewDeadlineMs } = this.#o;
    if (!this.isLeader) return;
    const late = new AbortController();
    const timer = clock.after(Math.min(renewDeadlineMs, 3000), () => late.abort());
    try {
      // A renewal that was broken off may have been stored, and may still be under way: the lease is read anew.
      while (!(await this.#releaseOnce(late.signal)));
    } catch (error) {
      this.#log.warn({ err: errorText(error) }, 'the lease was not given back');
    } finally {
      timer.cancel();
    }
  }

  /** Whether the lease is no longer ours; false where somebody changed it meanwhile. */
  async #releaseOnce(signal: AbortSignal): Promise<boolean> {
    const { client, clock, lease, identity } = this.#o;
    const present = await client.get(leases, lease, { signal });
    this.#note(present);
    if (present.spec?.holderIdentity !== identity) return true;
    const spec = { ...present.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: microTimestamp(clock.now()) };
    try {
      this.#note(await client.update(leases, { ...present, spec }, { signal }));
      return true;
    } catch (error) {
      if (isStatusError(error, 'Conflict')) return false;
      throw error;
    }
  }
}
