// A Resource names a kind of object on the wire: everything a client must know to address it.
import type { AnyObject, KubeObject } from './object.ts';

/** `T` is the type of its objects; it exists at compile time only. */
export interface Resource<T extends KubeObject = AnyObject> {
  /** '' for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly scope: 'Namespaced' | 'Cluster';
  readonly _type?: T | undefined;
}

export function resource<T extends KubeObject = AnyObject>(r: Omit<Resource<T>, '_type'>): Resource<T> {
  return r;
}

/** `apps/v1`, or `v1` for the core group. */
export function apiVersionOf(r: { readonly group: string; readonly version: string }): string {
  return r.group ? `${r.group}/${r.version}` : r.version;
}

export function parseApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? { group: '', version: apiVersion } : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}
