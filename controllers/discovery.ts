// What an API server serves: read through aggregated discovery, or group by group from servers that do not know it.
import type { RawClient, Resource } from '../kube/index.ts';
import { at, isObject, listOf, parseApiVersion, resource, stringOf } from '../kube/index.ts';

export interface ServedResource {
  readonly resource: Resource;
  readonly verbs: readonly string[];
  /** Of the versions of its group the one that the server prefers for this kind. */
  readonly preferred: boolean;
}

export interface Served {
  readonly resources: readonly ServedResource[];
  /** False where a group could not be read: what is missing may exist all the same. */
  readonly complete: boolean;
}

export type Discover = (signal: AbortSignal) => Promise<Served>;

const ACCEPT = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';

/** Discovery over the raw requests of a client. */
export function discoverOver(client: RawClient): Discover {
  return async signal => {
    const get = async (path: string): Promise<unknown> => {
      const { code, body } = await client.raw('GET', path, { accept: ACCEPT, signal });
      if (code !== 200) throw new Error(`GET ${path} answered ${code}`);
      return JSON.parse(body) as unknown;
    };
    const [core, groups] = await Promise.all([get('/api'), get('/apis')]);
    const parts = await Promise.all([...partsOf(core, get, true), ...partsOf(groups, get, false)]);
    return { resources: withPreference(parts.flatMap(part => part.resources)), complete: parts.every(part => part.complete) };
  };
}

type Get = (path: string) => Promise<unknown>;
type Unranked = Omit<ServedResource, 'preferred'>;
interface Part {
  readonly resources: readonly Unranked[];
  readonly complete: boolean;
}

function partsOf(answer: unknown, get: Get, core: boolean): Promise<Part>[] {
  if (at(answer, 'kind') === 'APIGroupDiscoveryList') return listOf(at(answer, 'items')).map(async item => aggregatedGroup(item));
  const versions = core
    ? listOf(at(answer, 'versions')).map(version => `/api/${stringOf(version)}`)
    : listOf(at(answer, 'groups')).flatMap(group => orderedVersions(group).map(version => `/apis/${version}`));
  return versions.map(path => legacyVersion(path, get));
}

function orderedVersions(group: unknown): string[] {
  const preferred = stringOf(at(group, 'preferredVersion', 'groupVersion'));
  const all = listOf(at(group, 'versions')).map(version => stringOf(at(version, 'groupVersion')));
  return [...all.filter(version => version === preferred), ...all.filter(version => version !== preferred)];
}

function aggregatedGroup(item: unknown): Part {
  const group = stringOf(at(item, 'metadata', 'name'));
  const versions = listOf(at(item, 'versions'));
  const resources = versions.flatMap(version =>
    listOf(at(version, 'resources')).map(r => ({
      resource: resource({
        group: stringOf(at(r, 'responseKind', 'group')) || group,
        version: stringOf(at(r, 'responseKind', 'version')) || stringOf(at(version, 'version')),
        kind: stringOf(at(r, 'responseKind', 'kind')),
        plural: stringOf(at(r, 'resource')),
        scope: at(r, 'scope') === 'Cluster' ? 'Cluster' : 'Namespaced',
      }),
      verbs: listOf(at(r, 'verbs')).map(stringOf),
    })),
  );
  return { resources, complete: versions.every(version => at(version, 'freshness') !== 'Stale') };
}

async function legacyVersion(path: string, get: Get): Promise<Part> {
  try {
    const answer = await get(path);
    const { group, version } = parseApiVersion(stringOf(at(answer, 'groupVersion')));
    const resources = listOf(at(answer, 'resources'))
      .filter(r => isObject(r) && !stringOf(r['name']).includes('/'))
      .map(r => ({
        resource: resource({
          group,
          version,
          kind: stringOf(at(r, 'kind')),
          plural: stringOf(at(r, 'name')),
          scope: at(r, 'namespaced') === true ? 'Namespaced' : 'Cluster',
        }),
        verbs: listOf(at(r, 'verbs')).map(stringOf),
      }));
    return { resources, complete: true };
  } catch {
    // One broken extension server must not hide all the others.
    return { resources: [], complete: false };
  }
}

/** The first version of a plural in its group is the preferred one. */
function withPreference(resources: readonly Unranked[]): ServedResource[] {
  const seen = new Set<string>();
  return resources.map(entry => {
    const id = `${entry.resource.plural}.${entry.resource.group}`;
    const preferred = !seen.has(id);
    seen.add(id);
    return { ...entry, preferred };
  });
}
