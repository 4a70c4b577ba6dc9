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

/** Keeps connections in step with the clusters until the signal fires. */
export function followClusters(estimator: GrpcEstimator, clusters: Informer<Cluster>, o: AccurateOptions, signal: AbortSignal): () => void {
  return clusters.subscribe(({ type, object }) => {
    const name = nameOf(object);
    if (type === 'deleted') {
      estimator.drop(name);
      return;
    }
    if (o.flags.disableSchedulerEstimatorInPullMode && object.spec?.syncMode === 'Pull') return;
    estimator.connect(name, signal).catch(error => o.log.debug({ cluster: name, err: errorText(error) }, 'no connection to the estimator'));
  });
}
