import { afterEach, describe, expect, it } from 'vitest';
import { sleep, systemClock } from '../kube/index.ts';
import { grpcEstimator } from './grpc-client.ts';
import { type EstimatorHandlers, type EstimatorServer, estimatorServer } from './grpc-server.ts';
import { replicasRequest, setsRequest, unschedulableRequest } from './messages.ts';
import type { MembersEstimator } from './of-members.ts';
import { service } from './service.ts';
import type { AssumedWorkload, Component, ReplicaRequirements } from './types.ts';

const requirements: ReplicaRequirements = {
  namespace: 'ns',
  priorityClassName: 'high',
  resourceRequest: { cpu: '500m', memory: '1Gi' },
  nodeClaim: {
    nodeSelector: { disk: 'ssd' },
    hardNodeAffinity: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['a', 'b'] }], matchFields: [] }] },
    tolerations: [{ key: 'k', operator: 'Exists', value: '', effect: 'NoSchedule', tolerationSeconds: 30 }],
  },
};
const components: Component[] = [{ name: 'jm', replicas: 1, replicaRequirements: { resourceRequest: { cpu: '1' } } }];
const assumed: AssumedWorkload[] = [{ namespace: 'ns', components }];

describe('messages', () => {
  it('come back as they were sent', () => {
    const replicas = { cluster: 'm1', requirements, assumed };
    expect(replicasRequest.decode(replicasRequest.encode(replicas))).toEqual(replicas);
    const sets = { cluster: 'm1', components, namespace: 'ns', assumed };
    expect(setsRequest.decode(setsRequest.encode(sets))).toEqual(sets);
    const resource = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'ns', name: 'web' };
    const stuck = { cluster: 'm1', resource, thresholdMs: 300_000 };
    expect(unschedulableRequest.decode(unschedulableRequest.encode(stuck))).toEqual(stuck);
  });

  it('tell absent requirements from empty ones, and lose a selector without terms', () => {
    expect(replicasRequest.decode(replicasRequest.encode({ cluster: 'm1', assumed: [] }))).toEqual({ cluster: 'm1', assumed: [] });
    const empty = { cluster: 'm1', assumed: [], requirements: { nodeClaim: { hardNodeAffinity: { nodeSelectorTerms: [] } } } };
    expect(replicasRequest.decode(replicasRequest.encode(empty)).requirements).toEqual({ nodeClaim: {} });
  });

  it('write the fields by the numbers of the contract', () => {
    const bytes = replicasRequest.encode({ cluster: 'm1', assumed: [], requirements: { resourceRequest: { cpu: '1' } } });
    expect(bytes.toString('hex')).toBe('0a026d31' + '120c' + '2a0a' + '0a03637075' + '1203' + '0a0131');
  });

  it('refuse bytes that end too soon', () => {
    expect(() => replicasRequest.decode(Uint8Array.from([0x0a, 0x05, 0x61]))).toThrow('message ends within a field');
  });
});

const open: { server: EstimatorServer[]; client: MembersEstimator[] } = { server: [], client: [] };
afterEach(async () => {
  for (const client of open.client.splice(0)) client.close();
  for (const server of open.server.splice(0)) await server.close();
});

const signal = new AbortController().signal;
const named = (...names: string[]) => names.map(name => ({ metadata: { name } }));

async function serve(clusterName: string, handlers: Partial<EstimatorHandlers> = {}): Promise<number> {
  const server = await estimatorServer({
    clusterName,
    address: '127.0.0.1:0',
    handlers: { replicas: () => 0, sets: () => 0, unschedulable: () => 0, ...handlers },
  });
  open.server.push(server);
  return server.port;
}

async function clientOf(ports: Record<string, number>, timeoutMs = 3_000): Promise<MembersEstimator> {
  const client = await grpcEstimator({ clock: systemClock, timeoutMs, resolve: async cluster => [`127.0.0.1:${ports[cluster]}`] });
  open.client.push(client);
  for (const cluster of Object.keys(ports)) await client.connect(cluster, signal);
  return client;
}

