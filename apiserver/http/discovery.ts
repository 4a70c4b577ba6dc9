// Discovery: what is served, group by group or all at once (specification §1.1, §1.2). Documents are made when first asked after
// a change of the catalog; the aggregated ones carry an ETag.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Catalog, Served } from '../registry/index.ts';
import { negotiate, parseAccept } from './negotiate.ts';
import { type Exchange, send, sendObject } from './respond.ts';
import type { PathHandler } from './server-parts.ts';

interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

interface SubresourceEntry {
  readonly subresource: string;
  readonly responseKind?: Kind;
  readonly verbs: readonly string[];
}

interface ResourceEntry {
  readonly resource: string;
  readonly kind: string;
  readonly scope: 'Namespaced' | 'Cluster';
  readonly singular: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly storageVersionHash?: string;
  readonly subresources?: readonly SubresourceEntry[];
}

interface VersionEntry {
  readonly version: string;
  readonly resources: readonly ResourceEntry[];
  readonly legacyOrder?: readonly string[];
}

interface GroupEntry {
  readonly group: string;
  readonly preferred: string;
  readonly versions: readonly VersionEntry[];
  /** Kinds of extensions; they are told with their group and version, built-in ones without. */
  readonly custom?: true;
}

const AGGREGATED = 'apidiscovery.k8s.io';

export function discoveryPaths(catalog: Catalog): PathHandler {
  const facts = JSON.parse(readFileSync(new URL('../../kube/facts/discovery.json', import.meta.url), 'utf8')) as {
    groups: GroupEntry[];
    apisOrder: string[];
  };
  const builtin = [...facts.groups].sort((a, b) => facts.apisOrder.indexOf(a.group) - facts.apisOrder.indexOf(b.group));
  const known = new Set(builtin.map(g => g.group));
  let made: { generation: number; groups: readonly GroupEntry[]; documents: Map<string, Document> } | undefined;
  const current = (): NonNullable<typeof made> => {
    if (made?.generation !== catalog.generation)
      made = { generation: catalog.generation, groups: [...builtin, ...customGroups(catalog, known)], documents: new Map() };
    return made;
  };
  return {
    methods: ['GET', 'DELETE'],
    matches: path => /^\/(api|apis)(\/|$)/.test(path) && find(current().groups, path) !== undefined,
    serve(x, path, query) {
      const { groups, documents } = current();
      const wanted = isRoot(path) ? aggregatedVersion(x) : undefined;
      if (wanted) return sendAggregated(x, path, wanted, groups, documents);
      const accepted = negotiate(x.request.headers.accept, x.request.headers['user-agent'], query, { shapes: [], protobuf: true });
      const address = `${x.request.socket.localAddress ?? '127.0.0.1'}:${x.request.socket.localPort ?? 443}`;
      return sendObject(x, 200, Buffer.from(JSON.stringify(find(groups, path, address))), accepted);
    },
  };
}

const isRoot = (path: string): boolean => /^\/apis?\/?$/.test(path);

/** The legacy document of a path; undefined where there is none. */
function find(groups: readonly GroupEntry[], path: string, address = ''): object | undefined {
  const [root, group, version, ...rest] = path.replace(/^\//, '').replace(/\/$/, '').split('/');
  if (rest.length > 0) return undefined;
  if (root === 'api') {
    if (version !== undefined) return undefined;
    if (group === undefined)
      return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }] };
    return resourceList(
      groups.find(g => g.group === ''),
      group,
    );
  }
  if (group === undefined) return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.filter(g => g.group !== '').map(groupDocument) };
  const found = groups.find(g => g.group === group && g.group !== '');
  if (!found) return undefined;
  return version === undefined ? { kind: 'APIGroup', apiVersion: 'v1', ...groupDocument(found) } : resourceList(found, version);
}

function groupDocument(g: GroupEntry): object {
  const of = (version: string): object => ({ groupVersion: `${g.group}/${version}`, version });
  return { name: g.group, versions: g.versions.map(v => of(v.version)), preferredVersion: of(g.preferred) };
}

function resourceList(g: GroupEntry | undefined, version: string): object | undefined {
  const found = g?.versions.find(v => v.version === version);
  if (!g || !found) return undefined;
  const entries = found.resources.flatMap(r => [legacyResource(r), ...(r.subresources ?? []).map(s => legacySubresource(r, s))]);
  const order = found.legacyOrder;
  if (order) entries.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  return {
    kind: 'APIResourceList',
    ...(g.group ? { apiVersion: 'v1' } : {}),
    groupVersion: g.group ? `${g.group}/${version}` : version,
    resources: entries,
  };
}

function legacyResource(r: ResourceEntry): { name: string } {
  const { resource: name, singular: singularName, scope, kind, verbs, shortNames, categories, storageVersionHash } = r;
  return {
    name,
    singularName,
    namespaced: scope === 'Namespaced',
    kind,
    verbs,
    ...(shortNames?.length ? { shortNames } : {}),
    ...(categories?.length ? { categories } : {}),
    ...(storageVersionHash ? { storageVersionHash } : {}),
  } as { name: string };
}

function legacySubresource(r: ResourceEntry, s: SubresourceEntry): { name: string } {
  const { group, version, kind } = s.responseKind ?? { group: '', version: '', kind: r.kind };
  return {
    name: `${r.resource}/${s.subresource}`,
    singularName: '',
    namespaced: r.scope === 'Namespaced',
    ...(group ? { group } : {}),
    ...(version ? { version } : {}),
    kind,
    verbs: s.verbs,
  } as { name: string };
}

