// The built-in kinds as served resources: names and verbs from facts, rules from the kinds' own code.
import { readFileSync } from 'node:fs';
import {
  type AnyObject,
  apiVersionOf,
  at,
  builtinSchema,
  fieldSelectorOf,
  formatLabelSelector,
  isObject,
  labelSelector,
  type Resource,
  zeroObject,
} from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import type { Cache } from '../cache/index.ts';
import type { TableColumns } from '../table/index.ts';
import { once } from './once.ts';
import type { KindRules } from './rules.ts';
import { type Answering, type KindTraits, type Served, type Subresource, UNDESCRIBED } from './served.ts';

interface DiscoverySubresource {
  readonly subresource: string;
  readonly responseKind?: { readonly group: string; readonly version: string; readonly kind: string };
  readonly verbs: readonly string[];
}

interface DiscoveryResource {
  readonly resource: string;
  readonly kind: string;
  readonly scope: 'Namespaced' | 'Cluster';
  readonly singular: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: readonly DiscoverySubresource[];
}

interface DiscoveryGroup {
  readonly group: string;
  readonly preferred: string;
  readonly versions: readonly { readonly version: string; readonly resources: readonly DiscoveryResource[] }[];
}

export interface KindProvider {
  rules(apiVersion: string, kind: string): KindRules;
  traits(apiVersion: string, kind: string): KindTraits;
  table(apiVersion: string, kind: string): TableColumns;
  prune(object: MutableObject, apiVersion: string, kind: string): string[];
  /** How a version that is not the stored one is made from it, and back. */
  conversion(apiVersion: string, kind: string): Pick<Served, 'fromStored' | 'toStored'> | undefined;
  /** Subresources that are not parts of their parent, by `plural/subresource`. */
  subresource(group: string, name: string): Subresource | undefined;
  /** What answers a POST to a resource that is never stored. */
  answering?(group: string, plural: string): Answering | undefined;
}

/** Versions and groups that are views of objects stored elsewhere: `group/version plural` -> prefix of the storage. */
const SHARED = new Map([
  ['events.k8s.io/v1 events', '/registry/events/'],
  ['autoscaling/v1 horizontalpodautoscalers', '/registry/horizontalpodautoscalers/'],
  ['autoscaling/v2 horizontalpodautoscalers', '/registry/horizontalpodautoscalers/'],
]);

const PARTS = new Set(['status', 'finalize', 'approval', 'ephemeralcontainers', 'resize']);

/** Every built-in resource that is stored, and those that are only posted (reviews) where somebody answers them. */
export function builtinResources(cache: Cache, kinds: KindProvider): Served[] {
  const facts = JSON.parse(readFileSync(new URL('../../kube/facts/discovery.json', import.meta.url), 'utf8')) as {
    groups: DiscoveryGroup[];
  };
  const all: Served[] = facts.groups.flatMap(g =>
    g.versions.flatMap(v =>
      v.resources
        .filter(r => r.verbs.includes('get') || kinds.answering?.(g.group, r.resource))
        .map(r => servedFrom(cache, kinds, { group: g.group, version: v.version, r, all: () => all })),
    ),
  );
  return all;
}

function servedFrom(
  cache: Cache,
  kinds: KindProvider,
  o: { group: string; version: string; r: DiscoveryResource; all: () => readonly Served[] },
): Served {
  const { group, version, r, all } = o;
  const resource: Resource = { group, version, kind: r.kind, plural: r.resource, scope: r.scope };
  const apiVersion = apiVersionOf(resource);
  const prefix = SHARED.get(`${apiVersion} ${r.resource}`) ?? `/registry/${r.resource}/`;
  const conversion = kinds.conversion(apiVersion, r.kind);
  const answer = kinds.answering?.(group, r.resource);
  const traits = kinds.traits(apiVersion, r.kind);
  const same = (object: AnyObject): AnyObject => object;
  return {
    resource,
    singular: r.singular,
    listKind: `${r.kind}List`,
    shortNames: r.shortNames ?? [],
    categories: r.categories ?? [],
    verbs: r.verbs,
    collection: cache.collection(prefix, r.scope === 'Namespaced'),
    ...(answer ? { answer } : {}),
    viewId: conversion ? apiVersion : '',
    fromStored: conversion?.fromStored ?? same,
    toStored: conversion?.toStored ?? same,
    rules: kinds.rules(apiVersion, r.kind),
    traits,
    fieldSchema: () => builtinSchema(apiVersion, r.kind) ?? UNDESCRIBED,
    blank: once(() => zeroObject(apiVersion, r.kind)),
    versions: once(
      () =>
        new Map(
          all()
            .filter(other => other.collection.prefix === prefix)
            .map(other => [apiVersionOf(other.resource), other]),
        ),
    ),
    ...(traits.deprecated ? { warning: traits.deprecated } : {}),
    custom: false,
    table: kinds.table(apiVersion, r.kind),
    prune: object => kinds.prune(object, apiVersion, r.kind),
    fields: fieldSelectorOf(apiVersion, r.resource),
    subresources: new Map((r.subresources ?? []).map(sub => [sub.subresource, subresourceFrom(kinds, group, r, sub)])),
  };
}

function subresourceFrom(kinds: KindProvider, group: string, r: DiscoveryResource, sub: DiscoverySubresource): Subresource {
  const special = kinds.subresource(group, `${r.resource}/${sub.subresource}`);
  if (special) return special;
  const kind = sub.responseKind?.group || sub.responseKind?.version ? { kind: sub.responseKind } : {};
  if (sub.subresource === 'scale') {
    return {
      ...kind,
      verbs: sub.verbs,
      type: 'scale',
      scale: { specReplicas: ['spec', 'replicas'], statusReplicas: ['status', 'replicas'], selector: selectorText },
    };
  }
  return { ...kind, verbs: sub.verbs, type: PARTS.has(sub.subresource) ? 'part' : 'connect' };
}

/** A workload's selector as text: a LabelSelector, or the plain map of a ReplicationController. */
function selectorText(object: AnyObject): string {
  const selector = at(object, 'spec', 'selector');
  if (!isObject(selector)) return '';
  if (object.kind !== 'ReplicationController') return labelSelector(selector).toString();
  return formatLabelSelector({ matchLabels: selector as Record<string, string> });
}
