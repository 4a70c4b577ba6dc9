// The status of a healthy cluster (specification §6.3): version, APIs, and what its nodes and pods add up to.
import { type Cluster, type ClusterStatus, type FeatureGates, gateEnabled } from '../../crds/index.ts';
import { at, resource, stringOf } from '../../kube/index.ts';
import { withCondition } from '../condition.ts';
import { discoverOver } from '../discovery.ts';
import type { Member } from '../members.ts';
import { apiEnablements, completenessCondition } from './api-enablements.ts';
import { allocatableModelings, nodeSummary, resourceSummary } from './summary.ts';

const nodes = resource({ group: '', version: 'v1', kind: 'Node', plural: 'nodes', scope: 'Cluster' });
const pods = resource({ group: '', version: 'v1', kind: 'Pod', plural: 'pods', scope: 'Namespaced' });

export interface CollectOptions {
  readonly gates: FeatureGates;
  readonly resourceModeling: boolean;
  /** RFC 3339. */
  readonly now: string;
}

/** Over the present status, so that what others write there stays. */
export async function collectStatus(cluster: Cluster, member: Member, o: CollectOptions, signal: AbortSignal): Promise<ClusterStatus> {
  const served = await discoverOver(member.client)(signal).catch(() => ({ resources: [], complete: false }));
  signal.throwIfAborted();
  const enablements = apiEnablements(served);
  const conditions = withCondition(cluster.status?.conditions ?? [], completenessCondition(enablements, served.complete), o.now);
  const version = await kubernetesVersion(member, signal);
  return {
    ...cluster.status,
    ...(version ? { kubernetesVersion: version } : {}),
    apiEnablements: enablements,
    conditions,
    ...(o.resourceModeling ? await summaries(cluster, member, o, signal) : {}),
  };
}

async function kubernetesVersion(member: Member, signal: AbortSignal): Promise<string> {
  const { code, body } = await member.client.raw('GET', '/version', { signal });
  return code === 200 ? stringOf(at(JSON.parse(body), 'gitVersion')) : '';
}

async function summaries(cluster: Cluster, member: Member, { gates }: CollectOptions, signal: AbortSignal) {
  const copies = [member.pinned(nodes), member.pinned(pods)] as const;
  await untilAborted(Promise.all(copies.map(copy => copy.synced)), signal);
  const present = copies.map(copy => copy.list());
  const [nodeList = [], podList = []] = present;
  const modelings = gateEnabled(gates, 'CustomizedClusterResourceModeling') ? allocatableModelings(cluster, nodeList, podList) : [];
  return {
    nodeSummary: nodeSummary(nodeList),
    resourceSummary: { ...resourceSummary(nodeList, podList), ...(modelings.length > 0 ? { allocatableModelings: modelings } : {}) },
  };
}

/** The outcome of the work, or a rejection once the signal fires; the signal keeps nothing of it. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
