// How a plane stands once it has settled: where each binding is, and what each member is sent.
import { clusterOfExecutionSpace, clusterResourceBindings, resourceBindings, type Work, works } from '../../crds/index.ts';
import { type AnyObject, type Client, keyOf, keyText } from '../../kube/index.ts';
import type { Binding, TargetCluster } from '../../scheduler/index.ts';

export interface PlacedBinding {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly template: string;
  readonly clusters: readonly TargetCluster[];
  /** Why it could not be scheduled. */
  readonly failure?: string;
}

export interface Outcome {
  readonly bindings: ReadonlyMap<string, PlacedBinding>;
  /** `cluster kind namespace/name` → manifest. */
  readonly manifests: ReadonlyMap<string, Manifest>;
}

export interface Manifest {
  readonly cluster: string;
  readonly object: AnyObject;
}

export async function outcomeOf(client: Client): Promise<Outcome> {
  const [namespaced, clusterWide, sent] = await Promise.all([
    client.list<Binding>(resourceBindings),
    client.list<Binding>(clusterResourceBindings),
    client.list(works),
  ]);
  const bindings = [
    ...namespaced.items.map(b => placed('ResourceBinding', b)),
    ...clusterWide.items.map(b => placed('ClusterResourceBinding', b)),
  ];
  return { bindings: new Map(bindings), manifests: new Map(sent.items.flatMap(manifestsOf)) };
}

function placed(kind: string, binding: Binding): [string, PlacedBinding] {
  const { namespace, name = '' } = binding.metadata;
  const { resource, clusters = [] } = binding.spec;
  const condition = binding.status?.conditions?.find(c => c.type === 'Scheduled');
  const failure = condition?.status === 'False' ? condition.message : undefined;
  return [
    `${kind} ${keyText(keyOf(binding))}`,
    {
      kind,
      ...(namespace ? { namespace } : {}),
      name,
      template: `${resource.kind} ${resource.namespace ? `${resource.namespace}/` : ''}${resource.name}`,
      clusters,
      ...(failure ? { failure } : {}),
    },
  ];
}

/** A Work that is on its way out is no longer sent. */
function manifestsOf(work: Work): [string, Manifest][] {
  const cluster = clusterOfExecutionSpace(work.metadata.namespace ?? '');
  if (!cluster || work.metadata.deletionTimestamp) return [];
  return (work.spec.workload?.manifests ?? []).map(manifest => {
    const object = manifest as AnyObject;
    const { namespace, name } = object.metadata;
    return [`${cluster} ${object.apiVersion} ${object.kind} ${namespace ? `${namespace}/` : ''}${name}`, { cluster, object }];
  });
}
