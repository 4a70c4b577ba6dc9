// The estimators of all members as one estimator: clusters are asked in parallel under one deadline, and one that cannot answer
// makes the whole answer an error, as in the reference. How a member is reached is left to whoever opens its connection.
import type { Clock } from '../kube/index.ts';
import type { ReplicasMessage, SetsMessage, UnschedulableMessage } from './messages.ts';
import type { AssumedWorkload, Estimates, Estimator, UnschedulableEstimator } from './types.ts';

export interface AskOptions {
  /** Wall-clock time after which no answer counts. */
  readonly deadline: Date;
  /** Calls under way, to be cancelled when nobody wants the answer any more; each takes itself out when it ends. */
  readonly running: Set<{ cancel(): void }>;
}

/** The estimator of one member. */
export interface EstimatorConnection {
  replicas(message: ReplicasMessage, o: AskOptions): Promise<number>;
  sets(message: SetsMessage, o: AskOptions): Promise<number>;
  unschedulable(message: UnschedulableMessage, o: AskOptions): Promise<number>;
  close(): void;
}

export interface MembersEstimatorOptions {
  /** Rejects where the member's estimator cannot be reached. */
  open(cluster: string, signal: AbortSignal): Promise<EstimatorConnection>;
  /** Its wall clock gives deadlines. */
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Clusters asked at the same time. */
  readonly concurrency?: number;
}

export interface MembersEstimator extends Estimator, UnschedulableEstimator {
  /** Opens the connection to a cluster's estimator if there is none; rejects where none can be opened. */
  connect(cluster: string, signal: AbortSignal): Promise<void>;
  /** Closes the connection of a cluster that is gone. */
  drop(cluster: string): void;
  close(): void;
}

const DEFAULT_CONCURRENCY = 64;

export function estimatorOfMembers(o: MembersEstimatorOptions): MembersEstimator {
  const connections = new Map<string, EstimatorConnection>();

  async function ask(
    clusters: readonly string[],
    one: (connection: EstimatorConnection, cluster: string, a: AskOptions) => Promise<number>,
    signal: AbortSignal,
  ): Promise<Estimates> {
    const deadline = new Date(o.clock.now() + o.timeoutMs);
    const answers = new Map<string, number>();
    const left = clusters.values();
    const running: AskOptions['running'] = new Set();
    const cancel = (): void => {
      for (const call of running) call.cancel();
    };
    signal.addEventListener('abort', cancel, { once: true });
    const worker = async (): Promise<void> => {
      for (const cluster of left) {
        const connection = connections.get(cluster);
        if (!connection) throw new Error(`cluster ${cluster} does not exist in estimator cache`);
        answers.set(cluster, await one(connection, cluster, { deadline, running }));
      }
    };
    try {
      await Promise.all(Array.from({ length: Math.min(clusters.length, o.concurrency ?? DEFAULT_CONCURRENCY) }, worker));
      return answers;
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  const assumedOf = (assumed: ReadonlyMap<string, readonly AssumedWorkload[]> | undefined, cluster: string) => assumed?.get(cluster) ?? [];
  const namesOf = (clusters: readonly { readonly metadata: { readonly name?: string } }[]) => clusters.map(c => c.metadata.name ?? '');
  return {
    name: 'scheduler-estimator',
    async connect(cluster, signal) {
      if (connections.has(cluster)) return;
      const opened = await o.open(cluster, signal);
      connections.get(cluster)?.close();
      connections.set(cluster, opened);
    },
    drop(cluster) {
      connections.get(cluster)?.close();
      connections.delete(cluster);
    },
    close() {
      for (const connection of connections.values()) connection.close();
      connections.clear();
    },
    maxReplicas: ({ clusters, requirements, assumed }, signal) =>
      ask(
        namesOf(clusters),
        (connection, cluster, a) =>
          connection.replicas({ cluster, assumed: assumedOf(assumed, cluster), ...(requirements ? { requirements } : {}) }, a),
        signal,
      ),
    maxComponentSets: ({ clusters, components, namespace, assumed }, signal) =>
      ask(
        namesOf(clusters),
        (connection, cluster, a) => connection.sets({ cluster, components, namespace, assumed: assumedOf(assumed, cluster) }, a),
        signal,
      ),
    unschedulableReplicas: ({ clusters, resource, thresholdMs }, signal) =>
      ask(clusters, (connection, cluster, a) => connection.unschedulable({ cluster, resource, thresholdMs }, a), signal),
  };
}
