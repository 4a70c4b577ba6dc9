// Connections to the accurate estimators, following the clusters of a plane: opened for each cluster at its first sight and
// tried again at each change, closed when it goes. Used by the scheduler and by the descheduler.
import { readFile } from 'node:fs/promises';
import { type ClientTls, estimatorAddresses, type GrpcEstimator, grpcEstimator } from '../estimator/index.ts';
import { type Client, type Clock, errorText, type Informer, type Logger } from '../kube/index.ts';
import type { SchedulerFlags } from './options.ts';
import { type Cluster, nameOf } from './types.ts';

export type EstimatorClientFlags = Pick<
  SchedulerFlags,
  | 'disableSchedulerEstimatorInPullMode'
  | 'schedulerEstimatorTimeoutMs'
  | 'schedulerEstimatorServiceNamespace'
  | 'schedulerEstimatorServicePrefix'
  | 'schedulerEstimatorPort'
  | 'schedulerEstimatorCertFile'
  | 'schedulerEstimatorKeyFile'
  | 'schedulerEstimatorCaFile'
  | 'insecureSkipEstimatorVerify'
>;

export interface AccurateOptions {
  readonly hub: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly flags: EstimatorClientFlags;
}

async function tlsOf(flags: EstimatorClientFlags): Promise<ClientTls> {
  const file = async (name: 'ca' | 'cert' | 'key', path: string) => (path ? { [name]: await readFile(path) } : {});
  return {
    ...(await file('ca', flags.schedulerEstimatorCaFile)),
    ...(await file('cert', flags.schedulerEstimatorCertFile)),
    ...(await file('key', flags.schedulerEstimatorKeyFile)),
    skipVerify: flags.insecureSkipEstimatorVerify,
  };
}

/** The estimators of all members behind one face, configured by the flags. */
export async function accurateEstimators(o: AccurateOptions): Promise<GrpcEstimator> {
  const { flags } = o;
  const address = {
    hub: o.hub,
    namespace: flags.schedulerEstimatorServiceNamespace,
    prefix: flags.schedulerEstimatorServicePrefix,
    port: flags.schedulerEstimatorPort,
  };
  return grpcEstimator({
    clock: o.clock,
    timeoutMs: flags.schedulerEstimatorTimeoutMs,
    tls: await tlsOf(flags),
    resolve: (cluster, signal) => estimatorAddresses(cluster, address, signal),
  });
}

export interface Following {
  /** Resolves when no connection is being opened: each has been made or has failed. */
  settled(): Promise<void>;
  stop(): void;
}

/** Keeps connections in step with the clusters until the signal fires or it is stopped. */
export function followClusters(estimator: GrpcEstimator, clusters: Informer<Cluster>, o: AccurateOptions, signal: AbortSignal): Following {
  const opening = new Map<string, Promise<void>>();
  const connect = async (name: string): Promise<void> => {
    try {
      await estimator.connect(name, signal);
      if (!clusters.get(name)) estimator.drop(name);
    } catch (error) {
      o.log.debug({ cluster: name, err: errorText(error) }, 'no connection to the estimator');
    }
  };
  const stop = clusters.subscribe(({ type, object }) => {
    const name = nameOf(object);
    if (type === 'deleted') {
      estimator.drop(name);
      return;
    }
    if (o.flags.disableSchedulerEstimatorInPullMode && object.spec?.syncMode === 'Pull') return;
    if (opening.has(name)) return;
    opening.set(
      name,
      connect(name).finally(() => opening.delete(name)),
    );
  });
  return {
    stop,
    async settled() {
      while (opening.size > 0) await Promise.all(opening.values());
    },
  };
}
