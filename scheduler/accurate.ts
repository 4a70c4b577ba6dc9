// Connections to the accurate estimators, following the clusters of a plane: opened for each cluster at its first sight and
// tried again at each change, closed when it goes. Used by the scheduler and by the descheduler.
import {
  type ClientTls,
  estimatorAddresses,
  estimatorOfMembers,
  grpcConnection,
  hasEstimatorService,
  type MemberEstimator,
  type MembersEstimator,
  nearConnection,
  readTlsFiles,
} from '../estimator/index.ts';
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
  /** Estimators of this process, for clusters of which no Service tells where another one is. */
  readonly near?: NearEstimators;
}

/** Throws where the cluster cannot be reached. */
export type NearEstimators = (cluster: string, signal: AbortSignal) => Promise<MemberEstimator>;

async function tlsOf(flags: EstimatorClientFlags): Promise<ClientTls> {
  const texts = await readTlsFiles({
    ca: ['scheduler-estimator-ca-file', flags.schedulerEstimatorCaFile],
    cert: ['scheduler-estimator-cert-file', flags.schedulerEstimatorCertFile],
    key: ['scheduler-estimator-key-file', flags.schedulerEstimatorKeyFile],
  });
  return { ...texts, skipVerify: flags.insecureSkipEstimatorVerify };
}

/** The estimators of all members behind one face, configured by the flags. */
export async function accurateEstimators(o: AccurateOptions): Promise<MembersEstimator> {
  const { flags, hub, clock } = o;
  const address = {
    hub,
    namespace: flags.schedulerEstimatorServiceNamespace,
    prefix: flags.schedulerEstimatorServicePrefix,
    port: flags.schedulerEstimatorPort,
  };
  const tls = await tlsOf(flags);
  return estimatorOfMembers({
    clock,
    timeoutMs: flags.schedulerEstimatorTimeoutMs,
    async open(name, signal) {
      if (o.near && !(await hasEstimatorService(name, address, signal))) return nearConnection(await o.near(name, signal), clock, signal);
      return grpcConnection(name, { clock, tls, resolve: (c, s) => estimatorAddresses(c, address, s) }, signal);
    },
  });
}

export interface Following {
  /** Resolves when no connection is being opened: each has been made or has failed. */
  settled(): Promise<void>;
  stop(): void;
}

/** Keeps connections in step with the clusters until the signal fires or it is stopped. */
export function followClusters(
  estimator: MembersEstimator,
  clusters: Informer<Cluster>,
  o: AccurateOptions,
  signal: AbortSignal,
): Following {
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
