// What the controllers manage: Works built from bindings, Works applied to members, the way of a status from a member to its template, and a restart at full size.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  conditionTypes,
  executionSpace,
  propagationPolicies,
  type ResourceBinding,
  resourceBindings,
  type Work,
  workName,
  works,
} from '../../crds/index.ts';
import { type AnyObject, at, informer, listOf, resource, sleep, systemClock } from '../../kube/index.ts';
import { type ControllersPlane, controllersPlane } from './controllers-plane.ts';
import { growing, percentile, print, rate } from './measure.ts';

const configMaps = resource({ group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', scope: 'Namespaced' });
const ingresses = resource({ group: 'networking.k8s.io', version: 'v1', kind: 'Ingress', plural: 'ingresses', scope: 'Namespaced' });
const MEMBERS = ['m1', 'm2', 'm3'];
const IN_FLIGHT = 100;
/** `SIZE=5000 npm run bench -- controllers` for a quick look. */
const SIZE = Number(process.env['SIZE'] ?? 20_000);

export async function controllersBench(): Promise<void> {
  await onPlane([], bindingsToWorks);
  await onPlane(MEMBERS, appliedWorks);
  await onPlane(MEMBERS, statusLatency);
  await onPlane(MEMBERS, editedPolicy);
  await onPlane(MEMBERS, restart);
}

async function onPlane(names: readonly string[], measure: (plane: ControllersPlane) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-bench-'));
  const plane = await controllersPlane(dir, names);
  try {
    await measure(plane);
  } finally {
    await plane.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

const template = (name: string): AnyObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data: { payload: 'x'.repeat(200) },
});

/** A binding whose clusters were chosen already. */
const binding = (of: AnyObject, targets: readonly string[]): ResourceBinding => ({
  apiVersion: 'work.karmada.io/v1alpha2',
  kind: 'ResourceBinding',
  metadata: { name: `${of.metadata.name}-configmap`, namespace: 'default', finalizers: ['karmada.io/binding-controller'] },
  spec: {
    resource: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: of.metadata.name ?? '', uid: of.metadata.uid ?? '' },
    clusters: targets.map(name => ({ name })),
  } as ResourceBinding['spec'],
});

async function makeBindings(plane: ControllersPlane, prefix: string, count: number): Promise<void> {
  await rate(count, IN_FLIGHT, async i => {
    const made = await plane.hub.create(configMaps, template(`${prefix}-${i}`));
    await plane.hub.create(resourceBindings, binding(made, MEMBERS));
  });
}

async function bindingsToWorks(plane: ControllersPlane): Promise<void> {
  for (const name of MEMBERS) {
    await plane.hub.create(
      resource({ group: 'cluster.karmada.io', version: 'v1alpha1', kind: 'Cluster', plural: 'clusters', scope: 'Cluster' }),
      {
        apiVersion: 'cluster.karmada.io/v1alpha1',
        kind: 'Cluster',
        metadata: { name },
        spec: { syncMode: 'Push' },
      } as AnyObject,
    );
  }
  await ensureSpaces(plane);
  let before = 0;
  for (const count of growing(SIZE / 4)) {
    await makeBindings(plane, `b${count}`, count);
    const start = performance.now();
    const end = plane.begin({ options: { controllers: ['binding'], skippedPropagatingApis: 'v1/ConfigMap' } });
    await until(async () => (await plane.hub.list(works)).items.length === before + count * MEMBERS.length);
    print({
      name: `bindings to Works, 3 clusters each, ${count} bindings`,
      value: (count * 3000) / (performance.now() - start),
      unit: 'Works/s',
    });
    before += count * MEMBERS.length;
    await end();
  }
}

async function ensureSpaces({ hub }: ControllersPlane): Promise<void> {
  const namespaces = resource({ group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', scope: 'Cluster' });
  for (const name of MEMBERS) {
    await hub.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: executionSpace(name) } }).catch(() => undefined);
  }
}

