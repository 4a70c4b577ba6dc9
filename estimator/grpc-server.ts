// The estimator beside a member: answers over gRPC what the given functions compute.
import type { ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import type { ReplicasMessage, SetsMessage, UnschedulableMessage } from './messages.ts';
import { service } from './service.ts';

/** The computations behind the service; each may throw. */
export interface EstimatorHandlers {
  replicas(request: ReplicasMessage): number | Promise<number>;
  sets(request: SetsMessage): number | Promise<number>;
  unschedulable(request: UnschedulableMessage & Required<Pick<UnschedulableMessage, 'resource'>>): number | Promise<number>;
}

/** PEM texts. Without certificate and key the server speaks plaintext. */
export interface ServerTls {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** With it, clients must show a certificate that it signed. */
  readonly clientCa?: Buffer;
}

export interface EstimatorServerOptions {
  readonly clusterName: string;
  readonly handlers: EstimatorHandlers;
  /** host:port; port 0 takes a free one. */
  readonly address: string;
  readonly tls?: ServerTls;
}

export interface EstimatorServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Listens until closed; rejects when the address cannot be bound. */
export async function estimatorServer(o: EstimatorServerOptions): Promise<EstimatorServer> {
  const { Server, ServerCredentials, status } = await import('@grpc/grpc-js');
  const server = new Server();
  const handle =
    <T extends { readonly cluster: string }>(answer: (request: T) => number | Promise<number>) =>
    (call: ServerUnaryCall<T, number>, reply: sendUnaryData<number>): void => {
      const run = async (): Promise<number> => {
        if (call.request.cluster !== o.clusterName) {
          throw new Error(`cluster name does not match, got: ${call.request.cluster}, desire: ${o.clusterName}`);
        }
        return answer(call.request);
      };
      run().then(
        value => reply(null, value),
        error => reply({ code: status.UNKNOWN, details: error instanceof Error ? error.message : String(error) }),
      );
    };
  server.addService(service, {
    maxAvailableReplicas: handle<ReplicasMessage>(request => prefixed('failed to estimate replicas', () => o.handlers.replicas(request))),
    maxAvailableComponentSets: handle<SetsMessage>(request =>
      prefixed('failed to estimate component sets', () => o.handlers.sets(request)),
    ),
    getUnschedulableReplicas: handle<UnschedulableMessage>(request => {
      const { resource } = request;
      if (!resource) throw new Error('resource is nil');
      return o.handlers.unschedulable({ ...request, resource });
    }),
  });
  const { tls } = o;
  const credentials = tls
    ? ServerCredentials.createSsl(tls.clientCa ?? null, [{ cert_chain: tls.cert, private_key: tls.key }], tls.clientCa !== undefined)
    : ServerCredentials.createInsecure();
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync(o.address, credentials, (error, bound) => (error ? reject(error) : resolve(bound))),
  );
  return {
    port,
    close: async () => server.forceShutdown(),
  };
}

async function prefixed(prefix: string, f: () => number | Promise<number>): Promise<number> {
  try {
    return await f();
  } catch (error) {
    throw new Error(`${prefix}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