/** v2, or v2beta1 for older kubectl; a v2 clause wins wherever it stands. */
function aggregatedVersion(x: Exchange): string | undefined {
  const versions = parseAccept(x.request.headers.accept)
    .filter(c => c.parameters.get('g') === AGGREGATED && c.parameters.get('as') === 'APIGroupDiscoveryList')
    .map(c => c.parameters.get('v') ?? '');
  return versions.includes('v2') ? 'v2' : versions.includes('v2beta1') ? 'v2beta1' : undefined;
}

interface Document {
  readonly body: Buffer;
  readonly etag: string;
}

function sendAggregated(x: Exchange, path: string, version: string, groups: readonly GroupEntry[], documents: Map<string, Document>): void {
  const core = path.replaceAll('/', '') === 'api';
  const id = `${core} ${version}`;
  const document =
    documents.get(id) ??
    aggregated(
      groups.filter(g => (g.group === '') === core),
      version,
    );
  documents.set(id, document);
  const headers = { 'Cache-Control': 'public', ETag: document.etag, Vary: 'Accept' };
  if (x.request.headers['if-none-match'] === document.etag) return send(x, 304, '', headers);
  return send(x, 200, document.body, {
    ...headers,
    'Content-Type': `application/json;g=${AGGREGATED};v=${version};as=APIGroupDiscoveryList`,
  });
}

function aggregated(groups: readonly GroupEntry[], version: string): Document {
  const items = groups.map(g => ({
    metadata: g.group ? { name: g.group } : {},
    versions: g.versions.map(v => ({
      version: v.version,
      resources: v.resources.map(r => aggregatedResource(g.custom ? g.group : '', g.custom ? v.version : '', r)),
      freshness: 'Current',
    })),
  }));
  const body = Buffer.from(JSON.stringify({ kind: 'APIGroupDiscoveryList', apiVersion: `${AGGREGATED}/${version}`, metadata: {}, items }));
  return { body, etag: `"${createHash('sha512').update(body).digest('hex').toUpperCase()}"` };
}

function aggregatedResource(group: string, version: string, r: ResourceEntry): object {
  return {
    resource: r.resource,
    responseKind: { group, version, kind: r.kind },
    scope: r.scope,
    singularResource: r.singular,
    verbs: r.verbs,
    ...(r.shortNames?.length ? { shortNames: r.shortNames } : {}),
    ...(r.categories?.length ? { categories: r.categories } : {}),
    ...(r.subresources?.length
      ? {
          subresources: r.subresources.map(s => ({
            subresource: s.subresource,
            responseKind: kindOf(s.responseKind, { group, version, kind: r.kind }),
            verbs: s.verbs,
          })),
        }
      : {}),
  };
}

const kindOf = (given: Kind | undefined, parent: Kind): Kind =>
  given?.group || given?.version ? given : { ...parent, kind: given?.kind ?? parent.kind };

/** Groups that facts do not know, and served kinds of extensions, with versions in order of stability. */
function customGroups(catalog: Catalog, known: ReadonlySet<string>): GroupEntry[] {
  const groups = new Map<string, Map<string, ResourceEntry[]>>();
  for (const s of catalog.all()) {
    if (known.has(s.resource.group)) continue;
    const versions = groups.get(s.resource.group) ?? new Map<string, ResourceEntry[]>();
    groups.set(s.resource.group, versions);
    versions.set(s.resource.version, [...(versions.get(s.resource.version) ?? []), entryOf(s)]);
  }
  return [...groups].sort(byKey).map(([group, versions]) => {
    const names = [...versions.keys()].sort(byStability);
    return {
      group,
      custom: true,
      preferred: names[0] ?? '',
      versions: names.map(version => ({
        version,
        resources: (versions.get(version) ?? []).sort((a, b) => (a.resource < b.resource ? -1 : 1)),
      })),
    };
  });
}

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

/** GA before beta before alpha, then the higher number; names of another form last, by text. */
function byStability(a: string, b: string): number {
  const rank = (v: string): readonly [number, number, number] => {
    const [, major, stage, minor] = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(v) ?? [];
    return major === undefined ? [3, 0, 0] : [stage === 'alpha' ? 2 : stage === 'beta' ? 1 : 0, -Number(major), -Number(minor ?? 0)];
  };
  const [x, y] = [rank(a), rank(b)];
  return x[0] - y[0] || x[1] - y[1] || x[2] - y[2] || (a < b ? -1 : 1);
}

function entryOf(s: Served): ResourceEntry {
  const { group, plural, kind, scope } = s.resource;
  return {
    resource: plural,
    kind,
    scope,
    singular: s.singular,
    verbs: s.verbs,
    shortNames: s.shortNames,
    categories: s.categories,
    storageVersionHash: createHash('sha256').update(`${group}/${s.resource.version}/${kind}`).digest('base64').slice(0, 11).concat('='),
    subresources: [...s.subresources].map(([subresource, sub]) => ({
      subresource,
      verbs: sub.verbs,
      ...(sub.kind ? { responseKind: sub.kind } : { responseKind: { group: '', version: '', kind } }),
    })),
  };
}