const isApplied = (work: Work): boolean =>
  listOf(work.status?.conditions).some(c => at(c, 'type') === conditionTypes.workApplied && at(c, 'status') === 'True');

async function appliedWorks(plane: ControllersPlane): Promise<void> {
  const end = plane.begin({ options: { controllers: ['clusterStatus', 'cluster', 'execution', 'workStatus'] } });
  const watching = follow(plane);
  let before = 0;
  for (const count of growing(SIZE * 0.3)) {
    const start = performance.now();
    await rate(count, IN_FLIGHT, i => plane.hub.create(works, work(`a${count}-${i}`, MEMBERS[i % 3] ?? '')));
    await until(async () => watching.works.list().filter(isApplied).length === before + count);
    print({ name: `Works applied to 3 members, ${count} Works`, value: (count * 1000) / (performance.now() - start), unit: '/s' });
    before += count;
  }
  watching.stop();
  await end();
}

function work(name: string, cluster: string): Work {
  const namespace = executionSpace(cluster);
  const marks = { 'work.karmada.io/namespace': namespace, 'work.karmada.io/name': workName('ConfigMap', name, 'default') };
  const metadata = { name, namespace: 'default', labels: { 'karmada.io/managed': 'true' }, annotations: marks };
  return {
    apiVersion: 'work.karmada.io/v1alpha1',
    kind: 'Work',
    metadata: { namespace, name: workName('ConfigMap', name, 'default'), finalizers: ['karmada.io/execution-controller'] },
    spec: { workload: { manifests: [{ ...template(name), metadata }] } },
  } as unknown as Work;
}

function follow({ hub }: ControllersPlane) {
  const stop = new AbortController();
  const copy = informer({ client: hub, clock: systemClock, resource: works });
  void copy.run(stop.signal);
  return { works: copy, stop: () => stop.abort(new Error('seen enough')) };
}

const COUNT = 100;
const SECONDS = 20;

