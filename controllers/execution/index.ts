// Wiring of the execution controller.
import { type Cluster, clusterOfExecutionSpace, clusters, conditionTypes, finalizers, type Work, works } from '../../crds/index.ts';
import { type AnyObject, fromInformer, keyOf, Metrics, type Runnable, type Source, timestamp } from '../../kube/index.ts';
import { byKey } from '../bindings.ts';
import { isTrue } from '../condition.ts';
import type { ControllerContext } from '../context.ts';
import { memberLanes } from '../member-lanes.ts';
import type { Member } from '../members.ts';
import { memberWrites } from '../operation-metrics.ts';
import { RESUME_ANNOTATION } from '../sync-record.ts';
import { firstReport } from '../work-status/first-report.ts';
import { updateFresh } from '../writing.ts';
import { type CleanUpOptions, deleteManifests, releaseManifests } from './clean-up.ts';
import { workToSync } from './member-events.ts';
import { type ExecutionSteps, reconcileWork } from './reconcile.ts';
import { syncManifest } from './sync-manifest.ts';
import { MemberVersions } from './versions.ts';
import { withWorkConditions } from './work-conditions.ts';

export function executionController(context: ControllerContext): Runnable {
  const { informers, clock, log, options } = context;
  const copy = informers.of(works);
  const versions = new MemberVersions();
  const steps = executionSteps(context, versions);
  return memberLanes({
    ...context.runtime,
    name: 'execution-controller',
    memberOf: key => key.split('/')[0] ?? '',
    onLane: queue => context.backlog.add(queue),
    sources: [
      fromInformer(copy, {
        when: ({ type, object, old }) =>
          type !== 'deleted' && isServed(context, object) && (type === 'added' || object.metadata.generation !== old?.metadata.generation),
      }),
      memberSource(context, versions),
      newMemberSource(context),
    ],
    async reconcile(key, signal) {
      const work = byKey(copy, key);
      if (work && isServed(context, work)) await reconcileWork(work, steps, signal);
    },
    clock,
    log,
    workers: options.concurrentWorkSyncs,
  });
}

/** Whether this process talks to the cluster of the Work: it is in push mode, or the agent's own. */
function isServed({ members, informers }: ControllerContext, { metadata }: Work): boolean {
  const name = clusterOfExecutionSpace(metadata.namespace ?? '');
  if (name === undefined) return false;
  return members.serves(informers.of(clusters).get(name));
}

function memberSource({ members }: ControllerContext, versions: MemberVersions): Source {
  return {
    synced: Promise.resolve(),
    start: enqueue =>
      members.subscribe(({ cluster, change }) => {
        const key = workToSync(change, versions.get(cluster, change.object));
        if (key) enqueue(key);
      }),
  };
}

/** Works that were there before their cluster could be reached, or that failed while it could not: their back-off ends when it is ready. */
function newMemberSource({ informers }: ControllerContext): Source {
  const copy = informers.of(works);
  return fromInformer(informers.of(clusters), {
    when: ({ type, object, old }) =>
      type === 'added' || (type === 'updated' && ((isReady(object) && !isReady(old)) || isResumed(object, old))),
    keys: ({ object }) => copy.list(`karmada-es-${object.metadata.name}`).map(work => `${work.metadata.namespace}/${work.metadata.name}`),
  });
}

/** Somebody allowed to write into the member again. */
function isResumed({ metadata }: Cluster, old: Cluster | undefined): boolean {
  const resume = metadata.annotations?.[RESUME_ANNOTATION];
  return resume !== undefined && resume !== old?.metadata.annotations?.[RESUME_ANNOTATION];
}

const isReady = (cluster: Cluster | undefined): boolean => isTrue(cluster?.status?.conditions, conditionTypes.clusterReady);

function executionSteps(context: ControllerContext, versions: MemberVersions): ExecutionSteps {
  const { hub, clock, recorder, informers, interpreters, mapper, members } = context;
  const writes = memberWrites(context.runtime.metrics ?? new Metrics());
  const target = { client: hub, clock, resource: works };
  const resourceFor = (manifest: AnyObject, signal: AbortSignal) => mapper.resourceFor(manifest.apiVersion, manifest.kind, signal);
  const memberOf = (cluster: Cluster): Member => members.require(cluster);
  const cleanUp = (cluster: Cluster): CleanUpOptions => ({ member: memberOf(cluster), interpreters, versions, writes, resourceFor });
  return {
    recorder,
    cluster(name) {
      const cluster = informers.of(clusters).get(name);
      if (!cluster) throw new Error(`clusters.cluster.karmada.io "${name}" not found`);
      return cluster;
    },
    async sync(manifest, cluster, signal) {
      const resource = await resourceFor(manifest, signal);
      return syncManifest(manifest, resource, { member: memberOf(cluster), interpreters, versions, writes }, signal);
    },
    deleteAll: (work, cluster, signal) => deleteManifests(work, cleanUp(cluster), signal),
    releaseAll: (work, cluster, signal) => releaseManifests(work, cleanUp(cluster), signal),
    async setConditions(work, conditions, written, signal) {
      const report = await firstReport(context, work, written, signal);
      const now = timestamp(clock.now());
      const change = (present: Work): Work => withWorkConditions(report.add(present), conditions, now);
      await updateFresh(target, keyOf(work), { cached: work, change, subresource: 'status' }, signal);
      report.done();
    },
    async removeFinalizer(work, signal) {
      const change = (present: Work): Work => {
        const list = present.metadata.finalizers ?? [];
        if (!list.includes(finalizers.execution)) return present;
        return { ...present, metadata: { ...present.metadata, finalizers: list.filter(f => f !== finalizers.execution) } };
      };
      await updateFresh(target, keyOf(work), { cached: work, change }, signal);
    },
  };
}
