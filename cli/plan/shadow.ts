// A second control plane in memory that starts from a copy of the first one: the same API server with the same admission, the same
// detector, binding controllers and scheduler, on a clock of its own. What is done to it shows what would happen; nothing that it
// does leaves this process.
import {
  apiServer,
  bindingConversions,
  builtinAdmission,
  type Core,
  clusterResource,
  componentUser,
  discoverCatalog,
  ensureDefinitions,
  ensureNamespaces,
  implant,
  karmadaAdmission,
  MemoryStore,
} from '../../apiserver/index.ts';
import { controllers } from '../../controllers/index.ts';
import { type FeatureGates, karmadaCrds, type ResourceInterpreterCustomization } from '../../crds/index.ts';
import { type Interpreter, type InterpreterLayer, interpreterChain, LuaPool } from '../../interpreter/index.ts';
import {
  type AnyObject,
  type Client,
  type EventRecorder,
  type Reader,
  type Resource,
  runAll,
  type SimulatedClock,
  simulatedClock,
  systemClock,
  unavailable,
} from '../../kube/index.ts';
import { fnv1a32, type SchedulerFlags, scheduler } from '../../scheduler/index.ts';
import { luaCompiler } from '../../webhook/index.ts';

export interface CopiedObject {
  readonly resource: Pick<Resource, 'group' | 'version' | 'plural'>;
  readonly object: AnyObject;
}

export interface ShadowOptions {
  readonly nowMs: number;
  readonly gates: FeatureGates;
  readonly flags: Partial<SchedulerFlags>;
  /** Which way the uids of new templates break ties between equal clusters; by chance without. */
  readonly ties?: 'even' | 'odd';
  /** CustomResourceDefinitions to begin with, as they are; those of Karmada are made without. */
  readonly definitions?: readonly CopiedObject[];
}

