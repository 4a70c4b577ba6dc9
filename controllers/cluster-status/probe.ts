// Is a member there, and does it call itself healthy? `/readyz`, or `/healthz` where that is not known.
import type { Clock, RawClient } from '../../kube/index.ts';
import { AnotherClusterError, type MemberIdentity } from '../member-identity.ts';
import type { Probe } from './ready-condition.ts';

const TIMEOUT_MS = 10_000;

/** What tells that another cluster answers in the member's place; undefined where nothing does. */
export async function strangerAt(identity: MemberIdentity, clock: Clock, signal: AbortSignal): Promise<AnotherClusterError | undefined> {
  try {
    await inTime(clock, signal, both => identity.ask(both));
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return error instanceof AnotherClusterError ? error : undefined;
  }
}

/** Never throws but for the signal: what cannot be reached is offline. */
export async function probe(client: RawClient, clock: Clock, signal: AbortSignal): Promise<Probe> {
  try {
    return await inTime(clock, signal, async both => {
      let answer = await client.raw('GET', '/readyz', { signal: both });
      if (answer.code === 404) answer = await client.raw('GET', '/healthz', { signal: both });
      return { online: true, healthy: answer.code === 200 };
    });
  } catch {
    signal.throwIfAborted();
    return { online: false, healthy: false };
  }
}

async function inTime<T>(clock: Clock, signal: AbortSignal, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const limit = new AbortController();
  const timer = clock.after(TIMEOUT_MS, () => limit.abort(new Error('the member did not answer in time')));
  try {
    return await ask(AbortSignal.any([signal, limit.signal]));
  } finally {
    timer.cancel();
  }
}
