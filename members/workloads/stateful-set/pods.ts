// The pods of a StatefulSet and what keeps their identity: a name with a number, a stable host name, claims of their own.
import { getOrUndefined, isStatusError, type ObjectMeta, type OwnerReference } from '../../../kube/index.ts';
import type { MemberContext } from '../../context.ts';
import { CLAIMS, type PersistentVolumeClaim, PODS, type Pod, type PodTemplateSpec, type StatefulSet } from '../../kinds.ts';
import { ownedBy } from '../../owners.ts';
import { REVISION_LABEL } from '../revisions.ts';
import { podFrom } from '../template.ts';
import { ordinalOf, slotsOf } from './order.ts';

const POD_NAME = 'statefulset.kubernetes.io/pod-name';
const POD_INDEX = 'apps.kubernetes.io/pod-index';

interface Made {
  readonly ordinal: number;
  readonly revision: string;
  readonly template: PodTemplateSpec;
}

/** Makes the claims of a pod, then the pod. */
export async function createPod(c: MemberContext, set: StatefulSet, o: Made): Promise<void> {
  const name = `${set.metadata.name}-${o.ordinal}`;
  for (const claim of set.spec.volumeClaimTemplates ?? []) await ensureClaim(c, set, { claim, pod: name });
  const pod = podFrom(o.template, set, {
    name,
    labels: { [POD_NAME]: name, [POD_INDEX]: String(o.ordinal), [REVISION_LABEL]: o.revision },
  });
  const { serviceName } = set.spec;
  const spec = { ...pod.spec, hostname: name, ...(serviceName ? { subdomain: serviceName } : {}), volumes: volumesOf(set, pod, name) };
  try {
    await c.client.create(PODS, { ...pod, spec });
    c.events.event(set, 'Normal', 'SuccessfulCreate', `create Pod ${name} in StatefulSet ${set.metadata.name} successful`);
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) {
      const why = `create Pod ${name} in StatefulSet ${set.metadata.name} failed error: ${(error as Error).message}`;
      c.events.event(set, 'Warning', 'FailedCreate', why);
    }
    throw error;
  }
}

const claimName = (template: ObjectMeta | undefined, pod: string): string => `${template?.name}-${pod}`;

/** Volumes named like a claim template are that pod's claim. */
function volumesOf(set: StatefulSet, pod: Pod, name: string): NonNullable<Pod['spec']['volumes']> {
  const own = (set.spec.volumeClaimTemplates ?? []).map(t => ({
    name: t.metadata?.name ?? '',
    persistentVolumeClaim: { claimName: claimName(t.metadata, name) },
  }));
  const names = new Set(own.map(v => v.name));
  return [...own, ...(pod.spec.volumes ?? []).filter(v => !names.has(v.name))];
}

type ClaimTemplate = NonNullable<StatefulSet['spec']['volumeClaimTemplates']>[number];

async function ensureClaim(
  c: MemberContext,
  set: StatefulSet,
  { claim, pod }: { readonly claim: ClaimTemplate; readonly pod: string },
): Promise<void> {
  const { namespace = '' } = set.metadata;
  const name = claimName(claim.metadata, pod);
  if (await getOrUndefined(c.client, CLAIMS, { namespace, name })) return;
  await c.client.create(CLAIMS, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      namespace,
      labels: { ...claim.metadata?.labels, ...set.spec.selector.matchLabels },
      annotations: claim.metadata?.annotations ?? {},
    },
    spec: claim.spec ?? {},
  });
  const what = `create Claim ${name} Pod ${pod} in StatefulSet ${set.metadata.name} success`;
  c.events.event(set, 'Normal', 'SuccessfulCreate', what);
}

/** Gives claims the owners that the retention policy wants: with them they go. */
export async function keepRetention(c: MemberContext, set: StatefulSet, pods: readonly Pod[]): Promise<void> {
  const templates = set.spec.volumeClaimTemplates ?? [];
  const { whenDeleted, whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy ?? {};
  if (templates.length === 0) return;
  const { namespace = '' } = set.metadata;
  const condemned = new Set(slotsOf(set, pods).condemned);
  for (const pod of pods) {
    if (ordinalOf(set, pod) === undefined) continue;
    const goes = whenScaled === 'Delete' && condemned.has(pod);
    const owner = goes ? ownedBy(pod) : whenDeleted === 'Delete' ? ownedBy(set) : undefined;
    for (const t of templates) {
      const claim = await getOrUndefined(c.client, CLAIMS, { namespace, name: claimName(t.metadata, pod.metadata.name ?? '') });
      if (claim) await own(c, claim, { owner, strangers: new Set([set.metadata.uid, ...pods.map(p => p.metadata.uid)]) });
    }
  }
}

async function own(
  c: MemberContext,
  claim: PersistentVolumeClaim,
  o: { readonly owner: OwnerReference | undefined; readonly strangers: ReadonlySet<string | undefined> },
): Promise<void> {
  const present = claim.metadata.ownerReferences ?? [];
  const kept = present.filter(x => !o.strangers.has(x.uid));
  const wanted = o.owner ? [...kept, o.owner] : kept;
  if (wanted.length === present.length && wanted.every((x, i) => x.uid === present[i]?.uid)) return;
  await c.client.update(CLAIMS, { ...claim, metadata: { ...claim.metadata, ownerReferences: wanted } });
}
