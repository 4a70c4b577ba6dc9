// What documents are made of.
import type { CustomKind } from '../crd/custom-kind.ts';

/** A resource of a built-in group version. */
export interface ApiResource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  /** Names of subresources such as `status`. */
  readonly subresources: readonly string[];
  /** Set for custom resources. */
  readonly custom?: CustomKind;
}

/** `apis/apps/v1`, `api/v1` */
export const groupVersionPath = (r: { readonly group: string; readonly version: string }): string =>
  r.group ? `apis/${r.group}/${r.version}` : `api/${r.version}`;

/** A custom kind as a resource. */
export function customResource(kind: CustomKind): ApiResource {
  return {
    group: kind.group,
    version: kind.version,
    kind: kind.kind,
    plural: kind.plural,
    namespaced: kind.scope === 'Namespaced',
    verbs: ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'],
    subresources: [...(kind.subresources.status ? ['status'] : []), ...(kind.subresources.scale ? ['scale'] : [])],
    custom: kind,
  };
}

export type Dialect = 'v2' | 'v3';
export type JsonSchema = Record<string, unknown>;

/** A reference to a definition. */
export const reference = (name: string, dialect: Dialect): string =>
  dialect === 'v2' ? `#/definitions/${name}` : `#/components/schemas/${name}`;
