// What both scopes of binding have in common for the controllers that work on them: one lister, one set of keys, one way to find Works.
import { clusterResourceBindings, finalizers, labels, type ResourceBinding, resourceBindings, type Work, works } from '../crds/index.ts';
import { type Informer, type KubeObject, keyOf, type ObjectKey, parseKey, type Resource } from '../kube/index.ts';
import type { SharedInformers } from './shared-informers.ts';

/** One of the twins: where its objects are and how its Works are marked. */
export interface BindingKind {
  readonly resource: Resource<ResourceBinding>;
  readonly idLabel: string;
  readonly finalizer: string;
  /** Prefix of controller names. */
  readonly title: string;
}

export const bindingKinds: readonly BindingKind[] = [
  { resource: resourceBindings, idLabel: labels.resourceBindingId, finalizer: finalizers.binding, title: 'resource-binding' },
  {
    resource: clusterResourceBindings,
    idLabel: labels.clusterResourceBindingId,
    finalizer: finalizers.clusterBinding,
    title: 'cluster-resource-binding',
  },
];

export const kindOfBinding = (binding: KubeObject): BindingKind => {
  const [namespaced, clusterWide] = bindingKinds as readonly [BindingKind, BindingKind];
  return binding.metadata.namespace ? namespaced : clusterWide;
};

export const permanentId = (binding: ResourceBinding): string => binding.metadata.labels?.[kindOfBinding(binding).idLabel] ?? '';

/** `ResourceBinding(ns/name)` or `ClusterResourceBinding(name)`. */
export function bindingTitle({ metadata }: KubeObject): string {
  const { namespace, name } = metadata;
  return namespace ? `ResourceBinding(${namespace}/${name})` : `ClusterResourceBinding(${name})`;
}

/** Works by the permanent id of the binding they belong to. */
export function worksOfBindings(informers: SharedInformers): (binding: ResourceBinding) => readonly Work[] {
  const find = informers.of(works).indexed(({ metadata }) =>
    bindingKinds.flatMap(({ idLabel }) => {
      const id = metadata.labels?.[idLabel];
      return id ? [`${idLabel} ${id}`] : [];
    }),
  );
  return binding => {
    const id = permanentId(binding);
    return id === '' ? [] : find(`${kindOfBinding(binding).idLabel} ${id}`);
  };
}

/** The template of a binding, as an object that Events can be about. */
export function templateSubject({ spec }: ResourceBinding): KubeObject {
  const { apiVersion, kind, namespace, name, uid } = spec.resource;
  return { apiVersion, kind, metadata: { name, ...(namespace ? { namespace } : {}), ...(uid ? { uid } : {}) } };
}

export const templateKey = ({ spec }: ResourceBinding): ObjectKey => {
  const { namespace, name } = spec.resource;
  return namespace ? { namespace, name } : { name };
};

/** The object of a key that may have been deleted meanwhile. */
export const byKey = <T extends KubeObject>(informer: Informer<T>, key: string): T | undefined => informer.get(parseKey(key));

export const keyOfBinding = (binding: ResourceBinding): ObjectKey => keyOf(binding);