describe('an estimator over a socket', () => {
  it('hears the request and answers, negative numbers too', async () => {
    let heard: unknown;
    const port = await serve('m1', {
      replicas: request => {
        heard = request;
        return -7;
      },
    });
    const client = await clientOf({ m1: port });
    const answer = await client.maxReplicas({ clusters: named('m1'), requirements, assumed: new Map([['m1', assumed]]) }, signal);
    expect([...answer]).toEqual([['m1', -7]]);
    expect(heard).toEqual({ cluster: 'm1', requirements, assumed });
  });

  it('counts sets and stuck replicas', async () => {
    const port = await serve('m1', { sets: r => r.components.length + 4, unschedulable: r => (r.resource.name === 'web' ? 2 : 0) });
    const client = await clientOf({ m1: port });
    expect([...(await client.maxComponentSets({ clusters: named('m1'), components, namespace: 'ns' }, signal))]).toEqual([['m1', 5]]);
    const resource = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'ns', name: 'web' };
    expect([...(await client.unschedulableReplicas({ clusters: ['m1'], resource, thresholdMs: 1 }, signal))]).toEqual([['m1', 2]]);
  });

  it('fails as a whole when one cluster has no connection or another name', async () => {
    const client = await clientOf({ m1: await serve('m1'), m2: await serve('other') });
    await expect(client.maxReplicas({ clusters: named('m1', 'm3') }, signal)).rejects.toThrow(
      'cluster m3 does not exist in estimator cache',
    );
    await expect(client.maxReplicas({ clusters: named('m1', 'm2') }, signal)).rejects.toThrow(
      /^gRPC request cluster\(m2\) estimator error when calling MaxAvailableReplicas: .*cluster name does not match, got: m2, desire: other/,
    );
  });

  it('tells what failed in the member, and gives up at the deadline', async () => {
    const port = await serve('m1', {
      replicas: () => {
        throw new Error('no nodes');
      },
      sets: () => new Promise<number>(() => undefined),
    });
    const client = await clientOf({ m1: port }, 200);
    await expect(client.maxReplicas({ clusters: named('m1') }, signal)).rejects.toThrow('failed to estimate replicas: no nodes');
    await expect(client.maxComponentSets({ clusters: named('m1'), components, namespace: '' }, signal)).rejects.toThrow(
      'MaxAvailableComponentSets',
    );
  });

  it('forgets a cluster that is dropped', async () => {
    const client = await clientOf({ m1: await serve('m1') });
    client.drop('m1');
    await expect(client.maxReplicas({ clusters: named('m1') }, signal)).rejects.toThrow('does not exist');
  });

  it('fails when the estimator dies in the middle of a call, and hears it again once it is back', async () => {
    const dying = await estimatorServer({
      clusterName: 'm1',
      address: '127.0.0.1:0',
      handlers: {
        replicas: () => {
          void dying.close();
          return new Promise<number>(() => undefined);
        },
        sets: () => 0,
        unschedulable: () => 0,
      },
    });
    const client = await clientOf({ m1: dying.port });
    await expect(client.maxReplicas({ clusters: named('m1') }, signal)).rejects.toThrow(
      'gRPC request cluster(m1) estimator error when calling MaxAvailableReplicas',
    );
    open.server.push(
      await estimatorServer({
        clusterName: 'm1',
        address: `127.0.0.1:${dying.port}`,
        handlers: { replicas: () => 6, sets: () => 0, unschedulable: () => 0 },
      }),
    );
    let answer: number | undefined;
    for (let attempt = 0; attempt < 50 && answer === undefined; attempt++) {
      answer = (await client.maxReplicas({ clusters: named('m1') }, signal).catch(() => undefined))?.get('m1');
      if (answer === undefined) await sleep(systemClock, 100);
    }
    expect(answer).toBe(6);
  });

  it('fails in words when the estimator answers what is no message', async () => {
    const { Server, ServerCredentials } = await import('@grpc/grpc-js');
    const raw = new Server();
    const { path } = service.maxAvailableReplicas;
    const garbage = { path, requestStream: false, responseStream: false, requestSerialize: Buffer.from, requestDeserialize: Buffer.from };
    raw.addService(
      { garbage: { ...garbage, responseSerialize: Buffer.from, responseDeserialize: Buffer.from } },
      { garbage: (_: unknown, reply: (error: null, bytes: Buffer) => void) => reply(null, Buffer.from([0x0a, 0x05, 0x61])) },
    );
    const port = await new Promise<number>((resolve, reject) =>
      raw.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))),
    );
    try {
      const client = await clientOf({ m1: port });
      await expect(client.maxReplicas({ clusters: named('m1') }, signal)).rejects.toThrow('message ends within a field');
    } finally {
      raw.forceShutdown();
    }
  });

  it('keeps counts within 32 bits, whatever is computed', async () => {
    const port = await serve('m1', { replicas: () => 2 ** 40 + 3, sets: () => -(2 ** 31) });
    const client = await clientOf({ m1: port });
    expect([...(await client.maxReplicas({ clusters: named('m1') }, signal))]).toEqual([['m1', 3]]);
    expect([...(await client.maxComponentSets({ clusters: named('m1'), components, namespace: '' }, signal))]).toEqual([
      ['m1', -(2 ** 31)],
    ]);
  });
});
