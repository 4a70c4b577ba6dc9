// The namespace that holds a cluster's Works.
import { type Cluster, eventReasons, executionSpace, labels } from '../../crds/index.ts';
import { type Client, type EventRecorder, getOrUndefined, isStatusError, resource } from '../../kube/index.ts';
import { deleteIfPresent } from '../writing.ts';

export const namespaces = resource({ group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', scope: 'Cluster' });

export async function ensureExecutionSpace(hub: Client, recorder: EventRecorder, cluster: Cluster, signal: AbortSignal): Promise<void> {
  const name = executionSpace(cluster.metadata.name ?? '');
  if (await getOrUndefined(hub, namespaces, { name }, { signal })) return;
  try {
    await hub.create(
      namespaces,
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { [labels.system]: 'true' } } },
      { signal },
    );
    recorder.event(
      cluster,
      'Normal',
      eventReasons.createExecutionSpaceSucceed,
      `Create execution space(${name}) for cluster(${cluster.metadata.name}) succeed.`,
    );
  } catch (error) {
    if (isStatusError(error, 'AlreadyExists')) return;
    recorder.event(cluster, 'Warning', eventReasons.createExecutionSpaceFailed, (error as Error).message);
    throw error;
  }
}

/** Asks for the deletion; resolves with whether the namespace is gone. */
export async function removeExecutionSpace(hub: Client, recorder: EventRecorder, cluster: Cluster, signal: AbortSignal): Promise<boolean> {
  const name = executionSpace(cluster.metadata.name ?? '');
  const present = await getOrUndefined(hub, namespaces, { name }, { signal });
  if (!present) return true;
  if (present.metadata.deletionTimestamp) return false;
  try {
    await deleteIfPresent(hub, namespaces, { name }, signal);
    recorder.event(
      cluster,
      'Normal',
      eventReasons.removeExecutionSpaceSucceed,
      `Remove execution space(${name}) for cluster(${cluster.metadata.name}) succeed.`,
    );
  } catch (error) {
    recorder.event(cluster, 'Warning', eventReasons.removeExecutionSpaceFailed, (error as Error).message);
    throw error;
  }
  return false;
}
