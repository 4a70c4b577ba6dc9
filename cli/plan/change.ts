// What a plan asks about: files to apply, clusters to cordon, to lose or to add. Done to a copy of the plane, or to a plane itself.
import { clusters } from '../../crds/index.ts';
import { type AnyObject, at, type Client, getOrUndefined, isObject, keyOf, objectOf, type Resource, timestamp } from '../../kube/index.ts';

export interface PlannedChange {
  readonly apply: readonly AnyObject[];
  readonly cordon: readonly string[];
  readonly lose: readonly string[];
  readonly add: readonly AddedCluster[];
}

/** A cluster as written, or one like another with nothing running in it. */
export type AddedCluster = { readonly object: AnyObject } | { readonly name: string; readonly like?: string };

export interface ChangeOptions {
  readonly client: Client;
  readonly nowMs: number;
  /** The resource of an object; rejects where its kind is not served. */
  readonly resourceOf: (object: AnyObject) => Promise<Resource<AnyObject>>;
  /** Lets what was done take effect. */
  readonly settle: () => Promise<void>;
}

const UNSCHEDULABLE = 'cluster.karmada.io/unschedulable';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const clusterObjects = clusters as unknown as Resource<AnyObject>;

/** In order: clusters are added, files applied, clusters cordoned, clusters lost. */
export async function makeChange(change: PlannedChange, o: ChangeOptions): Promise<void> {
  for (const added of change.add) await addCluster(added, o);
  if (change.add.length > 0) await o.settle();
  for (const object of change.apply) await applyObject(object, o);
  for (const name of change.cordon) await cordon(await cluster(name, o), o);
  for (const name of change.lose) await o.client.delete(clusterObjects, keyOf(await cluster(name, o)));
  await o.settle();
}

/** What kubectl apply does: creates, or merges with what was applied before. */
async function applyObject(object: AnyObject, o: ChangeOptions): Promise<void> {
  const resource = await o.resourceOf(object);
  const placed = resource.scope === 'Cluster' ? withoutNamespace(object) : object;
  const noted = withNote(placed);
  const present = await getOrUndefined(o.client, resource, keyOf(placed));
  if (!present) {
    await o.client.create(resource, noted);
    return;
  }
  const before = present.metadata.annotations?.[LAST_APPLIED];
  const removed = before ? removals(parsed(before), noted) : undefined;
  const body = merged(removed, noted);
  await o.client.patch(resource, keyOf(placed), { type: 'merge', body });
}

/** The object with the note that kubectl leaves of what was applied. */
function withNote(object: AnyObject): AnyObject {
  const { metadata, ...rest } = object;
  const { [LAST_APPLIED]: _, ...annotations } = metadata.annotations ?? {};
  const bare = { ...rest, metadata: { ...metadata, annotations } };
  return { ...object, metadata: { ...metadata, annotations: { ...annotations, [LAST_APPLIED]: `${JSON.stringify(bare)}\n` } } };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function withoutNamespace(object: AnyObject): AnyObject {
  const { namespace: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** Nulls for what was applied before and is not there now. */
function removals(before: unknown, now: unknown): Record<string, unknown> | undefined {
  if (!isObject(before) || !isObject(now)) return undefined;
  const nulls: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(before)) {
    if (!Object.hasOwn(now, key)) nulls[key] = null;
    else {
      const below = removals(value, now[key]);
      if (below) nulls[key] = below;
    }
  }
  return Object.keys(nulls).length > 0 ? nulls : undefined;
}

function merged(nulls: Record<string, unknown> | undefined, object: unknown): Record<string, unknown> {
  const result: Record<string, unknown> = { ...objectOf(object) };
  for (const [key, value] of Object.entries(nulls ?? {})) result[key] = isObject(value) ? merged(value, result[key]) : value;
  return result;
}

async function cluster(name: string, o: ChangeOptions): Promise<AnyObject> {
  const found = await getOrUndefined(o.client, clusterObjects, { name });
  if (!found) throw new Error(`there is no cluster ${name}: see kubectl get clusters`);
  return found;
}

async function cordon(found: AnyObject, { client, nowMs }: ChangeOptions): Promise<void> {
  const taints = at(found, 'spec', 'taints');
  const others = Array.isArray(taints) ? taints : [];
  if (others.some(t => at(t, 'key') === UNSCHEDULABLE)) return;
  const body = { spec: { taints: [...others, { key: UNSCHEDULABLE, effect: 'NoSchedule', timeAdded: timestamp(nowMs) }] } };
  await client.patch(clusterObjects, keyOf(found), { type: 'merge', body });
}

/** The cluster as its own status controller would have it by now: ready. */
async function addCluster(added: AddedCluster, o: ChangeOptions): Promise<void> {
  const object = 'object' in added ? added.object : await clusterLike(added, o);
  if (await getOrUndefined(o.client, clusterObjects, keyOf(object))) throw new Error(`there is a cluster ${object.metadata.name} already`);
  const { status, ...rest } = object;
  const created = await o.client.create(clusterObjects, rest as AnyObject);
  const ready = { type: 'Ready', status: 'True', reason: 'ClusterReady', message: 'planned', lastTransitionTime: timestamp(o.nowMs) };
  await o.settle();
  const latest = (await getOrUndefined(o.client, clusterObjects, keyOf(created))) ?? created;
  await o.client.update(clusterObjects, { ...latest, status: { ...objectOf(status), conditions: [ready] } } as AnyObject, {
    subresource: 'status',
  });
}

async function clusterLike({ name, like }: { readonly name: string; readonly like?: string }, o: ChangeOptions): Promise<AnyObject> {
  const model = like ? await cluster(like, o) : (await o.client.list(clusterObjects)).items[0];
  if (!model) throw new Error(`--add ${name}: there is no cluster that it could be like; give a file`);
  const { secretRef: _, impersonatorSecretRef: __, id: ___, taints: ____, ...spec } = objectOf(model['spec']);
  const { resourceSummary, apiEnablements, kubernetesVersion } = objectOf(model['status']);
  const { allocated: _____, allocating: ______, ...summary } = objectOf(resourceSummary);
  return {
    apiVersion: 'cluster.karmada.io/v1alpha1',
    kind: 'Cluster',
    metadata: { name, ...(model.metadata.labels ? { labels: model.metadata.labels } : {}) },
    spec: { ...spec, id: name },
    status: { kubernetesVersion, apiEnablements, resourceSummary: summary },
  } as AnyObject;
}
