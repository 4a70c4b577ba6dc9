// The estimator of a member inside the process that asks: it follows the member as `flotilla estimator` does, without a server and
// a port between. For planes of one process.
import { type Clock, plain500, sleep } from '../kube/index.ts';
import type { MemberEstimator } from './member.ts';
import type { EstimatorConnection } from './of-members.ts';

const SYNC_MS = 5_000;

/** Starts the estimator and keeps it until the connection is closed. Rejects where its copies are not complete in time. */
export async function nearConnection(estimator: MemberEstimator, clock: Clock, signal: AbortSignal): Promise<EstimatorConnection> {
  const stop = new AbortController();
  const waited = new AbortController();
  const late = sleep(clock, SYNC_MS, AbortSignal.any([signal, waited.signal])).then(() => {
    throw new Error(`the member was not read to its end within ${SYNC_MS / 1000} s`);
  });
  void estimator.run(stop.signal);
  try {
    await Promise.race([estimator.synced, late]);
  } catch (error) {
    stop.abort();
    throw error;
  } finally {
    waited.abort();
    late.catch(() => undefined);
  }
  const { handlers } = estimator;
  return {
    replicas: async message => handlers.replicas(message),
    sets: async message => handlers.sets(message),
    async unschedulable(message) {
      const { resource } = message;
      if (!resource) throw plain500('no workload was named');
      return handlers.unschedulable({ ...message, resource });
    },
    close: () => stop.abort(),
  };
}
