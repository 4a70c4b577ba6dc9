// Letting a member go (specification §6.1): its Cluster is deleted and waited for, then what joining left in the member.
import { type Cluster, clusters, executionSpace, works } from '../crds/index.ts';
import { type Client, type Clock, getOrUndefined, isStatusError, type KubeObject, keyOf, type Resource, sleep } from '../kube/index.ts';
import { accountOf, accounts, clusterRoleBindings, clusterRoles, MEMBER_NAMESPACE, namespaces, roleOf, secrets } from './join.ts';

const POLL_MS = 500;
const IMPERSONATOR = 'karmada-impersonator';

export interface UnjoinOptions {
  readonly name: string;
  readonly hub: Client;
  /** Given: the identities in the member are removed too. */
  readonly member?: Client;
  /** Of the control plane: where the credentials are kept. */
  readonly namespace?: string;
  /** How long the Cluster may take to go. */
  readonly waitMs: number;
  /** When time is up, finalizers are taken off. */
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export async function unjoin(o: UnjoinOptions): Promise<void> {
  const cluster = await getOrUndefined(o.hub, clusters, { name: o.name }, { signal: o.signal });
  if (!cluster) throw new Error(`no cluster object ${o.name} found in karmada control plane`);
  if (cluster.spec.syncMode === 'Pull') throw new Error(`cluster ${o.name} is in pull mode: it leaves with the command unregister`);
  if (o.dryRun) return;
  await o.hub.delete(clusters, { name: o.name }, { signal: o.signal });
  if (!(await isGone(o, o.waitMs))) {
    if (!o.force)
      throw new Error(
        `cluster ${o.name} is still being deleted after ${o.waitMs / 1000} s: 'kubectl describe cluster ${o.name}' tells what it waits for, --force lets go of it`,
      );
    await letGo(o);
    if (!(await isGone(o, o.waitMs))) throw new Error(`cluster ${o.name} is still there although its finalizers are off`);
  }
  if (o.member) await cleanUp(o.member, o.name);
}

async function isGone(o: UnjoinOptions, waitMs: number): Promise<boolean> {
  const deadline = o.clock.monotonic() + waitMs;
  while (await getOrUndefined(o.hub, clusters, { name: o.name }, { signal: o.signal })) {
    if (o.clock.monotonic() > deadline) return false;
    await sleep(o.clock, POLL_MS, o.signal);
  }
  return true;
}

/** Takes the finalizers off Works, execution space and Cluster: what is in the member stays there. */
async function letGo({ hub, name, signal }: UnjoinOptions): Promise<void> {
  const namespace = executionSpace(name);
  const { items } = await hub.list(works, { namespace, signal });
  for (const work of items) await withoutFinalizers(hub, works, work, signal);
  const space = await getOrUndefined(hub, namespaces, { name: namespace }, { signal });
  if (space) await withoutFinalizers(hub, namespaces, space, signal);
  const cluster: Cluster | undefined = await getOrUndefined(hub, clusters, { name }, { signal });
  if (cluster) await withoutFinalizers(hub, clusters, cluster, signal);
}

async function withoutFinalizers<T extends KubeObject>(hub: Client, r: Resource<T>, object: T, signal: AbortSignal): Promise<void> {
  if (!object.metadata.finalizers?.length) return;
  try {
    await hub.patch(r, keyOf(object), { type: 'merge', body: { metadata: { finalizers: null } } }, { signal });
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error;
  }
}

/** The identities of this cluster; the namespace too where it is ours and no other control plane has an identity in it. */
async function cleanUp(member: Client, cluster: string): Promise<void> {
  const own = accountOf(cluster);
  for (const r of [clusterRoleBindings, clusterRoles]) await drop(member, r, { name: roleOf(cluster) });
  for (const r of [secrets, accounts]) await drop(member, r, { namespace: MEMBER_NAMESPACE, name: own });
  const { items } = await member.list(accounts, { namespace: MEMBER_NAMESPACE });
  const others = items.filter(a => a.metadata.name?.startsWith('karmada-') && a.metadata.name !== IMPERSONATOR && a.metadata.name !== own);
  if (others.length > 0) return;
  for (const r of [secrets, accounts]) await drop(member, r, { namespace: MEMBER_NAMESPACE, name: IMPERSONATOR });
  const space = await getOrUndefined(member, namespaces, { name: MEMBER_NAMESPACE });
  if (space?.metadata.labels?.['karmada.io/system'] === 'true') await drop(member, namespaces, { name: MEMBER_NAMESPACE });
}

async function drop(client: Client, r: Resource, key: { namespace?: string; name: string }): Promise<void> {
  try {
    await client.delete(r, key);
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error;
  }
}
