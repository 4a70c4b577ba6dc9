// Keys of templates in queues: kind and name, and whether only we changed something (then a lazy policy is claimed but not applied).
import { apiVersionOf, type KubeObject, type ObjectKey, type Resource } from '../../kube/index.ts';

export interface TemplateRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export interface TemplateKey extends TemplateRef {
  readonly changedByUs: boolean;
}

export const templateKeyText = ({ apiVersion, kind, namespace, name }: TemplateRef, changedByUs = false): string =>
  [apiVersion, kind, namespace, name, changedByUs ? 'lazy' : ''].join('|');

export function parseTemplateKey(text: string): TemplateKey {
  const [apiVersion = '', kind = '', namespace = '', name = '', flag = ''] = text.split('|');
  return { apiVersion, kind, namespace, name, changedByUs: flag === 'lazy' };
}

export function refOf({ apiVersion, kind, metadata }: KubeObject): TemplateRef {
  return { apiVersion, kind, namespace: metadata.namespace ?? '', name: metadata.name ?? '' };
}

export const keyOfRef = ({ namespace, name }: TemplateRef): ObjectKey => (namespace ? { namespace, name } : { name });

/** The kind of a Resource as it stands in selectors. */
export const kindId = (resource: Resource): string => `${apiVersionOf(resource)} ${resource.kind}`;
