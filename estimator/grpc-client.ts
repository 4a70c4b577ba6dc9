// The accurate estimators of all members as one estimator: clusters are asked in parallel under one deadline, and one that
// cannot answer makes the whole answer an error, as in the reference. Connections are kept until they are dropped.
import type { Client, ServiceError } from '@grpc/grpc-js';
import type { Clock } from '../kube/index.ts';
import type { ReplicasMessage, SetsMessage, UnschedulableMessage } from './messages.ts';
import { service } from './service.ts';
import type { AssumedWorkload, Estimates, Estimator, ObjectReference, UnschedulableEstimator } from './types.ts';

/** PEM texts. Without an authority, and without `skipVerify`, the client speaks plaintext. */
export interface ClientTls {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly skipVerify?: boolean;
}

export interface GrpcEstimatorOptions {
  /** Addresses (host:port) of a cluster's estimator, tried in order; throws where there is none. */
  resolve(cluster: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Its wall clock gives deadlines. */
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly tls?: ClientTls;
  /** How long opening a connection to one address may take. */
  readonly dialMs?: number;
  /** Clusters asked at the same time. */
  readonly concurrency?: number;
}

export interface GrpcEstimator extends Estimator, UnschedulableEstimator {
  /** Opens the connection to a cluster's estimator if there is none; rejects where no address answers. */
  connect(cluster: string, signal: AbortSignal): Promise<void>;
  /** Closes the connection of a cluster that is gone. */
  drop(cluster: string): void;
  close(): void;
}

/** A call that fails is answered for at once: the deadline is for all clusters together. */
const CHANNEL = { 'grpc.enable_retries': 0, 'grpc.service_config_disable_resolution': 1 };
const DIAL_MS = 5_000;
const DEFAULT_CONCURRENCY = 64;

export async function grpcEstimator(o: GrpcEstimatorOptions): Promise<GrpcEstimator> {
  const grpc = await import('@grpc/grpc-js');
  const connections = new Map<string, Client>();

  function credentials() {
    const { ca, cert, key, skipVerify = false } = o.tls ?? {};
    if (!ca && !skipVerify) return grpc.credentials.createInsecure();
    const pair = cert && key ? ([key, cert] as const) : ([null, null] as const);
    return grpc.credentials.createSsl(ca ?? null, pair[0], pair[1], { rejectUnauthorized: !skipVerify });
  }

  async function dial(address: string): Promise<Client> {
    const client = new grpc.Client(address, credentials(), CHANNEL);
    try {
      await new Promise<void>((resolve, reject) =>
        client.waitForReady(new Date(o.clock.now() + (o.dialMs ?? DIAL_MS)), error => (error ? reject(error) : resolve())),
      );
      return client;
    } catch (error) {
      client.close();
      throw error;
    }
  }

  async function connect(cluster: string, signal: AbortSignal): Promise<void> {
    if (connections.has(cluster)) return;
    let last: unknown = new Error(`no address for the estimator of cluster ${cluster}`);
    for (const address of await o.resolve(cluster, signal)) {
      try {
        const client = await dial(address);
        connections.get(cluster)?.close();
        connections.set(cluster, client);
        return;
      } catch (error) {
        last = error;
      }
    }
    throw last;
  }

  type Call<T> = {
    readonly name: string;
    readonly method: (typeof service)[keyof typeof service];
    message(cluster: string): T;
    object?: ObjectReference;
  };

  function call<T>(
    cluster: string,
    c: Call<T>,
    o2: { readonly deadline: Date; readonly running: Set<{ cancel(): void }> },
  ): Promise<number> {
    const client = connections.get(cluster);
    if (!client) return Promise.reject(new Error(`cluster ${cluster} does not exist in estimator cache`));
    const metadata = new grpc.Metadata();
    const subject = c.object && `kind=${c.object.kind}, name=${c.object.namespace ?? ''}/${c.object.name}`;
    if (subject) metadata.set('object', subject);
    return new Promise((resolve, reject) => {
      const { path, requestSerialize, responseDeserialize } = c.method;
      const done = (error: ServiceError | null, value?: number): void => {
        o2.running.delete(running);
        if (error) {
          reject(new Error(`gRPC request cluster(${cluster}) estimator error when calling ${c.name}: ${error.message}`, { cause: error }));
        } else resolve(value ?? 0);
      };
      const serialize = requestSerialize as (value: T) => Buffer;
      const running = client.makeUnaryRequest(
        path,
        serialize,
        responseDeserialize,
        c.message(cluster),
        metadata,
        { deadline: o2.deadline },
        done,
      );
      o2.running.add(running);
    });
  }

  async function ask<T>(clusters: readonly string[], c: Call<T>, signal: AbortSignal): Promise<Estimates> {
    const deadline = new Date(o.clock.now() + o.timeoutMs);
    const answers = new Map<string, number>();
    const left = clusters.values();
    const running = new Set<{ cancel(): void }>();
    const cancel = (): void => {
      for (const one of running) one.cancel();
    };
    signal.addEventListener('abort', cancel, { once: true });
    const worker = async (): Promise<void> => {
      for (const cluster of left) answers.set(cluster, await call(cluster, c, { deadline, running }));
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
    connect,
    drop(cluster) {
      connections.get(cluster)?.close();
      connections.delete(cluster);
    },
    close() {
      for (const client of connections.values()) client.close();
      connections.clear();
    },
    maxReplicas: ({ clusters, requirements, assumed }, signal) => {
      const message = (cluster: string): ReplicasMessage => ({
        cluster,
        assumed: assumedOf(assumed, cluster),
        ...(requirements ? { requirements } : {}),
      });
      return ask(namesOf(clusters), { name: 'MaxAvailableReplicas', method: service.maxAvailableReplicas, message }, signal);
    },
    maxComponentSets: ({ clusters, components, namespace, assumed }, signal) => {
      const message = (cluster: string): SetsMessage => ({ cluster, components, namespace, assumed: assumedOf(assumed, cluster) });
      return ask(namesOf(clusters), { name: 'MaxAvailableComponentSets', method: service.maxAvailableComponentSets, message }, signal);
    },
    unschedulableReplicas: ({ clusters, resource, thresholdMs }, signal) => {
      const message = (cluster: string): UnschedulableMessage => ({ cluster, resource, thresholdMs });
      return ask(clusters, { name: 'UnschedulableReplicas', method: service.getUnschedulableReplicas, message, object: resource }, signal);
    },
  };
}
