// One pass over one Work (specification §4.2).
import {
  annotations,
  type Cluster,
  clusterOfExecutionSpace,
  conditionTypes,
  eventReasons,
  labels,
  NOT_AN_EXECUTION_SPACE,
  type Work,
} from '../../crds/index.ts';
import { type AnyObject, type EventRecorder, type EventType, errorText } from '../../kube/index.ts';
import { conditionOf, isTrue } from '../condition.ts';
import { aggregatedText } from '../writing.ts';
import { manifestsOf } from './clean-up.ts';
import { appliedCondition, dispatchingCondition, notAppliedCondition, type WorkCondition } from './work-conditions.ts';

export interface ExecutionSteps {
  readonly recorder: EventRecorder;
  /** Throws where the cluster is not known. */
  readonly cluster: (name: string) => Cluster;
  /** The object as it was written; undefined where nothing was. */
  readonly sync: (manifest: AnyObject, cluster: Cluster, signal: AbortSignal) => Promise<AnyObject | undefined>;
  readonly deleteAll: (work: Work, cluster: Cluster, signal: AbortSignal) => Promise<void>;
  readonly releaseAll: (work: Work, cluster: Cluster, signal: AbortSignal) => Promise<void>;
  /** `written` is what the member answered: what it says about itself is told with the conditions, where it can be. */
  readonly setConditions: (
    work: Work,
    conditions: readonly WorkCondition[],
    written: readonly AnyObject[],
    signal: AbortSignal,
  ) => Promise<void>;
  readonly removeFinalizer: (work: Work, signal: AbortSignal) => Promise<void>;
}

const isReady = (cluster: Cluster): boolean => isTrue(cluster.status?.conditions, conditionTypes.clusterReady);

export async function reconcileWork(work: Work, o: ExecutionSteps, signal: AbortSignal): Promise<void> {
  const name = clusterOfExecutionSpace(work.metadata.namespace ?? '');
  if (name === undefined) throw new Error(NOT_AN_EXECUTION_SPACE);
  const cluster = o.cluster(name);
  if (work.metadata.deletionTimestamp) return finish(work, cluster, o, signal);
  const dispatching = newDispatchingCondition(work);
  if (dispatching) o.recorder.event(work, 'Normal', eventReasons.workDispatching, dispatching.message);
  const toShow = dispatching ? [dispatching] : [];
  if (work.spec.suspendDispatching || !isReady(cluster)) {
    if (dispatching) await o.setConditions(work, toShow, [], signal);
    if (work.spec.suspendDispatching) return;
    throw new Error(`cluster(${name}) not ready`);
  }
  await syncAll({ work, cluster, toShow }, o, signal);
}

/** The condition that tells whether the Work is dispatched, where the Work does not show it yet. */
function newDispatchingCondition(work: Work): WorkCondition | undefined {
  const condition = dispatchingCondition(work);
  return conditionOf(work.status?.conditions, condition.type)?.status === condition.status ? undefined : condition;
}

/** What a member was reported to have is its own, also where it bears our marks: a slice takes the labels of its Service. */
const isReport = ({ metadata, spec }: Work): boolean =>
  spec.suspendDispatching === true && metadata.labels?.[labels.endpointSliceManagedBy] !== undefined;

async function finish(work: Work, cluster: Cluster, o: ExecutionSteps, signal: AbortSignal): Promise<void> {
  if (isReport(work)) return o.removeFinalizer(work, signal);
  if (work.spec.preserveResourcesOnDeletion) await o.releaseAll(work, cluster, signal);
  else if (isReady(cluster)) await o.deleteAll(work, cluster, signal);
  else if (!cluster.metadata.deletionTimestamp) throw new Error(`cluster(${cluster.metadata.name}) not ready`);
  await o.removeFinalizer(work, signal);
}

interface Sync {
  readonly work: Work;
  readonly cluster: Cluster;
  /** Conditions that are written together with the outcome: one write for both. */
  readonly toShow: readonly WorkCondition[];
}

async function syncAll({ work, cluster, toShow }: Sync, o: ExecutionSteps, signal: AbortSignal): Promise<void> {
  const name = cluster.metadata.name ?? '';
  const manifests = manifestsOf(work);
  const errors: unknown[] = [];
  const written: AnyObject[] = [];
  for (const manifest of manifests) {
    const title = `${manifest.metadata.namespace ?? ''}/${manifest.metadata.name}`;
    try {
      const object = await o.sync(manifest, cluster, signal);
      if (object) written.push(object);
      tell(o.recorder, manifest, ['Normal', eventReasons.syncSucceed, `Successfully applied resource(${title}) to cluster ${name}`]);
    } catch (error) {
      signal.throwIfAborted();
      errors.push(error);
      const text = `Failed to create or update resource(${title}) in member cluster(${name}): ${errorText(error)}`;
      tell(o.recorder, manifest, ['Warning', eventReasons.syncFailed, text]);
    }
  }
  const { namespace, name: workName } = work.metadata;
  if (errors.length > 0) {
    const text = aggregatedText(errors);
    const condition = notAppliedCondition(manifests.length - errors.length, manifests.length, text);
    await o.setConditions(work, [...toShow, condition], [], signal);
    const message = `Failed to sync work(${namespace}/${workName}) to cluster(${name}), err: ${text}`;
    o.recorder.event(work, 'Warning', eventReasons.syncFailed, message);
    throw new Error(message, { cause: errors[0] });
  }
  await o.setConditions(work, [...toShow, appliedCondition], written, signal);
  o.recorder.event(work, 'Normal', eventReasons.syncSucceed, `Sync work(${namespace}/${workName}) to cluster(${name}) successful.`);
}

/** Says something about the template as its manifest remembers it; manifests that the control plane made up have none. */
function tell(recorder: EventRecorder, { apiVersion, kind, metadata }: AnyObject, [type, reason, message]: Message): void {
  const { namespace, name = '' } = metadata;
  const uid = metadata.annotations?.[annotations.templateUid];
  if (!uid) return;
  recorder.event({ apiVersion, kind, metadata: { name, uid, ...(namespace ? { namespace } : {}) } }, type, reason, message);
}

type Message = readonly [type: EventType, reason: string, message: string];
