// Is a member there, and does it call itself healthy? `/readyz`, or `/healthz` where that is not known.
import type { Clock, RawClient } from '../../kube/index.ts';
import type { Probe } from './ready-condition.ts';

const TIMEOUT_MS = 10_000;

/** Never throws but for the signal: what cannot be reached is offline. */
export async function probe(client: RawClient, clock: Clock, signal: AbortSignal): Promise<Probe> {
  const limit = new AbortController();
  const timer = clock.after(TIMEOUT_MS, () => limit.abort(new Error('the health endpoint did not answer in time')));
  const both = AbortSignal.any([signal, limit.signal]);
  try {
    let answer = await client.raw('GET', '/readyz', { signal: both });
    if (answer.code === 404) answer = await client.raw('GET', '/healthz', { signal: both });
    return { online: true, healthy: answer.code === 200 };
  } catch {
    signal.throwIfAborted();
    return { online: false, healthy: false };
  } finally {
    timer.cancel();
  }
}
