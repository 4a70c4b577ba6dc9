// An APIService for each group version that is served here, so that whoever judges by them what is installed finds it. They go
// with their group version, and come back when somebody deletes them; those of others are left alone.
import { type AnyObject, at, controller, getOrUndefined, isStatusError, type Resource, type Runnable, resource } from '../../kube/index.ts';
import type { Core } from '../registry/index.ts';
import { changesOf, needed, present } from './collection-source.ts';
import { type LoopOptions, loopClient } from './loop-context.ts';

const API_SERVICES: Resource<AnyObject> = resource({
  group: 'apiregistration.k8s.io',
  version: 'v1',
  kind: 'APIService',
  plural: 'apiservices',
  scope: 'Cluster',
});
const MANAGED = 'kube-aggregator.kubernetes.io/automanaged';

/** groupPriorityMinimum of Kubernetes' own groups; the core group is ''. */
const PRIORITIES: Readonly<Record<string, number>> = {
  '': 18000,
  apps: 17800,
  'events.k8s.io': 17750,
  'authentication.k8s.io': 17700,
  'authorization.k8s.io': 17600,
  autoscaling: 17500,
  batch: 17400,
  'certificates.k8s.io': 17300,
  'networking.k8s.io': 17200,
  policy: 17100,
  'rbac.authorization.k8s.io': 17000,
  'storage.k8s.io': 16800,
  'admissionregistration.k8s.io': 16700,
  'apiextensions.k8s.io': 16700,
  'scheduling.k8s.io': 16600,
  'coordination.k8s.io': 16500,
  'node.k8s.io': 16300,
  'discovery.k8s.io': 16200,
  'resource.k8s.io': 16200,
  'flowcontrol.apiserver.k8s.io': 16100,
};
const OTHER_PRIORITY = 1000;
const OTHER_VERSION_PRIORITY = 100;
const VERSION_PRIORITIES: Readonly<Record<string, number>> = {
  v1: 1,
  'v2.autoscaling': 30,
  'v1.flowcontrol.apiserver.k8s.io': 21,
  'v1.resource.k8s.io': 21,
};
const OWN_VERSION_PRIORITY = 15;

export function localApiServicesLoop({ core, log }: LoopOptions): Runnable {
  const services = needed(core, API_SERVICES.group, API_SERVICES.plural);
  const client = loopClient(core, 'kube-aggregator');
  const removed = changesOf(services, { keys: () => ['all'], deletions: true });
  const served = {
    synced: Promise.resolve(),
    start(enqueue: (key: string) => void) {
      enqueue('all');
      return core.catalog.onChange(() => enqueue('all'));
    },
  };
  return controller({
    name: 'local-api-services',
    sources: [served, removed],
    clock: core.plane.clock,
    ...(log ? { log } : {}),
    async reconcile() {
      const wanted = new Map(groupVersions(core).map(gv => [`${gv.version}.${gv.group}`, gv]));
      for (const [name, gv] of wanted) {
        if (services.collection.get('', name)) continue;
        const made = await client.create(API_SERVICES, apiService(name, gv)).catch(error => {
          if (!isStatusError(error, 'AlreadyExists')) throw error;
          return getOrUndefined(client, API_SERVICES, { name });
        });
        if (made) await client.update(API_SERVICES, { ...made, status: available(made) } as AnyObject, { subresource: 'status' });
      }
      for (const { metadata } of present(services)) {
        if (metadata.labels?.[MANAGED] && metadata.name && !wanted.has(metadata.name))
          await client.delete(API_SERVICES, { name: metadata.name });
      }
    },
  });
}

interface GroupVersion {
  readonly group: string;
  readonly version: string;
  readonly custom: boolean;
}

function groupVersions(core: Core): GroupVersion[] {
  const found = new Map<string, GroupVersion>();
  for (const { resource: r, custom } of core.catalog.all()) {
    if (r.group !== API_SERVICES.group) found.set(`${r.group}/${r.version}`, { group: r.group, version: r.version, custom });
  }
  return [...found.values()];
}

function apiService(name: string, { group, version, custom }: GroupVersion): AnyObject {
  const own = PRIORITIES[group];
  const versionPriority = VERSION_PRIORITIES[group ? name : version] ?? (own === undefined ? OTHER_VERSION_PRIORITY : OWN_VERSION_PRIORITY);
  return {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name, labels: { [MANAGED]: custom ? 'true' : 'onstart' } },
    spec: { ...(group ? { group } : {}), version, groupPriorityMinimum: own ?? OTHER_PRIORITY, versionPriority },
  } as unknown as AnyObject;
}

const available = (made: AnyObject): object => ({
  conditions: [
    {
      type: 'Available',
      status: 'True',
      lastTransitionTime: at(made, 'metadata', 'creationTimestamp'),
      reason: 'Local',
      message: 'Local APIServices are always available',
    },
  ],
});
