// Which changes in a member bring a Work back to the queue (specification §4.1): what was changed by others, and what was deleted.
import { annotations, labels } from '../../crds/index.ts';
import { pruneIrrelevantFields } from '../../interpreter/index.ts';
import { type AnyObject, type Change, equal, type KubeObject } from '../../kube/index.ts';

/** The key of the Work that put the object there; undefined for objects that are not ours. */
function workKeyOf({ metadata }: KubeObject): string | undefined {
  if (metadata.labels?.[labels.managed] !== 'true') return undefined;
  const namespace = metadata.annotations?.[annotations.workNamespace];
  const name = metadata.annotations?.[annotations.workName];
  return namespace && name ? `${namespace}/${name}` : undefined;
}

/** The Work to look at; `recorded` is the version we wrote last. */
export function workToSync({ type, object, old }: Change<AnyObject>, recorded: string | undefined): string | undefined {
  if (type === 'deleted') return workKeyOf(object);
  if (recorded === undefined || recorded === object.metadata.resourceVersion) return undefined;
  if (type === 'added') return workKeyOf(object);
  if (!old || equal(pruneIrrelevantFields(old), pruneIrrelevantFields(object))) return undefined;
  return workKeyOf(old);
}
