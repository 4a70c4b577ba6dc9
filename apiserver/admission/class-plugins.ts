// Admission around classes and nodes: default storage and ingress class, the taint of a new node.
import { type AnyObject, isObject, type Reader, type Resource, resource } from '../../kube/index.ts';
import type { AdmissionPlugin, Attributes, MutableObject } from './plugin.ts';
import { refuse, specOf } from './pod-plugins.ts';

const STORAGE_CLASSES = resource({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  scope: 'Cluster',
});
const INGRESS_CLASSES = resource({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  scope: 'Cluster',
});

const DEFAULT_STORAGE = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'];
const DEFAULT_INGRESS = ['ingressclass.kubernetes.io/is-default-class'];

const created = (a: Attributes, plural: string): boolean =>
  a.operation === 'CREATE' && a.resource.plural === plural && a.subresource === '';

async function defaults(reader: Reader, r: Resource, annotations: readonly string[], signal?: AbortSignal): Promise<AnyObject[]> {
  const list = await reader.list(r, signal ? { signal } : {});
  return list.items.filter(c => annotations.some(name => c.metadata.annotations?.[name] === 'true'));
}

/** The newest default storage class goes to claims that name none. */
export function defaultStorageClass(reader: Reader): AdmissionPlugin {
  return {
    name: 'DefaultStorageClass',
    async mutate(a, signal) {
      if (!created(a, 'persistentvolumeclaims')) return;
      const spec = specOf(a);
      const annotated = (a.object?.['metadata'] as AnyObject['metadata'] | undefined)?.annotations?.[
        'volume.beta.kubernetes.io/storage-class'
      ];
      if (spec['storageClassName'] !== undefined || annotated !== undefined) return;
      const found = (await defaults(reader, STORAGE_CLASSES, DEFAULT_STORAGE, signal)).sort(newestFirst)[0];
      if (found) spec['storageClassName'] = found.metadata.name;
    },
  };
}

function newestFirst(a: AnyObject, b: AnyObject): number {
  const [x, y] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
  if (x !== y) return x < y ? 1 : -1;
  return (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1;
}

/** The one default ingress class goes to ingresses that name none; several are an error. */
export function defaultIngressClass(reader: Reader): AdmissionPlugin {
  return {
    name: 'DefaultIngressClass',
    async mutate(a, signal) {
      if (!created(a, 'ingresses') || a.resource.group !== 'networking.k8s.io') return;
      const spec = specOf(a);
      const annotated = (a.object?.['metadata'] as AnyObject['metadata'] | undefined)?.annotations?.['kubernetes.io/ingress.class'];
      if (spec['ingressClassName'] !== undefined || annotated !== undefined) return;
      const found = (await defaults(reader, INGRESS_CLASSES, DEFAULT_INGRESS, signal)).sort(newestFirst);
      if (found[0]) spec['ingressClassName'] = found[0].metadata.name;
    },
  };
}

const NOT_READY = 'node.kubernetes.io/not-ready';

/** A new node takes no pods before it reports ready. */
export function taintNodesByCondition(): AdmissionPlugin {
  return {
    name: 'TaintNodesByCondition',
    mutate(a) {
      if (!created(a, 'nodes') || a.resource.group !== '' || !a.object) return;
      const spec = isObject(a.object['spec']) ? a.object['spec'] : {};
      a.object['spec'] = spec;
      const taints = Array.isArray(spec['taints']) ? (spec['taints'] as MutableObject[]) : [];
      if (taints.some(t => t['key'] === NOT_READY && t['effect'] === 'NoSchedule')) return;
      spec['taints'] = [...taints, { key: NOT_READY, effect: 'NoSchedule' }];
    },
  };
}

/** Claims may grow only where their class allows it. */
export function persistentVolumeClaimResize(reader: Reader): AdmissionPlugin {
  return {
    name: 'PersistentVolumeClaimResize',
    async validate(a, signal) {
      if (a.operation !== 'UPDATE' || a.resource.plural !== 'persistentvolumeclaims' || a.subresource !== '') return;
      const [now, before] = [storage(a.object), storage(a.oldObject)];
      if (now === before || (a.oldObject?.['status'] as MutableObject | undefined)?.['phase'] !== 'Bound') return;
      const name = specOf(a)['storageClassName'];
      const list = await reader.list(STORAGE_CLASSES, signal ? { signal } : {});
      const found = list.items.find(c => c.metadata.name === name);
      if (found?.['allowVolumeExpansion'] !== true)
        throw refuse(a, 'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize');
    },
  };
}

function storage(claim: unknown): unknown {
  let value: unknown = claim;
  for (const key of ['spec', 'resources', 'requests', 'storage']) value = isObject(value) ? value[key] : undefined;
  return value;
}
