// Bindings between v1alpha1 and v1alpha2. The older form keeps replicas and requests inside spec.resource; what only the
// newer form has (placement, tasks, health …) does not survive a write through the older one.
import { type AnyObject, at, clone, isObject, listOf, objectOf } from '../kube/index.ts';

const GROUP = 'work.karmada.io';
const OLD = `${GROUP}/v1alpha1`;
const NEW = `${GROUP}/v1alpha2`;
const KINDS = new Set(['ResourceBinding', 'ClusterResourceBinding']);

type Fields = Record<string, unknown>;

/** The object as `apiVersion`; undefined where this is not a binding or the version is unknown. */
export function convertBinding(object: AnyObject, apiVersion: string): AnyObject | undefined {
  if (!KINDS.has(object.kind)) return undefined;
  if (object.apiVersion === apiVersion) return object;
  if (object.apiVersion === OLD && apiVersion === NEW) return converted(object, NEW, toNewSpec, toNewStatusItem);
  if (object.apiVersion === NEW && apiVersion === OLD) return converted(object, OLD, toOldSpec, toOldStatusItem);
  return undefined;
}

function converted(object: AnyObject, apiVersion: string, spec: (s: Fields) => Fields, item: (i: Fields) => Fields): AnyObject {
  const status = objectOf(object['status']);
  return {
    apiVersion,
    kind: object.kind,
    metadata: object.metadata,
    ...(isObject(object['spec']) ? { spec: spec(objectOf(clone(object['spec']))) } : {}),
    ...(isObject(object['status'])
      ? { status: pick({ ...status, aggregatedStatus: mapItems(status['aggregatedStatus'], item) }, ['conditions', 'aggregatedStatus']) }
      : {}),
  };
}

function toNewSpec(spec: Fields): Fields {
  const resource = objectOf(spec['resource']);
  const requests = resource['resourcePerReplicas'];
  return present({
    resource: pick(resource, ['apiVersion', 'kind', 'namespace', 'name', 'resourceVersion']),
    replicaRequirements: requests === undefined ? undefined : { resourceRequest: requests },
    replicas: resource['replicas'],
    clusters: mapItems(spec['clusters'], toTargetCluster),
  });
}

function toOldSpec(spec: Fields): Fields {
  const resource = pick(objectOf(spec['resource']), ['apiVersion', 'kind', 'namespace', 'name', 'resourceVersion']);
  return present({
    resource: present({
      ...resource,
      resourcePerReplicas: at(spec, 'replicaRequirements', 'resourceRequest'),
      replicas: spec['replicas'],
    }),
    clusters: mapItems(spec['clusters'], toTargetCluster),
  });
}

const toTargetCluster = (target: Fields): Fields => pick(target, ['name', 'replicas']);
const toOldStatusItem = (item: Fields): Fields => pick(item, ['clusterName', 'status', 'applied', 'appliedMessage']);
const toNewStatusItem = toOldStatusItem;

function mapItems(list: unknown, f: (item: Fields) => Fields): Fields[] | undefined {
  return Array.isArray(list) ? listOf(list).map(item => f(objectOf(item))) : undefined;
}

function pick(object: Fields, names: readonly string[]): Fields {
  return present(Object.fromEntries(names.filter(name => Object.hasOwn(object, name)).map(name => [name, object[name]])));
}

function present(object: Fields): Fields {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
