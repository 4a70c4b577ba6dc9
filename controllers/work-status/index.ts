// Wiring of the work status controllers: one opens the copies that Works need, the other follows the objects in them.
import {
  annotations,
  type Cluster,
  clusterOfExecutionSpace,
  clusters,
  conditionTypes,
  executionSpace,
  type Work,
  works,
} from '../../crds/index.ts';
import {
  type AnyObject,
  apiVersionOf,
  controller,
  equal,
  fromInformer,
  keyOf,
  keyText,
  parseKey,
  periodic,
  type Resource,
  type Runnable,
  type Source,
} from '../../kube/index.ts';
import { byKey } from '../bindings.ts';
import { isTrue } from '../condition.ts';
import type { ControllerContext } from '../context.ts';
import { manifestsOf } from '../execution/clean-up.ts';
import { memberLanes } from '../member-lanes.ts';
import { resourceId } from '../members.ts';
import { updateFresh } from '../writing.ts';
import { reflectManifest, tellNotReflected, withManifestStatus } from './reflect.ts';

export function workStatusControllers(context: ControllerContext): Runnable[] {
  const { clock, log, informers, options } = context;
  const copy = informers.of(works);
  return [
    controller({
      ...context.runtime,
      name: 'work-status-watcher',
      sources: [fromInformer(copy, { when: ({ type }) => type !== 'deleted' })],
      async reconcile(key, signal) {
        const work = byKey(copy, key);
        if (work) await openCopies(context, work, signal);
      },
      clock,
      log,
    }),
    memberLanes({
      ...context.runtime,
      name: 'work-status-controller',
      memberOf: key => key.split(SEPARATOR)[0] ?? '',
      onLane: queue => context.backlog.add(queue),
      sources: [memberSource(context)],
      reconcile: (key, signal) => reflectObject(context, key, signal),
      clock,
      log,
      workers: options.concurrentWorkSyncs,
    }),
    periodic({ name: 'work-status-copies', everyMs: SWEEP_MS, clock, log }, signal => dropCopies(context, signal)),
  ];
}

const SWEEP_MS = 30_000;

/** Ends the copies of kinds that no Work of the member carries any more. */
async function dropCopies({ members, mapper, informers }: ControllerContext, signal: AbortSignal): Promise<void> {
  const copy = informers.of(works);
  if (!copy.hasSynced) return;
  for (const name of members.names) {
    const kinds = new Map(
      copy.list(executionSpace(name)).flatMap(work => manifestsOf(work).map(m => [`${m.apiVersion} ${m.kind}`, m] as const)),
    );
    const resources = await Promise.all([...kinds.values()].map(m => mapper.find(m.apiVersion, m.kind, signal)));
    // A kind that cannot be told now may be one of the copies: all stay.
    if (resources.includes(undefined)) continue;
    const needed = new Set(resources.flatMap(r => (r ? [resourceId(r)] : [])));
    members.get(name)?.keepOnly(resource => needed.has(resourceId(resource)));
  }
}

/** Follows the kinds of an applied Work in its cluster. */
async function openCopies({ members, mapper, informers }: ControllerContext, work: Work, signal: AbortSignal): Promise<void> {
  if (work.metadata.deletionTimestamp || !isTrue(work.status?.conditions, conditionTypes.workApplied)) return;
  const cluster: Cluster | undefined = informers.of(clusters).get(clusterOfExecutionSpace(work.metadata.namespace ?? '') ?? '');
  if (!cluster || !members.serves(cluster)) return;
  if (!isTrue(cluster.status?.conditions, conditionTypes.clusterReady)) throw new Error(`cluster(${cluster.metadata.name}) not ready`);
  const member = members.require(cluster);
  for (const { apiVersion, kind } of manifestsOf(work)) member.informer(await mapper.resourceFor(apiVersion, kind, signal));
}

const SEPARATOR = '|';

/** Every change of an object that names an execution space; the key says where to find it. */
function memberSource({ members, reported }: ControllerContext): Source {
  return {
    synced: Promise.resolve(),
    start: enqueue =>
      members.subscribe(({ cluster, resource, change }) => {
        const { object, old, type, initial } = change;
        if (type === 'deleted') reported.drop(cluster, typed(object, resource));
        if (type === 'updated' && old && equal(old, object)) return;
        const namespace = object.metadata.annotations?.[annotations.workNamespace] ?? '';
        if (clusterOfExecutionSpace(namespace) === undefined) return;
        enqueue([cluster, apiVersionOf(resource), resource.kind, keyText(keyOf(object))].join(SEPARATOR), { priority: initial ? -100 : 0 });
      }),
  };
}

/** Objects out of lists need not say what they are. */
const typed = (object: AnyObject, resource: Resource): AnyObject =>
  object.kind ? object : { ...object, apiVersion: apiVersionOf(resource), kind: resource.kind };

async function reflectObject(context: ControllerContext, key: string, signal: AbortSignal): Promise<void> {
  const { members, mapper, hub, clock, informers, interpreters, recorder, reported } = context;
  const [cluster = '', apiVersion = '', kind = '', name = ''] = key.split(SEPARATOR);
  const member = members.get(cluster);
  if (!member) return;
  const resource = await mapper.resourceFor(apiVersion, kind, signal);
  const found = member.informer(resource).get(parseKey(name));
  if (!found) return;
  const object = typed(found, resource);
  if (reported.get(cluster, object) === object.metadata.resourceVersion) return;
  const { [annotations.workNamespace]: namespace = '', [annotations.workName]: workName = '' } = object.metadata.annotations ?? {};
  if (clusterOfExecutionSpace(namespace) !== cluster) return;
  const work = informers.of(works).get({ namespace, name: workName });
  if (!work || work.metadata.deletionTimestamp) return;
  const item = await reflectManifest(work, object, { interpreters, recorder }, signal);
  const target = { client: hub, clock, resource: works };
  const write = { cached: work, change: (present: Work) => withManifestStatus(present, item), subresource: 'status' } as const;
  try {
    await updateFresh(target, { namespace, name: workName }, write, signal);
  } catch (error) {
    signal.throwIfAborted();
    tellNotReflected(recorder, { work, object }, error);
    throw error;
  }
}
