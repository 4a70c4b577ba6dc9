// Bindings a second that are scheduled and durable, from a full queue: an API server with its SQLite store, members that are only
// Cluster objects, bindings as the detector makes them, and the scheduler, all in this process as `flotilla up` has them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  apiServer,
  builtinAdmission,
  clusterResource,
  componentUser,
  ensureDefinitions,
  ensureNamespaces,
  plainCodec,
  SqliteStore,
} from '../../apiserver/index.ts';
import { clusters as clusterResources, karmadaCrds, resourceBindings } from '../../crds/index.ts';
import { type Estimator, recentAnswers } from '../../estimator/index.ts';
import { type Client, eventRecorder, type KubeObject, type Reader, runAll, sleep, systemClock } from '../../kube/index.ts';
import { type Binding, scheduler } from '../../scheduler/index.ts';
import { grpcMembers } from './grpc-members.ts';
import { print, rate } from './measure.ts';
import { benchBinding, benchCluster, decisionTimes, type Placing, placings } from './scheduling-objects.ts';

export interface SchedulingPlane {
  readonly hub: Client;
  close(): Promise<void>;
}

/** A control plane without controllers, in a temporary folder. */
export async function schedulingPlane(): Promise<SchedulingPlane> {
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-bench-'));
  const store = await SqliteStore.open({ file: join(dir, 'bench.db'), newId: systemClock.uuid(), codec: plainCodec });
  const reader: Reader = { get: (r, k, o) => hub.get(r, k, o), list: (r, o) => hub.list(r, o) };
  const server = await apiServer({
    store,
    clock: systemClock,
    authenticators: [],
    kinds: core => [clusterResource(core)],
    plugins: () => builtinAdmission({ reader, clock: systemClock }),
  });
  const hub = server.client(componentUser('bench'), 'bench');
  const stop = new AbortController();
  const running = runAll(server.loops, stop.signal);
  await ensureNamespaces(hub, ['default', 'bench', 'karmada-system']);
  const definitions = karmadaCrds();
  await ensureDefinitions(hub, definitions);
  while (!definitions.every(d => d.spec.versions.every(v => server.core.catalog.find(d.spec.group, v.name, d.spec.names.plural)))) {
    await sleep(systemClock, 5);
  }
  return {
    hub,
    async close() {
      stop.abort();
      await running;
      await store.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export interface Load {
  readonly clusters: number;
  readonly bindings: number;
  readonly placing: Placing;
  readonly estimators?: readonly Estimator[];
}

async function fill(hub: Client, load: Load): Promise<void> {
  await rate(load.clusters, 50, async i => {
    const { status, ...made } = benchCluster(i);
    const stored = await hub.create(clusterResources, made as never);
    await hub.update(clusterResources, { ...stored, status } as never, { subresource: 'status' });
  });
  await rate(load.bindings, 100, i => hub.create(resourceBindings, benchBinding(i, load.placing) as never));
}

const isScheduled = (object: KubeObject): boolean =>
  ((object as Binding).status?.conditions ?? []).some(c => c.type === 'Scheduled' && c.status === 'True');

/** Seconds from the start of the scheduler to the last binding whose condition is durable. */
async function secondsToSchedule(hub: Client, load: Load): Promise<number> {
  const stop = new AbortController();
  const { resourceVersion } = await hub.list(resourceBindings, { limit: 1 });
  const events = eventRecorder({ client: hub, clock: systemClock, component: 'default-scheduler' });
  const start = performance.now();
  const decider = scheduler({ hub, clock: systemClock, events, ...(load.estimators ? { estimators: load.estimators } : {}) });
  const running = decider.run(stop.signal);
  const done = new Set<string>();
  const watching = new AbortController();
  for await (const { object } of hub.watch(resourceBindings, { resourceVersion, signal: watching.signal })) {
    if (isScheduled(object)) done.add(object.metadata.name ?? '');
    if (done.size >= load.bindings) break;
  }
  const seconds = (performance.now() - start) / 1000;
  watching.abort();
  stop.abort();
  await running;
  return seconds;
}

/** Bindings a second for this load, on a new plane. */
export async function bindingsPerSecond(load: Load): Promise<number> {
  const plane = await schedulingPlane();
  try {
    await fill(plane.hub, load);
    return load.bindings / (await secondsToSchedule(plane.hub, load));
  } finally {
    await plane.close();
  }
}

/** Fewer bindings where a decision is dear, so that a run takes seconds. */
const SIZES: readonly (readonly [clusters: number, bindings: number])[] = [
  [10, 1000],
  [100, 2000],
  [1000, 200],
];

export async function schedulingBench(): Promise<void> {
  for (const clusters of [10, 100, 1000]) {
    for (const t of await decisionTimes(clusters)) {
      print({ name: `one decision, ${t.placing}, ${clusters} clusters`, value: t.microseconds, unit: 'µs' });
      print({
        name: `  of it for the record that explains it`,
        value: t.recording,
        unit: 'µs',
        limit: { name: 'the decision', value: t.microseconds },
      });
    }
  }
  for (const [clusters, bindings] of SIZES) {
    for (const placing of placings) {
      const value = await bindingsPerSecond({ clusters, bindings, placing });
      print({ name: `schedule ${bindings} bindings durably, ${placing}, ${clusters} clusters`, value, unit: '/s' });
    }
  }
  const queued = await bindingsPerSecond({ clusters: 100, bindings: 5000, placing: 'dynamic' });
  print({ name: 'schedule 5000 bindings queued at once, dynamic, 100 clusters', value: queued, unit: '/s' });
  const members = await grpcMembers(10);
  try {
    const value = await bindingsPerSecond({
      clusters: 10,
      bindings: 1000,
      placing: 'dynamic',
      estimators: [recentAnswers(members.estimator, systemClock)],
    });
    print({ name: 'schedule 1000 bindings, dynamic, 10 clusters with gRPC estimators', value, unit: '/s' });
  } finally {
    await members.close();
  }
}
