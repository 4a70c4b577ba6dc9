// Reaches the estimators of members over gRPC. Connections are kept until they are dropped.
import type { Client, ServiceError } from '@grpc/grpc-js';
import type { Clock } from '../kube/index.ts';
import { type AskOptions, type EstimatorConnection, estimatorOfMembers, type MembersEstimator } from './of-members.ts';
import { service } from './service.ts';
import type { ObjectReference } from './types.ts';

/** PEM texts. Without an authority, and without `skipVerify`, the client speaks plaintext. */
export interface ClientTls {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly skipVerify?: boolean;
}

export interface GrpcConnections {
  /** Addresses (host:port) of a cluster's estimator, tried in order; throws where there is none. */
  resolve(cluster: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Its wall clock gives deadlines. */
  readonly clock: Clock;
  readonly tls?: ClientTls;
  /** How long opening a connection to one address may take. */
  readonly dialMs?: number;
}

export interface GrpcEstimatorOptions extends GrpcConnections {
  readonly timeoutMs: number;
  /** Clusters asked at the same time. */
  readonly concurrency?: number;
}

/** A call that fails is answered for at once: the deadline is for all clusters together. */
const CHANNEL = { 'grpc.enable_retries': 0, 'grpc.service_config_disable_resolution': 1 };
const DIAL_MS = 5_000;

/** The estimators of all members over gRPC. */
export const grpcEstimator = (o: GrpcEstimatorOptions): MembersEstimator =>
  estimatorOfMembers({ ...o, open: (cluster, signal) => grpcConnection(cluster, o, signal) });

/** Opens a connection to the first address that answers; rejects where none does. */
export async function grpcConnection(cluster: string, o: GrpcConnections, signal: AbortSignal): Promise<EstimatorConnection> {
  let last: unknown = new Error(`no address for the estimator of cluster ${cluster}`);
  for (const address of await o.resolve(cluster, signal)) {
    try {
      return connectionOver(await dial(address, o), await import('@grpc/grpc-js'));
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

type Grpc = typeof import('@grpc/grpc-js');

async function dial(address: string, o: GrpcConnections): Promise<Client> {
  const grpc = await import('@grpc/grpc-js');
  const client = new grpc.Client(address, credentials(grpc, o.tls), CHANNEL);
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

function credentials(grpc: Grpc, { ca, cert, key, skipVerify = false }: ClientTls = {}) {
  if (!ca && !skipVerify) return grpc.credentials.createInsecure();
  const pair = cert && key ? ([key, cert] as const) : ([null, null] as const);
  return grpc.credentials.createSsl(ca ?? null, pair[0], pair[1], { rejectUnauthorized: !skipVerify });
}

interface Call<T> {
  readonly name: string;
  readonly method: (typeof service)[keyof typeof service];
  readonly message: T & { readonly cluster: string };
  readonly object?: ObjectReference;
}

function connectionOver(client: Client, grpc: Grpc): EstimatorConnection {
  function call<T>({ name, method, message, object }: Call<T>, { deadline, running }: AskOptions): Promise<number> {
    const metadata = new grpc.Metadata();
    if (object) metadata.set('object', `kind=${object.kind}, name=${object.namespace ?? ''}/${object.name}`);
    return new Promise((resolve, reject) => {
      const done = (error: ServiceError | null, value?: number): void => {
        running.delete(started);
        const text = `gRPC request cluster(${message.cluster}) estimator error when calling ${name}: ${error?.message}`;
        if (error) reject(new Error(text, { cause: error }));
        else resolve(value ?? 0);
      };
      const serialize = method.requestSerialize as (value: T) => Buffer;
      const started = client.makeUnaryRequest(method.path, serialize, method.responseDeserialize, message, metadata, { deadline }, done);
      running.add(started);
    });
  }
  return {
    replicas: (message, o) => call({ name: 'MaxAvailableReplicas', method: service.maxAvailableReplicas, message }, o),
    sets: (message, o) => call({ name: 'MaxAvailableComponentSets', method: service.maxAvailableComponentSets, message }, o),
    unschedulable: (message, o) =>
      call(
        {
          name: 'UnschedulableReplicas',
          method: service.getUnschedulableReplicas,
          message,
          ...(message.resource ? { object: message.resource } : {}),
        },
        o,
      ),
    close: () => client.close(),
  };
}
