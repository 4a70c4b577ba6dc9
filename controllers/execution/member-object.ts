// What may be done to an object that is in a member already, and what is sent there (specification §4.3): only what carries our label is ours; what
// members add is kept; what we set earlier and set no more goes.
import { annotations, labels } from '../../crds/index.ts';
import { type InterpreterLayer, pruneIrrelevantFields } from '../../interpreter/index.ts';
import { type AnyObject, equal } from '../../kube/index.ts';

/** Proof that we made the object or took it over. */
export const isManaged = (member: AnyObject): boolean => member.metadata.labels?.[labels.managed] === 'true';

/** Whether the manifest may be written over the member's object. */
export function mayUpdate(manifest: AnyObject, member: AnyObject): boolean {
  return isManaged(member) || manifest.metadata.annotations?.[annotations.conflictResolution] === 'overwrite';
}

/** The object to send: the manifest with what the member owns. */
export async function objectToSend(
  manifest: AnyObject,
  member: AnyObject,
  interpreters: InterpreterLayer,
  signal?: AbortSignal,
): Promise<AnyObject> {
  const kept = withMemberMaps(withMemberIdentity(manifest, member), member);
  const retain = interpreters.interpreterFor(manifest.apiVersion, manifest.kind)?.retain;
  return retain ? retain(kept, member, signal) : kept;
}

/** Whether sending the object would change nothing. */
export function isUpToDate(desired: AnyObject, member: AnyObject): boolean {
  return equal(desired, withMemberIdentity(pruneIrrelevantFields(member), member));
}

/** Fields that the member alone decides about. */
function withMemberIdentity(object: AnyObject, { metadata }: AnyObject): AnyObject {
  const { resourceVersion: _, finalizers: __, ownerReferences: ___, ...rest } = object.metadata;
  return {
    ...object,
    metadata: {
      ...rest,
      ...(metadata.resourceVersion === undefined ? {} : { resourceVersion: metadata.resourceVersion }),
      ...(metadata.finalizers === undefined ? {} : { finalizers: metadata.finalizers }),
      ...(metadata.ownerReferences === undefined ? {} : { ownerReferences: metadata.ownerReferences }),
    },
  };
}

function withMemberMaps(object: AnyObject, member: AnyObject): AnyObject {
  const managed = (key: string): Set<string> => new Set((member.metadata.annotations?.[key] ?? '').split(','));
  const labelMap = mergedMap(object.metadata.labels, member.metadata.labels, managed(annotations.managedLabels));
  const annotationMap = mergedMap(object.metadata.annotations, member.metadata.annotations, managed(annotations.managedAnnotations));
  return {
    ...object,
    metadata: {
      ...object.metadata,
      ...(labelMap ? { labels: labelMap } : {}),
      ...(annotationMap ? { annotations: annotationMap } : {}),
    },
  };
}

type StringMap = Readonly<Record<string, string>>;

function mergedMap(desired: StringMap | undefined, observed: StringMap | undefined, managed: ReadonlySet<string>): StringMap | undefined {
  const kept = Object.entries(observed ?? {}).filter(([key]) => !(managed.has(key) && desired?.[key] === undefined));
  return kept.length > 0 ? { ...Object.fromEntries(kept), ...desired } : desired;
}