/** Statuses that change in members, 100 a second, and when the template shows them. */
async function statusLatency(plane: ControllersPlane): Promise<void> {
  const end = plane.begin({ scheduling: true });
  await plane.hub.create(propagationPolicies, policy('networking.k8s.io/v1', 'Ingress', ['m1']));
  await rate(COUNT, 20, i => plane.hub.create(ingresses, ingress(`i-${i}`)));
  const member = plane.members.get('m1');
  if (!member) return;
  await until(async () => (await member.list(ingresses)).items.length === COUNT);
  const sent = new Map<string, number>();
  const took: number[] = [];
  const stop = new AbortController();
  const copy = informer({ client: plane.hub, clock: systemClock, resource: ingresses });
  copy.subscribe(({ object }) => {
    for (const entry of listOf(at(object, 'status', 'loadBalancer', 'ingress'))) {
      const ip = String(at(entry, 'ip'));
      const at0 = sent.get(ip);
      if (at0 === undefined) continue;
      sent.delete(ip);
      took.push(performance.now() - at0);
    }
  });
  void copy.run(stop.signal);
  await copy.synced;
  const start = performance.now();
  for (let n = 0; n < SECONDS * 100; n++) {
    const due = start + n * 10 - performance.now();
    if (due > 0) await sleep(systemClock, due);
    const ip = `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
    sent.set(ip, performance.now());
    member
      .patch(
        ingresses,
        { namespace: 'default', name: `i-${n % COUNT}` },
        { type: 'merge', body: { status: { loadBalancer: { ingress: [{ ip }] } } } },
        { subresource: 'status' },
      )
      .catch(() => sent.delete(ip));
  }
  await until(async () => sent.size < SECONDS).catch(() => undefined);
  for (const p of [50, 99])
    print({ name: `member status to template status at 100 changes/s, P${p} of ${took.length}`, value: percentile(took, p), unit: 'ms' });
  stop.abort(new Error('seen enough'));
  await end();
}

const policy = (apiVersion: string, kind: string, targets: readonly string[]) =>
  ({
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'PropagationPolicy',
    metadata: { name: 'p', namespace: 'default' },
    spec: {
      resourceSelectors: [{ apiVersion, kind, labelSelector: { matchExpressions: [{ key: 'skip', operator: 'DoesNotExist' }] } }],
      placement: { clusterAffinity: { clusterNames: targets } },
    },
  }) as never;

const ingress = (name: string): AnyObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name, namespace: 'default' },
  spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } } },
});

/** A policy that concerns many templates changes; meanwhile somebody else's template is propagated. */
async function editedPolicy(plane: ControllersPlane): Promise<void> {
  const count = SIZE / 2;
  const end = plane.begin({ scheduling: true });
  await rate(count, IN_FLIGHT, i => plane.hub.create(configMaps, template(`e-${i}`)));
  await plane.hub.create(propagationPolicies, policy('v1', 'ConfigMap', ['m1']));
  const watching = follow(plane);
  const inCluster = (name: string) =>
    watching.works.list(executionSpace(name)).filter(w => w.metadata.name?.startsWith('e-') && isApplied(w)).length;
  await until(async () => inCluster('m1') === count, 900_000);
  const start = performance.now();
  await plane.hub.patch(
    propagationPolicies,
    { namespace: 'default', name: 'p' },
    { type: 'merge', body: { spec: { placement: { clusterAffinity: { clusterNames: ['m1', 'm2'] } } } } },
  );
  await sleep(systemClock, 1000);
  const other = performance.now();
  await plane.hub.create(configMaps, template('someone-else'));
  await until(async () => watching.works.list(executionSpace('m1')).some(w => w.metadata.name?.startsWith('someone-else') && isApplied(w)));
  print({ name: `another template propagated during an edit for ${count} templates`, value: performance.now() - other, unit: 'ms' });
  await until(async () => inCluster('m2') === count, 900_000);
  print({
    name: `a policy edited for ${count} templates, until the last Work is applied`,
    value: (performance.now() - start) / 1000,
    unit: 's',
  });
  watching.stop();
  await end();
}

/** A control plane that starts with everything in its place. */
async function restart(plane: ControllersPlane): Promise<void> {
  await makeBindings(plane, 'r', SIZE);
  const end = plane.begin({ options: { skippedPropagatingApis: 'v1/ConfigMap' } });
  const watching = follow(plane);
  const total = SIZE * MEMBERS.length;
  await until(async () => watching.works.list().filter(isApplied).length >= total, 900_000);
  await quiet(plane);
  watching.stop();
  await end();
  const writes = plane.memberWrites();
  const memory = process.memoryUsage().heapUsed;
  const start = performance.now();
  const again = plane.begin({ options: { skippedPropagatingApis: 'v1/ConfigMap' } });
  const settledAt = await quiet(plane);
  print({
    name: `restart with ${SIZE} bindings and ${total} Works, until nothing happens any more`,
    value: (settledAt - start) / 1000,
    unit: 's',
  });
  print({ name: 'writes into members during it', value: plane.memberWrites() - writes, unit: '' });
  print({ name: 'memory of the controllers, a Work', value: (process.memoryUsage().heapUsed - memory) / total / 1024, unit: 'KiB' });
  await again();
}

/** When the last busy moment was: nothing was written and the process was idle for three seconds after it. */
async function quiet(plane: ControllersPlane): Promise<number> {
  let last = performance.now();
  let revision = await plane.revision();
  let load = performance.eventLoopUtilization();
  while (performance.now() - last < 3000) {
    await sleep(systemClock, 100);
    const now = await plane.revision();
    const present = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(present, load);
    load = present;
    if (now !== revision || utilization > 0.3) last = performance.now();
    revision = now;
  }
  return last;
}

async function until(holds: () => Promise<boolean>, ms = 300_000): Promise<void> {
  const deadline = performance.now() + ms;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error('waited in vain');
    await sleep(systemClock, 20);
  }
}
