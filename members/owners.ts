// Who owns what: controller references, and taking in children without a controller that a selector matches.
import {
  type Client,
  type KubeObject,
  keyOf,
  type LabelSelector,
  labelSelector,
  type OwnerReference,
  type Resource,
} from '../kube/index.ts';
import type { MemberContext } from './context.ts';

/** The owner that controls the object. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find(o => o.controller === true);
}

/** A controller reference to `owner`. */
export function ownedBy(owner: KubeObject): OwnerReference {
  const { name = '', uid = '' } = owner.metadata;
  return { apiVersion: owner.apiVersion, kind: owner.kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** `namespace/name` of the controller of that kind, for sources that lead from a child to its owner. */
export function ownerKeys(object: KubeObject, kind: string): string[] {
  const owner = controllerOf(object);
  return owner?.kind === kind ? [`${object.metadata.namespace}/${owner.name}`] : [];
}

/** Where a child without a controller belongs: all owners whose selector matches it. */
export function candidates<T extends KubeObject & { readonly spec: { readonly selector?: LabelSelector } }>(
  child: KubeObject,
  owners: readonly T[],
): string[] {
  return owners
    .filter(o => o.metadata.namespace === child.metadata.namespace && labelSelector(o.spec.selector).matches(child.metadata.labels ?? {}))
    .map(o => `${o.metadata.namespace}/${o.metadata.name}`);
}

/** The children of `owner` as they are now, taking in those that match and have no controller, letting go those that match no more. */
export async function claim<T extends KubeObject>(
  c: MemberContext,
  r: Resource<T>,
  owner: KubeObject & { readonly spec: { readonly selector?: LabelSelector } },
): Promise<T[]> {
  const { namespace = '', uid, deletionTimestamp } = owner.metadata;
  const selector = labelSelector(owner.spec.selector);
  const matches = (child: T): boolean => selector.matches(child.metadata.labels ?? {});
  const children = c.children(r);
  const mine: T[] = [];
  for (const child of children.of(uid)) {
    if (matches(child) || deletionTimestamp) mine.push(child);
    else await refer(c.client, r, child, rest(child, uid));
  }
  if (deletionTimestamp) return mine;
  for (const child of children.orphans(namespace)) {
    if (!matches(child) || child.metadata.deletionTimestamp) continue;
    mine.push(await refer(c.client, r, child, [...(child.metadata.ownerReferences ?? []), ownedBy(owner)]));
  }
  return mine;
}

const rest = (child: KubeObject, uid: string | undefined): OwnerReference[] =>
  (child.metadata.ownerReferences ?? []).filter(o => o.uid !== uid);

function refer<T extends KubeObject>(client: Client, r: Resource<T>, child: T, ownerReferences: readonly OwnerReference[]): Promise<T> {
  const { uid } = child.metadata;
  const body = { metadata: { ...(uid ? { uid } : {}), ownerReferences } };
  return client.patch(r, keyOf(child), { type: 'merge', body });
}
