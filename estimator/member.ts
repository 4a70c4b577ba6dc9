// The estimator of one member: follows its nodes, pods, quotas and Deployments, and computes answers from these copies.
import { type Client, type Clock, informer, type KubeObject, keyText, type Logger, plain500, resource } from '../kube/index.ts';
import { memberReplicas, memberSets } from './accurate.ts';
import type { EstimatorHandlers } from './grpc-server.ts';
import type { Node, Pod, ResourceQuota } from './types.ts';
import { type PodOwner, unschedulableReplicas } from './unschedulable.ts';

const nodes = resource<Node & KubeObject>({ group: '', version: 'v1', kind: 'Node', plural: 'nodes', scope: 'Cluster' });
const pods = resource<Pod & KubeObject>({ group: '', version: 'v1', kind: 'Pod', plural: 'pods', scope: 'Namespaced' });
const quotas = resource<ResourceQuota & KubeObject>({
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  scope: 'Namespaced',
});
const deployments = resource<PodOwner>({ group: 'apps', version: 'v1', kind: 'Deployment', plural: 'deployments', scope: 'Namespaced' });
const replicaSets = resource<PodOwner>({ group: 'apps', version: 'v1', kind: 'ReplicaSet', plural: 'replicasets', scope: 'Namespaced' });

const UNFINISHED = 'status.phase!=Succeeded,status.phase!=Failed';

export interface MemberEstimatorOptions {
  readonly member: Client;
  readonly clock: Clock;
  /** Gate ResourceQuotaEstimate. */
  readonly countQuotas: boolean;
  /** Gate SchedulingOvercommitProtection: count what is promised already. */
  readonly countAssumed: boolean;
  readonly log?: Logger;
}

export interface MemberEstimator {
  readonly handlers: EstimatorHandlers;
  /** Resolves when all copies are complete. */
  readonly synced: Promise<unknown>;
  run(signal: AbortSignal): Promise<void>;
}

/** Answers wait until the copies are complete. */
export function memberEstimator(o: MemberEstimatorOptions): MemberEstimator {
  const source = { client: o.member, clock: o.clock, ...(o.log ? { log: o.log } : {}) };
  const nodeCopy = informer({ ...source, resource: nodes });
  const podCopy = informer({ ...source, resource: pods, fieldSelector: UNFINISHED });
  const quotaCopy = informer({ ...source, resource: quotas });
  const deploymentCopy = informer({ ...source, resource: deployments });
  const replicaSetCopy = informer({ ...source, resource: replicaSets });
  const copies = [nodeCopy, podCopy, quotaCopy, deploymentCopy, replicaSetCopy];
  const synced = Promise.all(copies.map(c => c.synced));
  const state = async () => {
    await synced;
    return { nodes: nodeCopy.list(), pods: podCopy.list(), ...(o.countQuotas ? { quotas: quotaCopy.list() } : {}) };
  };
  return {
    synced,
    run: async signal => void (await Promise.all(copies.map(c => c.run(signal)))),
    handlers: {
      replicas: async ({ requirements, assumed }) => memberReplicas(await state(), requirements, o.countAssumed ? assumed : []),
      sets: async ({ components, namespace, assumed }) =>
        memberSets(await state(), { components, namespace, assumed: o.countAssumed ? assumed : [] }),
      unschedulable: async ({ resource: { kind, namespace = '', name }, thresholdMs }) => {
        await synced;
        if (kind !== 'Deployment') throw plain500(`kind(${kind}) of workload(${namespace}/${name}) is not supported`);
        const stored = deploymentCopy.get(keyText({ namespace, name }));
        if (!stored) throw plain500(`deployments.apps "${name}" not found`);
        return unschedulableReplicas({
          workload: { ...stored, kind },
          replicaSets: replicaSetCopy.list(namespace),
          pods: podCopy.list(namespace),
          thresholdMs,
          now: o.clock.now(),
        });
      },
    },
  };
}
