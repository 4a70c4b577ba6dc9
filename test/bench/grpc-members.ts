// Estimators of members behind real connections, in this process: each answers from ten nodes.
import {
  type EstimatorServer,
  estimatorServer,
  grpcEstimator,
  type MembersEstimator,
  memberReplicas,
  memberSets,
} from '../../estimator/index.ts';
import { systemClock } from '../../kube/index.ts';
import { benchCluster } from './scheduling-objects.ts';

const NODES = 10;
const member = {
  nodes: Array.from({ length: NODES }, (_, i) => ({
    metadata: { name: `node-${i}` },
    status: { allocatable: { cpu: '16', memory: '64Gi', pods: '110' } },
  })),
  pods: [],
};

export interface GrpcMembers {
  readonly estimator: MembersEstimator;
  close(): Promise<void>;
}

/** As many members as asked for, with the names of the bench's clusters. */
export async function grpcMembers(count: number): Promise<GrpcMembers> {
  const names = Array.from({ length: count }, (_, i) => benchCluster(i).metadata.name ?? '');
  const servers = new Map<string, EstimatorServer>();
  for (const clusterName of names) {
    const handlers = {
      replicas: (r: Parameters<Parameters<typeof estimatorServer>[0]['handlers']['replicas']>[0]) => memberReplicas(member, r.requirements),
      sets: (r: Parameters<Parameters<typeof estimatorServer>[0]['handlers']['sets']>[0]) =>
        memberSets(member, { components: r.components, namespace: r.namespace }),
      unschedulable: () => 0,
    };
    servers.set(clusterName, await estimatorServer({ clusterName, address: '127.0.0.1:0', handlers }));
  }
  const estimator = await grpcEstimator({
    clock: systemClock,
    timeoutMs: 3_000,
    resolve: async cluster => [`127.0.0.1:${servers.get(cluster)?.port ?? 0}`],
  });
  const signal = new AbortController().signal;
  for (const name of names) await estimator.connect(name, signal);
  return {
    estimator,
    async close() {
      estimator.close();
      for (const server of servers.values()) await server.close();
    },
  };
}
