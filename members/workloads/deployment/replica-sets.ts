// The ReplicaSets of a Deployment: which one has the present template, how revisions are numbered, what history is kept.
import { isStatusError, timeMillis } from '../../../kube/index.ts';
import type { MemberContext } from '../../context.ts';
import { type Deployment, REPLICA_SETS, type ReplicaSet } from '../../kinds.ts';
import { ownedBy } from '../../owners.ts';
import { deleteObject } from '../../writing.ts';
import { sameTemplate, TEMPLATE_HASH, templateHash } from '../template.ts';
import { boundsOf } from './rollout.ts';

export const REVISION = 'deployment.kubernetes.io/revision';
const DESIRED = 'deployment.kubernetes.io/desired-replicas';
const MAX = 'deployment.kubernetes.io/max-replicas';
const NOT_COPIED = new Set(['kubectl.kubernetes.io/last-applied-configuration', REVISION, DESIRED, MAX]);

/** The new ReplicaSet, if there is one, and the old ones from the oldest. */
export interface Split {
  readonly current?: ReplicaSet;
  readonly old: readonly ReplicaSet[];
}

export const revisionOf = (o: ReplicaSet | Deployment): number => Number(o.metadata.annotations?.[REVISION] ?? 0) || 0;

const age = (set: ReplicaSet): number => timeMillis(set.metadata.creationTimestamp) ?? 0;

export function split(d: Deployment, sets: readonly ReplicaSet[]): Split {
  const sorted = [...sets].sort((a, b) => age(a) - age(b) || revisionOf(a) - revisionOf(b));
  const current = sorted.find(set => sameTemplate(set.spec.template, d.spec.template));
  return { ...(current ? { current } : {}), old: sorted.filter(set => set !== current) };
}

/** The revision that the present template has: above all old ones. */
export const nextRevision = (old: readonly ReplicaSet[]): number => Math.max(0, ...old.map(revisionOf)) + 1;

/** Annotations of a ReplicaSet: the Deployment's own, its revision, and the sizes the rollout counts with. */
export function annotationsFor(d: Deployment, o: { readonly revision: number; readonly max: number }): Record<string, string> {
  const copied = Object.entries(d.metadata.annotations ?? {}).filter(([key]) => !NOT_COPIED.has(key));
  return { ...Object.fromEntries(copied), [REVISION]: String(o.revision), [DESIRED]: String(d.spec.replicas ?? 1), [MAX]: String(o.max) };
}

/** Makes the ReplicaSet of the present template. A name that another template has is avoided the next time. */
export async function createCurrent(
  c: MemberContext,
  d: Deployment,
  o: { readonly replicas: number; readonly revision: number; readonly max: number },
): Promise<ReplicaSet | { readonly collision: true }> {
  const hash = templateHash(d.spec.template, d.status?.collisionCount);
  const labels = { ...d.spec.template.metadata?.labels, [TEMPLATE_HASH]: hash };
  const { selector } = d.spec;
  try {
    const set = await c.client.create(REPLICA_SETS, {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `${d.metadata.name}-${hash}`,
        namespace: d.metadata.namespace ?? '',
        labels,
        annotations: annotationsFor(d, o),
        ownerReferences: [ownedBy(d)],
      },
      spec: {
        replicas: o.replicas,
        minReadySeconds: d.spec.minReadySeconds ?? 0,
        selector: { ...selector, matchLabels: { ...selector.matchLabels, [TEMPLATE_HASH]: hash } },
        template: { ...d.spec.template, metadata: { ...d.spec.template.metadata, labels } },
      },
    });
    if (o.replicas > 0) scaled(c, d, set, { from: 0, to: o.replicas });
    return set;
  } catch (error) {
    if (isStatusError(error, 'AlreadyExists')) return { collision: true };
    throw error;
  }
}

/** Sets the size; the same where nothing changes. */
export async function scale(c: MemberContext, d: Deployment, set: ReplicaSet, replicas: number): Promise<ReplicaSet> {
  const from = set.spec.replicas ?? 1;
  const annotations = { ...set.metadata.annotations, ...sizesOf(d) };
  if (from === replicas && (replicas === 0 || !wasMeantFor(d, set))) return set;
  const now = await c.client.update(REPLICA_SETS, {
    ...set,
    metadata: { ...set.metadata, annotations },
    spec: { ...set.spec, replicas },
  });
  if (from !== replicas) scaled(c, d, set, { from, to: replicas });
  return now;
}

function sizesOf(d: Deployment): Record<string, string> {
  const { wanted, surge } = boundsOf(d);
  return { [DESIRED]: String(wanted), [MAX]: String(wanted + surge) };
}

/** Whether the set got its size when the Deployment wanted another number of replicas. */
export function wasMeantFor(d: Deployment, set: ReplicaSet): boolean {
  const desired = set.metadata.annotations?.[DESIRED];
  return desired !== undefined && desired !== String(boundsOf(d).wanted);
}

function scaled(c: MemberContext, d: Deployment, set: ReplicaSet, o: { readonly from: number; readonly to: number }): void {
  const way = o.to > o.from ? 'up' : 'down';
  c.events.event(d, 'Normal', 'ScalingReplicaSet', `Scaled ${way} replica set ${set.metadata.name} from ${o.from} to ${o.to}`);
}

/** Deletes empty old ones beyond what the Deployment remembers. */
export async function cleanUp(c: MemberContext, d: Deployment, old: readonly ReplicaSet[]): Promise<void> {
  const limit = d.spec.revisionHistoryLimit ?? 10;
  const empty = old
    .filter(set => set.spec.replicas === 0 && !set.status?.replicas && !set.metadata.deletionTimestamp)
    .sort((a, b) => revisionOf(a) - revisionOf(b));
  for (const set of empty.slice(0, Math.max(0, old.length - limit))) await deleteObject(c.client, REPLICA_SETS, set);
}
