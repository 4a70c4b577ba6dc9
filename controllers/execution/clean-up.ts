// What happens in the member when a Work goes (specification §4.5): its objects go too, or stay without our marks. Only what is marked as ours is touched.
import { annotations, labels, type Work } from '../../crds/index.ts';
import { type AnyObject, type Evidence, keyOf, ownerIsTerminating, type Resource } from '../../kube/index.ts';
import { type Member, memberObject } from '../members.ts';
import { allOrErrors } from '../writing.ts';
import { isManaged } from './member-object.ts';
import { type SyncOptions, syncManifest } from './sync-manifest.ts';

export interface CleanUpOptions extends SyncOptions {
  readonly resourceFor: (manifest: AnyObject, signal: AbortSignal) => Promise<Resource>;
}

export const manifestsOf = (work: Work): readonly AnyObject[] => (work.spec.workload?.manifests ?? []) as unknown as readonly AnyObject[];

/** Deletes what the Work put into the member. */
export async function deleteManifests(work: Work, o: CleanUpOptions, signal: AbortSignal): Promise<void> {
  const because = ownerIsTerminating(work);
  await allOrErrors(manifestsOf(work).map(manifest => () => deleteOne(manifest, because, o, signal)));
}

async function deleteOne(manifest: AnyObject, because: Evidence, o: CleanUpOptions, signal: AbortSignal): Promise<void> {
  const resource = await o.resourceFor(manifest, signal);
  const present = await memberObject(o.member, resource, keyOf(manifest), signal);
  if (!present || !isManaged(present)) return;
  await o.writes.remove(manifest, o.member.name, () => o.member.remove(resource, keyOf(manifest), because, signal));
  o.versions.drop(o.member.name, manifest);
}

/** Leaves the objects where they are and takes our marks off. */
export async function releaseManifests(work: Work, o: CleanUpOptions, signal: AbortSignal): Promise<void> {
  await allOrErrors(
    manifestsOf(work).map(manifest => async () => {
      const resource = await o.resourceFor(manifest, signal);
      const present = await requirePresent(o.member, resource, manifest, signal);
      if (isManaged(present)) await syncManifest(withoutMarks(manifest), resource, o, signal);
    }),
  );
}

async function requirePresent(member: Member, resource: Resource, manifest: AnyObject, signal: AbortSignal): Promise<AnyObject> {
  const present = await memberObject(member, resource, keyOf(manifest), signal);
  if (present) return present;
  const { namespace = '', name } = manifest.metadata;
  throw new Error(`${manifest.kind} ${namespace}/${name} is not in the cluster ${member.name}`);
}

const COMMON_LABELS = [labels.resourceBindingId, labels.workId, labels.managed];
const COMMON_ANNOTATIONS = [
  annotations.managedAnnotations,
  annotations.managedLabels,
  annotations.resourceBindingNamespace,
  annotations.resourceBindingName,
  annotations.templateUid,
  annotations.templateGeneration,
  annotations.workName,
  annotations.workNamespace,
];

/** The manifest without our marks; the conflict rule and the marks of cluster-wide bindings stay, as in the reference. */
function withoutMarks(manifest: AnyObject): AnyObject {
  const namespaced = Boolean(manifest.metadata.namespace);
  const claimLabels = namespaced ? [labels.propagationPolicyId] : [labels.clusterPropagationPolicyId];
  const claimAnnotations = namespaced
    ? [annotations.propagationPolicyNamespace, annotations.propagationPolicyName]
    : [annotations.clusterPropagationPolicyName];
  const without = (map: Readonly<Record<string, string>> = {}, keys: readonly string[]): Record<string, string> =>
    Object.fromEntries(Object.entries(map).filter(([key]) => !keys.includes(key)));
  return {
    ...manifest,
    metadata: {
      ...manifest.metadata,
      labels: without(manifest.metadata.labels, [...COMMON_LABELS, ...claimLabels]),
      annotations: without(manifest.metadata.annotations, [...COMMON_ANNOTATIONS, ...claimAnnotations]),
    },
  };
}
