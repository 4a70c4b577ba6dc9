// Replicas that no node takes (specification §7.5): pods of a Deployment's current ReplicaSet that have been unschedulable
// for longer than a threshold.
import { equal, type KubeObject, type LabelSelector, labelSelector, StatusError } from '../kube/index.ts';
import type { Pod } from './types.ts';

const TEMPLATE_HASH = 'pod-template-hash';

interface PodTemplate {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>>; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** A Deployment or a ReplicaSet, as far as its pods are looked for. */
export interface PodOwner extends KubeObject {
  readonly spec?: { readonly selector?: LabelSelector; readonly template?: PodTemplate };
}

export interface UnschedulableInput {
  readonly workload: PodOwner;
  /** Of the workload's namespace. */
  readonly replicaSets: readonly PodOwner[];
  readonly pods: readonly Pod[];
  readonly thresholdMs: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** How many; throws a StatusError for a kind that has no ReplicaSets. */
export function unschedulableReplicas(input: UnschedulableInput): number {
  const { workload, replicaSets, pods, now } = input;
  const { namespace = '', name = '' } = workload.metadata;
  if (workload.kind !== 'Deployment') {
    throw new StatusError({ code: 400, message: `kind(${workload.kind}) of workload(${namespace}/${name}) is not supported` });
  }
  const selects = labelSelector(workload.spec?.selector);
  const owned = <T extends KubeObject>(objects: readonly T[], owner: KubeObject): T[] =>
    objects.filter(o => o.metadata.namespace === namespace && selects.matches(o.metadata.labels) && isControlledBy(o, owner));
  const current = owned(replicaSets, workload)
    .sort(byAge)
    .find(rs => equal(withoutHash(rs.spec?.template), withoutHash(workload.spec?.template)));
  if (!current) return 0;
  const since = now - Math.max(0, input.thresholdMs);
  return owned(pods as readonly (Pod & KubeObject)[], current).filter(pod => isStuck(pod, since)).length;
}

function isControlledBy(object: KubeObject, owner: KubeObject): boolean {
  return (object.metadata.ownerReferences ?? []).some(r => r.controller && r.uid === owner.metadata.uid);
}

function byAge(a: KubeObject, b: KubeObject): number {
  const [left, right] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
  if (left !== right) return left < right ? -1 : 1;
  return (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1;
}

function withoutHash(template: PodTemplate | undefined): unknown {
  const labels = Object.entries(template?.metadata?.labels ?? {}).filter(([key]) => key !== TEMPLATE_HASH);
  return { ...template, metadata: { ...template?.metadata, labels: Object.fromEntries(labels) } };
}

function isStuck(pod: Pod, since: number): boolean {
  const condition = (pod.status?.conditions ?? []).find(c => c.type === 'PodScheduled');
  if (condition?.status !== 'False' || condition.reason !== 'Unschedulable') return false;
  return (condition.lastTransitionTime ? Date.parse(condition.lastTransitionTime) : Number.NEGATIVE_INFINITY) < since;
}
