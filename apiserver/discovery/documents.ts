// Discovery: what the server serves, in the legacy form (one document a group version) and the aggregated one (all at once).
// Built-in groups come from facts; custom ones join behind them. Pure functions: served groups in, documents out.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

export interface DiscoverySubresource {
  readonly subresource: string;
  /** An empty group and version stand for those of the list. */
  readonly responseKind?: GroupVersionKind;
  readonly verbs: readonly string[];
  /** The entry of the legacy list, name and verbs apart. */
  readonly legacy?: Readonly<Record<string, unknown>>;
}

export interface DiscoveryResource {
  readonly resource: string;
  readonly kind: string;
  readonly scope: 'Namespaced' | 'Cluster';
  readonly singular: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly storageVersionHash?: string;
  readonly subresources?: readonly DiscoverySubresource[];
}

export interface DiscoveryGroup {
  readonly group: string;
  readonly preferred?: string;
  readonly versions: readonly { readonly version: string; readonly freshness?: string; readonly resources: readonly DiscoveryResource[] }[];
}

/** One version of a custom resource. */
export interface DynamicResource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly scope: 'Namespaced' | 'Cluster';
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: { readonly status?: boolean; readonly scale?: boolean };
  readonly storageVersionHash?: string;
}

interface Facts {
  readonly apisOrder: readonly string[];
  readonly rootPaths: readonly string[];
  readonly groups: readonly DiscoveryGroup[];
}

let facts: Facts | undefined;

function builtin(): Facts {
  facts ??= JSON.parse(readFileSync(new URL('../../kube/facts/discovery.json', import.meta.url), 'utf8')) as Facts;
  return facts;
}

const VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];
const PART_VERBS = ['get', 'patch', 'update'];
const SCALE: GroupVersionKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' };

function customEntry(r: DynamicResource): DiscoveryResource {
  const own = { group: r.group, version: r.version, kind: r.kind };
  const parts: DiscoverySubresource[] = [
    ...(r.subresources?.status ? [{ subresource: 'status', responseKind: own, verbs: PART_VERBS }] : []),
    ...(r.subresources?.scale ? [{ subresource: 'scale', responseKind: SCALE, verbs: PART_VERBS }] : []),
  ];
  return {
    resource: r.plural,
    kind: r.kind,
    scope: r.scope,
    singular: r.singular,
    verbs: VERBS,
    ...(r.shortNames?.length ? { shortNames: r.shortNames } : {}),
    ...(r.categories?.length ? { categories: r.categories } : {}),
    ...(r.storageVersionHash ? { storageVersionHash: r.storageVersionHash } : {}),
    ...(parts.length ? { subresources: parts } : {}),
  };
}

/** GA before beta before alpha, higher numbers first; names of another shape last, by name. */
export function compareVersions(a: string, b: string): number {
  const rank = (v: string): readonly number[] => {
    const [, major, stage, minor] = /^v([1-9][0-9]*)(?:(alpha|beta)([1-9][0-9]*))?$/.exec(v) ?? [];
    if (major === undefined) return [3, 0, 0];
    return [stage === 'alpha' ? 2 : stage === 'beta' ? 1 : 0, -Number(major), -Number(minor ?? 0)];
  };
  const [x, y] = [rank(a), rank(b)];
  for (let i = 0; i < 3; i++) if (x[i] !== y[i]) return (x[i] ?? 0) - (y[i] ?? 0);
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Every served group: core, the built-in ones in their order, then custom ones by name. */
export function discoveryGroups(custom: readonly DynamicResource[]): DiscoveryGroup[] {
  const { groups, apisOrder } = builtin();
  const order = ['', ...apisOrder];
  const own = [...groups].sort((a, b) => order.indexOf(a.group) - order.indexOf(b.group));
  const added = new Map<string, Map<string, DiscoveryResource[]>>();
  for (const r of [...custom].sort((a, b) => (a.plural < b.plural ? -1 : a.plural > b.plural ? 1 : 0))) {
    const versions = added.get(r.group) ?? new Map<string, DiscoveryResource[]>();
    versions.set(r.version, [...(versions.get(r.version) ?? []), customEntry(r)]);
    added.set(r.group, versions);
  }
  const names = [...added.keys()].sort();
  const customGroups = names.map(group => ({
    group,
    versions: [...(added.get(group) ?? [])]
      .sort(([a], [b]) => compareVersions(a, b))
      .map(([version, resources]) => ({ version, resources })),
  }));
  return [...own, ...customGroups];
}

/** GET /api. `address` is the server's own host and port. */
export function coreVersions(address: string): Record<string, unknown> {
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }] };
}

