// The Kubernetes object model: what every stored thing has, whatever its kind.

/** metadata.ownerReferences[] */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** metadata.managedFields[] */
export interface ManagedFieldsEntry {
  readonly manager?: string;
  readonly operation?: string;
  readonly apiVersion?: string;
  readonly time?: string;
  readonly fieldsType?: string;
  readonly fieldsV1?: Record<string, unknown>;
  readonly subresource?: string;
}

export interface ObjectMeta {
  readonly name?: string;
  readonly generateName?: string;
  readonly namespace?: string;
  readonly uid?: string;
  /** Opaque decimal: the store's revision of the last write. */
  readonly resourceVersion?: string;
  readonly generation?: number;
  /** RFC 3339, seconds, UTC. */
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
  readonly managedFields?: readonly ManagedFieldsEntry[];
}

/** Any API object. Kinds whose fields we read declare a narrow interface that extends this. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** An object of a kind known only at run time: its other fields are read with `at`, `objectOf`, `listOf`. */
export interface AnyObject extends KubeObject {
  readonly [field: string]: unknown;
}

export interface ObjectList<T extends KubeObject = AnyObject> {
  /** The list's own revision: a watch from here misses nothing. */
  readonly resourceVersion: string;
  readonly items: readonly T[];
  /** Opaque token of the next page. */
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** Identity inside one resource; no namespace = cluster scope. */
export interface ObjectKey {
  readonly namespace?: string;
  readonly name: string;
}

/** `namespace/name`, or `name` for cluster scope: the form of keys in Maps and queues. */
export function keyText(key: ObjectKey): string {
  return key.namespace ? `${key.namespace}/${key.name}` : key.name;
}

export function parseKey(text: string): ObjectKey {
  const slash = text.indexOf('/');
  return slash < 0 ? { name: text } : { namespace: text.slice(0, slash), name: text.slice(slash + 1) };
}

export function keyOf(object: KubeObject): ObjectKey {
  const { namespace, name = '' } = object.metadata;
  return namespace ? { namespace, name } : { name };
}
