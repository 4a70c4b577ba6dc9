// From an object to the entry that is stored: the bytes carry the revision they are written at.
import { type AnyObject, exactJson, plain500 } from '../../kube/index.ts';
import { Entry } from '../cache/index.ts';
import type { Served } from './served.ts';

export const storageKey = (s: Served, namespace: string, name: string): string =>
  s.resource.scope === 'Namespaced' ? `${s.collection.prefix}${namespace}/${name}` : `${s.collection.prefix}${name}`;

/** Where the reference keeps kinds that lie elsewhere than under their plural. */
const KEPT: Readonly<Record<string, string>> = {
  services: 'services/specs',
  endpoints: 'services/endpoints',
  nodes: 'minions',
  replicationcontrollers: 'controllers',
  customresourcedefinitions: 'apiextensions.k8s.io/customresourcedefinitions',
};

/** The key as refusals tell it; a dry run does not get as far as the root of the store. */
export function toldKey(s: Served, c: { readonly dryRun: boolean }, o: { readonly namespace: string; readonly name: string }): string {
  const key = keptKey(s, o.namespace, o.name);
  return c.dryRun ? key.replace(/^\/registry/, '') : key;
}

function keptKey(s: Served, namespace: string, name: string): string {
  const { plural } = s.resource;
  const place = s.custom || !Object.hasOwn(KEPT, plural) ? undefined : KEPT[plural];
  const key = storageKey(s, namespace, name);
  return place === undefined ? key : key.replace(`/registry/${plural}/`, `/registry/${place}/`);
}

const MAX_STORED_BYTES = 1.5 * 1024 * 1024;

/** The entry of `object` as written at `revision`. */
export function entryFrom(key: string, object: AnyObject, revision: number): Entry {
  const { apiVersion, kind, metadata, ...rest } = object;
  const stamped: AnyObject = { kind, apiVersion, metadata: { ...metadata, resourceVersion: String(revision) }, ...rest };
  return new Entry({
    key,
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    revision,
    bytes: Buffer.from(exactJson(stamped)),
    object: stamped,
  });
}

/** The same for what a client or a controller writes: refused where a real store would not take it. What is too large already may become smaller. */
export function checkedEntry(key: string, object: AnyObject, o: { readonly revision: number; readonly old?: Entry }): Entry {
  const entry = entryFrom(key, object, o.revision);
  if (entry.bytes.length > MAX_STORED_BYTES && entry.bytes.length > (o.old?.bytes.length ?? 0))
    throw plain500('etcdserver: request is too large');
  return entry;
}