function groupDocument(g: DiscoveryGroup): Record<string, unknown> {
  const versions = g.versions.map(({ version }) => ({ groupVersion: `${g.group}/${version}`, version }));
  return { name: g.group, versions, preferredVersion: versions.find(v => v.version === g.preferred) ?? versions[0] };
}

/** GET /apis */
export function groupList(groups: readonly DiscoveryGroup[]): Record<string, unknown> {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.filter(g => g.group !== '').map(groupDocument) };
}

/** GET /apis/<group>; undefined for a group that is not served. */
export function apiGroup(groups: readonly DiscoveryGroup[], name: string): Record<string, unknown> | undefined {
  const group = name === '' ? undefined : groups.find(g => g.group === name);
  return group && { kind: 'APIGroup', apiVersion: 'v1', ...groupDocument(group) };
}

/** GET /api/v1 and /apis/<group>/<version>; undefined for a version that is not served. */
export function resourceList(groups: readonly DiscoveryGroup[], group: string, version: string): Record<string, unknown> | undefined {
  const served = groups.find(g => g.group === group)?.versions.find(v => v.version === version);
  if (!served) return undefined;
  return {
    kind: 'APIResourceList',
    ...(group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: group ? `${group}/${version}` : version,
    resources: served.resources.flatMap(r => [
      legacyEntry(r),
      ...(r.subresources ?? []).map(sub => legacyPart(r, sub, { group, version })),
    ]),
  };
}

function legacyEntry(r: DiscoveryResource): Record<string, unknown> {
  return {
    name: r.resource,
    singularName: r.singular,
    namespaced: r.scope === 'Namespaced',
    kind: r.kind,
    verbs: r.verbs,
    ...(r.shortNames ? { shortNames: r.shortNames } : {}),
    ...(r.categories ? { categories: r.categories } : {}),
    ...(r.storageVersionHash ? { storageVersionHash: r.storageVersionHash } : {}),
  };
}

function legacyPart(r: DiscoveryResource, sub: DiscoverySubresource, list: { group: string; version: string }): Record<string, unknown> {
  const name = `${r.resource}/${sub.subresource}`;
  if (sub.legacy) return { name, ...sub.legacy, verbs: sub.verbs };
  const kind = sub.responseKind ?? { ...list, kind: r.kind };
  const foreign = kind.group !== list.group || kind.version !== list.version;
  return {
    name,
    singularName: '',
    namespaced: r.scope === 'Namespaced',
    ...(foreign ? { group: kind.group, version: kind.version } : {}),
    kind: kind.kind,
    verbs: sub.verbs,
  };
}

/** A document with the headers that let clients cache it. */
export interface AggregatedDocument {
  readonly contentType: string;
  readonly body: string;
  /** Quoted, as in the header. */
  readonly etag: string;
}

/** The aggregated document of /api (`core`) or /apis (`groups`). */
export function aggregated(
  groups: readonly DiscoveryGroup[],
  o: { readonly of: 'core' | 'groups'; readonly version: 'v2' | 'v2beta1' },
): AggregatedDocument {
  const items = groups.filter(g => (g.group === '') === (o.of === 'core')).map(aggregatedGroup);
  const body = JSON.stringify({ kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${o.version}`, metadata: {}, items });
  return {
    contentType: `application/json;g=apidiscovery.k8s.io;v=${o.version};as=APIGroupDiscoveryList`,
    body,
    etag: `"${createHash('sha512').update(body).digest('hex').toUpperCase()}"`,
  };
}

function aggregatedGroup(g: DiscoveryGroup): Record<string, unknown> {
  return {
    metadata: { ...(g.group ? { name: g.group } : {}), creationTimestamp: null },
    versions: g.versions.map(v => ({
      version: v.version,
      resources: v.resources.map(r => ({
        resource: r.resource,
        responseKind: { group: g.group, version: v.version, kind: r.kind },
        scope: r.scope,
        singularResource: r.singular,
        verbs: r.verbs,
        ...(r.shortNames ? { shortNames: r.shortNames } : {}),
        ...(r.categories ? { categories: r.categories } : {}),
        ...(r.subresources
          ? {
              subresources: r.subresources.map(({ subresource, responseKind, verbs }) => ({
                subresource,
                ...(responseKind ? { responseKind } : {}),
                verbs,
              })),
            }
          : {}),
      })),
      freshness: 'Current',
    })),
  };
}

/** GET /: the paths of the server, with those of custom groups. */
export function rootPaths(groups: readonly DiscoveryGroup[]): string[] {
  const paths = groups.flatMap(g => (g.group === '' ? [] : [`/apis/${g.group}`, ...g.versions.map(v => `/apis/${g.group}/${v.version}`)]));
  return [...new Set([...builtin().rootPaths, ...paths])].sort();
}