export interface Shadow {
  /** Acts as the administrator. */
  readonly client: Client;
  readonly core: Core;
  readonly clock: SimulatedClock;
  /** Lets everything run until nothing changes any more. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

const ADMIN = { username: 'system:admin', groups: ['system:masters', 'system:authenticated'] };
const NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease', 'karmada-system', 'karmada-cluster'];
/** What decides and renders; nothing that speaks to members. */
const CONTROLLERS = ['binding', 'cluster', 'gracefulEviction', 'workloadRebalancer'];
const SERVED_MS = 60_000;
const LONG_MS = 365 * 24 * 60 * 60_000;
const NO_EVENTS: EventRecorder = { event: () => undefined };

/** A server with nothing but kinds; controllers and scheduler start with `run`. */
export async function emptyShadow(
  o: ShadowOptions,
): Promise<Shadow & { run(): void; customizations(list: readonly ResourceInterpreterCustomization[]): void }> {
  const clock = clockFor(o);
  const stop = new AbortController();
  const lua = new LuaPool(systemClock);
  const reader: Reader = { get: (r, k, g) => admin.get(r, k, g), list: (r, l) => admin.list(r, l) };
  const server = await apiServer({
    store: new MemoryStore(clock.uuid()),
    clock,
    authenticators: [],
    conversions: bindingConversions,
    kinds: core => [clusterResource(core)],
    plugins: () => [
      ...builtinAdmission({ reader, clock }),
      karmadaAdmission({ client: () => admin, clock, gates: o.gates, options: {}, compileLua: luaCompiler(lua) }),
    ],
  });
  const admin = server.client(ADMIN, 'flotilla-plan');
  const parts: Promise<unknown>[] = [];
  const start = (run: (signal: AbortSignal) => Promise<unknown>): void => void parts.push(run(stop.signal).catch(() => undefined));
  start(signal =>
    runAll(
      server.loops.filter(loop => loop.name === 'crd'),
      signal,
    ),
  );
  if (o.definitions) {
    for (const definition of o.definitions) await implant(server.core, DEFINITIONS, definition.object);
  } else {
    const client = server.client(componentUser('bootstrap'), 'bootstrap');
    await ensureNamespaces(client, NAMESPACES);
    await ensureDefinitions(client, karmadaCrds());
  }
  await whenServed(server.core, clock);

  let customizations: readonly ResourceInterpreterCustomization[] = [];
  const busy = { count: 0 };
  const chain = interpreterChain({ clock: systemClock, customizations: () => customizations });
  const hub = server.client(componentUser('karmada-controller-manager'), 'karmada-controller-manager');
  const shadow: Shadow = {
    client: admin,
    core: server.core,
    clock,
    settle: () => settle(server.core, clock, busy),
    async close() {
      stop.abort(new Error('the plan is made'));
      await clock.advance(1);
      await Promise.all(parts);
      chain.close();
      lua.close();
    },
  };
  return {
    ...shadow,
    customizations(list) {
      customizations = list;
    },
    run() {
      const manager = controllers({
        hub,
        discover: () => Promise.resolve(discoverCatalog(server.core.catalog)),
        clock,
        connect: () => {
          throw unavailable('a plan does not speak to members');
        },
        interpreter: counted(chain, busy),
        recorder: NO_EVENTS,
        gates: o.gates,
        options: { controllers: CONTROLLERS, clusterMonitorGracePeriodMs: LONG_MS, clusterStartupGracePeriodMs: LONG_MS },
      });
      const flags = { ...o.flags, featureGates: o.gates as Readonly<Record<string, boolean>> };
      const decider = scheduler({
        hub: server.client(componentUser('karmada-scheduler'), 'karmada-scheduler'),
        clock,
        events: NO_EVENTS,
        flags,
        resumed: true,
      });
      start(signal => manager.run(signal));
      start(signal => decider.run(signal));
    },
  };
}

const DEFINITIONS = { group: 'apiextensions.k8s.io', version: 'v1', plural: 'customresourcedefinitions' };

/** Waits for the kinds of Karmada. */
async function whenServed({ catalog }: Core, clock: SimulatedClock): Promise<void> {
  const definitions = karmadaCrds();
  const served = (): boolean =>
    definitions.every(({ spec }) => spec.versions.every(v => !v.served || catalog.find(spec.group, v.name, spec.names.plural)));
  const end = clock.now() + SERVED_MS;
  while (!served()) {
    if (clock.now() > end) throw new Error('this control plane does not have all kinds of Karmada');
    await clock.advance(10);
  }
}

/** A clock whose uids break ties one way. */
function clockFor({ nowMs, ties }: ShadowOptions): SimulatedClock {
  const clock = simulatedClock({ start: nowMs, seed: nowMs });
  if (!ties) return clock;
  const wanted = ties === 'odd' ? 1 : 0;
  return {
    ...clock,
    uuid() {
      for (;;) {
        const uid = clock.uuid();
        if (fnv1a32(uid) % 2 === wanted) return uid;
      }
    },
  };
}

/** A copy of a control plane, settled: what it would do anyway is done. */
export async function shadowOf(objects: readonly CopiedObject[], o: ShadowOptions): Promise<Shadow> {
  const definitions = objects.filter(isDefinition);
  const shadow = await emptyShadow(definitions.length > 0 ? { ...o, definitions } : o);
  await copyInto(shadow, objects);
  shadow.customizations(
    objects.flatMap(({ object }) =>
      object.kind === 'ResourceInterpreterCustomization' ? [object as unknown as ResourceInterpreterCustomization] : [],
    ),
  );
  shadow.run();
  await shadow.settle();
  return shadow;
}

const isDefinition = ({ object }: CopiedObject): boolean => object.kind === 'CustomResourceDefinition';
const isBinding = ({ object }: CopiedObject): boolean => object.kind === 'ResourceBinding' || object.kind === 'ClusterResourceBinding';

async function copyInto(shadow: Shadow, objects: readonly CopiedObject[]): Promise<void> {
  const versions = new Map<string, string>();
  const put = async ({ resource, object }: CopiedObject): Promise<void> => {
    if (!shadow.core.catalog.find(resource.group, resource.version, resource.plural)) return;
    versions.set(object.metadata.uid ?? '', await implant(shadow.core, resource, object));
  };
  for (const copied of objects) if (!isDefinition(copied) && !isBinding(copied)) await put(copied);
  for (const copied of objects) if (isBinding(copied)) await put({ ...copied, object: repointed(copied.object, versions) });
}

/** The binding with the resourceVersion that its template has in the copy: a difference there would look like a change. */
function repointed(binding: AnyObject, versions: ReadonlyMap<string, string>): AnyObject {
  const spec = binding['spec'] as { readonly resource?: { readonly uid?: string } } | undefined;
  const resourceVersion = versions.get(spec?.resource?.uid ?? '');
  return resourceVersion ? ({ ...binding, spec: { ...spec, resource: { ...spec?.resource, resourceVersion } } } as AnyObject) : binding;
}

/** How long nothing must change, in the shadow's time: longer than the longest wait of a retry. */
const QUIET_MS = 15_000;
const STEP_MS = 2_500;
const GIVE_UP_MS = 10 * 60_000;
const POLL_MS = 2;

async function settle(core: Core, clock: SimulatedClock, busy: { readonly count: number }): Promise<void> {
  const end = clock.now() + GIVE_UP_MS;
  let quietSince = clock.now();
  let revision = core.plane.cache.revision;
  while (clock.now() - quietSince < QUIET_MS && clock.now() < end) {
    await clock.advance(STEP_MS);
    while (busy.count > 0) await new Promise<void>(resolve => void systemClock.after(POLL_MS, resolve));
    if (core.plane.cache.revision === revision) continue;
    revision = core.plane.cache.revision;
    quietSince = clock.now();
  }
}

/** The interpreters, counting calls that run outside the shadow's time. */
function counted(layer: InterpreterLayer, busy: { count: number }): InterpreterLayer {
  return {
    name: layer.name,
    interpreterFor(apiVersion, kind) {
      const found = layer.interpreterFor(apiVersion, kind);
      if (!found) return undefined;
      const methods = Object.entries(found).map(([name, method]) => [
        name,
        async (...args: unknown[]) => {
          busy.count++;
          try {
            return await (method as (...a: unknown[]) => Promise<unknown>)(...args);
          } finally {
            busy.count--;
          }
        },
      ]);
      return Object.fromEntries(methods) as Interpreter;
    },
  };
}
