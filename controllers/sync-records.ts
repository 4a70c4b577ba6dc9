// The records of all members, and what their Clusters say about them.
import { type Cluster, type ClusterStatus, clusters, works } from '../crds/index.ts';
import { type Client, type Clock, errorText, type Logger, timestamp } from '../kube/index.ts';
import { namespaces } from './cluster/execution-space.ts';
import { conditionOf, withCondition } from './condition.ts';
import type { SharedInformers } from './shared-informers.ts';
import {
  GIVEN_ANNOTATION,
  HELD_ANNOTATION,
  PLANE_IS_BEHIND,
  type PlaneState,
  RESUME_ANNOTATION,
  SYNCHRONIZED,
  SyncRecord,
} from './sync-record.ts';
import { updateFresh } from './writing.ts';

export interface SyncRecordsOptions {
  readonly hub: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly informers: SharedInformers;
  /** An agent does not see namespaces: its plane goes by the uid of its Cluster. */
  readonly isAgent: boolean;
  readonly signal: AbortSignal;
}

/** Makes the record of a member. */
export function syncRecords(o: SyncRecordsOptions): (cluster: string, client: Client, signal: AbortSignal) => SyncRecord {
  const { informers, isAgent, clock } = o;
  const copy = informers.of(clusters);
  const worksCopy = informers.of(works);
  const named = isAgent ? undefined : informers.of(namespaces);
  const plane = (cluster: string): PlaneState | undefined => {
    if (!worksCopy.hasSynced || (named && !named.hasSynced)) return undefined;
    const id = named?.get('kube-system')?.metadata.uid ?? copy.get(cluster)?.metadata.uid;
    return id === undefined ? undefined : { id, revision: worksCopy.revision };
  };
  return (cluster, client, signal) =>
    new SyncRecord({
      cluster,
      client,
      clock,
      signal,
      plane: () => plane(cluster),
      async remembered(s) {
        const { metadata } = await o.hub.get(clusters, { name: cluster }, s ? { signal: s } : {});
        const { [GIVEN_ANNOTATION]: given, [HELD_ANNOTATION]: held, [RESUME_ANNOTATION]: resume } = metadata.annotations ?? {};
        return { uid: metadata.uid ?? '', given, held, resume };
      },
      async remember(given, s) {
        const body = { metadata: { annotations: { [GIVEN_ANNOTATION]: given } } };
        await o.hub.patch(clusters, { name: cluster }, { type: 'merge', body }, s ? { signal: s } : {});
      },
      report: given => {
        const present = copy.get(cluster);
        if (present && tells(present, given)) return;
        tell(o, cluster, given).catch((error: unknown) => o.log.warn({ cluster, err: errorText(error) }, 'the Cluster could not be told'));
      },
    });
}

const tells = ({ metadata, status }: Cluster, given: string | undefined): boolean => {
  const condition = conditionOf(status?.conditions, SYNCHRONIZED);
  const { [HELD_ANNOTATION]: held, [RESUME_ANNOTATION]: resume } = metadata.annotations ?? {};
  if (given === undefined) return held === undefined && resume === undefined && condition?.status !== 'False';
  return held === given && condition?.status === 'False';
};

async function tell({ hub, clock, signal }: SyncRecordsOptions, name: string, given: string | undefined): Promise<void> {
  const target = { client: hub, clock, resource: clusters };
  const marked = (present: Cluster): Cluster => {
    const { [HELD_ANNOTATION]: _, [RESUME_ANNOTATION]: resume, ...rest } = present.metadata.annotations ?? {};
    const kept = given === undefined || resume === undefined ? rest : { ...rest, [RESUME_ANNOTATION]: resume };
    return {
      ...present,
      metadata: { ...present.metadata, annotations: given === undefined ? kept : { ...kept, [HELD_ANNOTATION]: given } },
    };
  };
  const condition =
    given === undefined
      ? { type: SYNCHRONIZED, status: 'True' as const, reason: 'Resumed', message: 'The member is written to again.' }
      : {
          type: SYNCHRONIZED,
          status: 'False' as const,
          reason: PLANE_IS_BEHIND,
          message: `The member was given revision ${given}, which this control plane does not have: it was restored from an older backup. Nothing is written into the member until "flotilla cluster resume ${name}".`,
        };
  const conditioned = (present: Cluster): Cluster => {
    const before = present.status?.conditions ?? [];
    const conditions = withCondition(before, condition, timestamp(clock.now()));
    return conditions === before ? present : { ...present, status: { ...present.status, conditions } as ClusterStatus };
  };
  await updateFresh(target, { name }, { change: marked }, signal);
  await updateFresh(target, { name }, { change: conditioned, subresource: 'status' }, signal);
}
