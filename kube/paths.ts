// From a resource and a key to a URL path.
import type { ObjectKey } from './object.ts';
import type { Resource } from './resource.ts';

type Addressed = Pick<Resource, 'group' | 'version' | 'plural' | 'scope'>;

/** `/apis/apps/v1/namespaces/default/deployments`; all namespaces without one. */
export function collectionPath(r: Addressed, namespace?: string): string {
  const root = r.group ? `/apis/${r.group}/${r.version}` : `/api/${r.version}`;
  return r.scope === 'Namespaced' && namespace ? `${root}/namespaces/${encodeURIComponent(namespace)}/${r.plural}` : `${root}/${r.plural}`;
}

export function objectPath(r: Addressed, key: ObjectKey, subresource?: string): string {
  return `${collectionPath(r, key.namespace)}/${encodeURIComponent(key.name)}${subresource ? `/${subresource}` : ''}`;
}
