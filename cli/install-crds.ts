// The kinds of Karmada as CRDs on an API server that does not bring them along: a stock kube-apiserver, or a plane of ours, where they are only brought up to date.
import { ensureDefinitions, ensureNamespaces } from '../apiserver/index.ts';
import { builtInKinds, type CustomResourceDefinition, clusters, karmadaCrds } from '../crds/index.ts';
import { at, type Clock, getOrUndefined, type HttpClient, isObject, type Logger, listOf, resource, sleep } from '../kube/index.ts';
import { SYSTEM_NAMESPACES } from './api-server.ts';

const definitions = resource({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  scope: 'Cluster',
});
const POLL_MS = 200;
const WAIT_MS = 30_000;

export interface InstallOptions {
  readonly hub: HttpClient;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Resolves when all of them are served. */
export async function installCrds(o: InstallOptions, signal: AbortSignal): Promise<void> {
  const wanted = (await bringsClusters(o.hub, signal)) ? karmadaCrds() : forStockServer();
  await ensureNamespaces(o.hub, SYSTEM_NAMESPACES);
  await ensureDefinitions(o.hub, wanted);
  const deadline = o.clock.monotonic() + WAIT_MS;
  for (const { metadata } of wanted) {
    while (!(await isEstablished(o.hub, metadata.name ?? '', signal))) {
      if (o.clock.monotonic() > deadline)
        throw new Error(`CRD ${metadata.name} is not served after 30 s: kubectl describe crd ${metadata.name} tells why`);
      await sleep(o.clock, POLL_MS, signal);
    }
  }
  o.log.info({ kinds: wanted.length }, 'the kinds of Karmada are served');
}

/** Whether the server has Cluster built in, as ours does and the reference's aggregated API server. */
async function bringsClusters(hub: HttpClient, signal: AbortSignal): Promise<boolean> {
  const name = `${clusters.plural}.${clusters.group}`;
  if (await getOrUndefined(hub, definitions, { name }, { signal })) return false;
  const { code } = await hub.raw('GET', `/apis/${clusters.group}/${clusters.version}`, { signal });
  return code === 200;
}

/** Cluster as a CRD too; versions that only a conversion could serve are left out. */
function forStockServer(): CustomResourceDefinition[] {
  const cluster = builtInKinds().filter(d => d.spec.group === clusters.group && d.spec.names.plural === clusters.plural);
  return [...cluster.map(withColumns), ...karmadaCrds()].map(definition => ({
    ...definition,
    spec: { ...definition.spec, versions: definition.spec.versions.filter(v => v.storage).map(withLegalDefaults) },
  }));
}

/** What `kubectl get clusters` shows: our own server makes this table itself. */
const COLUMNS = [
  { name: 'Version', type: 'string', jsonPath: '.status.kubernetesVersion' },
  { name: 'Mode', type: 'string', jsonPath: '.spec.syncMode' },
  { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
];

const withColumns = (d: CustomResourceDefinition): CustomResourceDefinition => ({
  ...d,
  spec: { ...d.spec, versions: d.spec.versions.map(v => ({ ...v, additionalPrinterColumns: COLUMNS })) },
});

/** Cluster is described as its own server has it, where a default may lie outside its enumeration; a CRD may not say so. */
const withLegalDefaults = <T>(part: T): T => {
  if (Array.isArray(part)) return part.map(withLegalDefaults) as T;
  if (!isObject(part)) return part;
  const { enum: allowed, default: value } = part;
  const illegal = Array.isArray(allowed) && 'default' in part && !allowed.includes(value);
  return Object.fromEntries(
    Object.entries(part).flatMap(([key, inner]) => (illegal && key === 'default' ? [] : [[key, withLegalDefaults(inner)]])),
  ) as T;
};

async function isEstablished(hub: HttpClient, name: string, signal: AbortSignal): Promise<boolean> {
  const found = await getOrUndefined(hub, definitions, { name }, { signal });
  return listOf(at(found, 'status', 'conditions')).some(c => at(c, 'type') === 'Established' && at(c, 'status') === 'True');
}
