// Works built from bindings: nothing is applied.
import { clusters, executionSpace, resourceBindings, works } from '../../../crds/index.ts';
import { type AnyObject, resource } from '../../../kube/index.ts';
import { growing, print, rate } from '../measure.ts';
import { follow } from './follow.ts';
import { binding, configMap, configMaps, memberNames } from './objects.ts';
import type { ControllersPlane } from './plane.ts';
import { stopwatch } from './stopwatch.ts';

const IN_FLIGHT = 100;
const MEMBERS = memberNames(3);
const namespaces = resource({ group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', scope: 'Cluster' });

export async function makeBindings({ hub }: ControllersPlane, prefix: string, count: number): Promise<void> {
  await rate(count, IN_FLIGHT, async i => {
    const made = await hub.create(configMaps, configMap(`${prefix}-${i}`));
    await hub.create(resourceBindings, binding(made, MEMBERS));
  });
}

export async function bindingsToWorks(plane: ControllersPlane, size: number): Promise<void> {
  for (const name of MEMBERS) await addUnreachable(plane, name);
  let before = (await plane.hub.list(works)).items.length;
  for (const count of growing(size / 4)) {
    await makeBindings(plane, `b${count}`, count);
    const watching = follow(plane);
    const made = watching.count(() => true);
    await made.reached(before);
    const watch = stopwatch();
    const end = plane.begin({ options: { controllers: ['binding'], skippedPropagatingApis: 'v1/ConfigMap' } });
    before += count * MEMBERS.length;
    await made.reached(before);
    const name = `bindings to Works, 3 clusters each, ${count} bindings`;
    print({ name, value: (count * MEMBERS.length * 1000) / watch.ms(), unit: 'Works/s' });
    print({ name: '  CPU of the plane, a Work', value: watch.cpuMs() / (count * MEMBERS.length), unit: 'ms' });
    watching.stop();
    await end();
  }
}

/** A cluster that nobody talks to. */
async function addUnreachable({ hub }: ControllersPlane, name: string): Promise<void> {
  const cluster = { apiVersion: 'cluster.karmada.io/v1alpha1', kind: 'Cluster', metadata: { name }, spec: { syncMode: 'Push' } };
  await hub.create(clusters, cluster as never);
  const namespace: AnyObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: executionSpace(name) } };
  await hub.create(namespaces, namespace);
}
