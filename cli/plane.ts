// A control plane in one process: storage, API server, controllers and scheduler, wired together.
import { join } from 'node:path';
import {
  type ApiServer,
  apiServer,
  bindingConversions,
  builtinAdmission,
  CORE_NAMESPACES,
  certificateAuthenticator,
  clusterKind,
  clusterResource,
  componentUser,
  discoverCatalog,
  encryptingCodec,
  encryptionKeys,
  ensureDefinitions,
  ensureNamespaces,
  ensureRbac,
  type HealthCheck,
  healthPaths,
  karmadaAdmission,
  type Listening,
  Pki,
  SigningKey,
  SqliteStore,
  serviceAllocation,
  UNTRACKED,
  versionPath,
} from '../apiserver/index.ts';
import { type ControllerManagerOptions, controllers } from '../controllers/index.ts';
import { type FeatureGates, karmadaCrds, resourceInterpreterCustomizations } from '../crds/index.ts';
import { interpreterChain, LuaPool } from '../interpreter/index.ts';
import {
  type AnyObject,
  type Client,
  type Clock,
  type EventRecorder,
  eventRecorder,
  type Informer,
  informer,
  type KubeObject,
  type Logger,
  type Reader,
  type Runnable,
  runAll,
  sleep,
} from '../kube/index.ts';
import { type SchedulerFlags, scheduler } from '../scheduler/index.ts';
import { luaCompiler, type WebhookOptions } from '../webhook/index.ts';
import { connectMember } from './connect.ts';
import { type Home, makeHome } from './home.ts';
import { writeContext } from './kubeconfig.ts';
import { gitVersion } from './version.ts';

const SERVICE_CIDR = '10.96.0.0/12';
const NODE_PORTS = { from: 30_000, to: 32_767 };
/** Whoever administers the plane may reach members through it; the members' impersonators follow this binding. */
const PROXY_ADMIN: readonly AnyObject[] = [
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'cluster-proxy-admin' },
    rules: [{ apiGroups: ['cluster.karmada.io'], resources: ['clusters/proxy'], verbs: ['*'] }],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'cluster-proxy-admin' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-proxy-admin' },
    subjects: [
      { apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'system:admin' },
      { apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:masters' },
    ],
  },
];
const SYSTEM_NAMESPACES = ['karmada-system', 'karmada-cluster'];

export interface PlaneOptions {
  readonly home: Home;
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly gates: FeatureGates;
  readonly version: string;
  /** Flags of the components, beside their defaults. */
  readonly controllers?: Partial<ControllerManagerOptions>;
  readonly scheduler?: Partial<SchedulerFlags>;
  readonly webhooks?: WebhookOptions;
}

export interface Plane {
  readonly server: ApiServer;
  readonly listening: Listening;
  /** Runs everything until the signal fires, then closes in order. */
  run(signal: AbortSignal): Promise<void>;
}

/** Brings a plane up: it listens at once, and is ready when its bootstrap objects are there. */
export async function startPlane(o: PlaneOptions): Promise<Plane> {
  makeHome(o.home);
  const [store, pki, serviceAccountKey] = await Promise.all([
    SqliteStore.open({
      file: o.home.database,
      newId: o.clock.uuid(),
      codec: encryptingCodec(encryptionKeys(o.home.encryptionKeys), isSecret),
    }),
    Pki.open(o.home.pki, o.clock),
    SigningKey.open(join(o.home.pki, 'sa.key')),
  ]);
  const lua = new LuaPool(o.clock);
  let starting: string | undefined = 'bootstrap objects are being made';
  const checks: HealthCheck[] = [{ name: 'bootstrap', live: false, check: () => starting }];
  const server = await apiServer({
    store,
    clock: o.clock,
    log: o.log,
    authenticators: [certificateAuthenticator],
    keys: { serviceAccount: serviceAccountKey, caCert: pki.caCert, signer: pki.ca },
    paths: [healthPaths(checks), versionPath({ gitVersion: gitVersion(), buildDate: '2026-01-01T00:00:00Z', gitCommit: o.version })],
    conversions: bindingConversions,
    documented: [clusterKind()],
    version: gitVersion(),
    kinds: core => [clusterResource(core, () => UNTRACKED)],
    plugins: () => [
      ...builtinAdmission({ reader: lazily(() => hub), clock: o.clock }),
      serviceAllocation({ reader: lazily(() => hub), clock: o.clock, cidr: SERVICE_CIDR, nodePortRange: NODE_PORTS }),
      karmadaAdmission({ client: () => hub, clock: o.clock, gates: o.gates, options: o.webhooks ?? {}, compileLua: luaCompiler(lua) }),
    ],
  });
  const hub = server.client(componentUser('apiserver'), 'flotilla');
  const leaf = await pki.leaf('apiserver', {
    commonName: 'flotilla-apiserver',
    hosts: [
      '127.0.0.1',
      '::1',
      'localhost',
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      ...(o.host === '127.0.0.1' ? [] : [o.host]),
    ],
  });
  const listening = await server.listen({ host: o.host, port: o.port, tls: { ...leaf, clientCa: pki.caCert } });
  const admin = await pki.leaf('admin', { commonName: 'system:admin', organizations: ['system:masters'] });
  writeContext(o.home.kubeconfig, { name: 'karmada-apiserver', server: `https://127.0.0.1:${listening.port}`, ca: pki.caCert, ...admin });
  return {
    server,
    listening,
    async run(signal) {
      const bootstrap: Runnable = {
        name: 'bootstrap',
        async run(signal) {
          const definitions = karmadaCrds();
          await ensureNamespaces(hub, [...CORE_NAMESPACES, ...SYSTEM_NAMESPACES]);
          await Promise.all([ensureRbac(hub, PROXY_ADMIN), ensureDefinitions(hub, definitions)]);
          while (!signal.aborted && !served(server, definitions)) await sleep(o.clock, 10, signal).catch(() => undefined);
          starting = undefined;
        },
      };
      try {
        await runAll([bootstrap, ...server.loops, ...components(o, server, () => starting === undefined)], signal);
      } finally {
        lua.close();
        await listening.close();
        await store.close();
      }
    },
  };
}

/** What is encrypted on disk. */
const isSecret = (key: string): boolean => key.startsWith('/registry/secrets/');

/** Whether all kinds of Karmada are served: their definitions are established a moment after they are made. */
function served(server: ApiServer, definitions: ReturnType<typeof karmadaCrds>): boolean {
  return definitions.every(({ spec }) =>
    spec.versions.every(v => !v.served || server.core.catalog.find(spec.group, v.name, spec.names.plural)),
  );
}

/** A reader that exists before its client does: plugins are made together with the server they read from. */
function lazily(client: () => Client): Reader {
  return { get: (r, key, g) => client().get(r, key, g), list: (r, l) => client().list(r, l) };
}

/** Controllers and scheduler; they begin when the bootstrap objects are there. */
function components(o: PlaneOptions, server: ApiServer, ready: () => boolean): Runnable[] {
  const hubFor = (component: string): Client => server.client(componentUser(component), component);
  const recorderFor = (component: string): EventRecorder => eventRecorder({ client: hubFor(component), clock: o.clock, component });
  const customizations = informer({
    client: hubFor('karmada-controller-manager'),
    clock: o.clock,
    resource: resourceInterpreterCustomizations,
    log: o.log,
  });
  const interpreter = interpreterChain({ clock: o.clock, customizations: present(customizations) });
  const manager = controllers({
    hub: hubFor('karmada-controller-manager'),
    discover: () => Promise.resolve(discoverCatalog(server.core.catalog)),
    clock: o.clock,
    connect: (cluster, secret) => connectMember(cluster, secret, { clock: o.clock, userAgent: `flotilla/${o.version}` }),
    interpreter,
    recorder: recorderFor('karmada-controller-manager'),
    gates: o.gates,
    log: o.log,
    ...(o.controllers ? { options: o.controllers } : {}),
  });
  const flags = { featureGates: o.gates as Readonly<Record<string, boolean>>, ...o.scheduler };
  const decider = scheduler({
    hub: hubFor('karmada-scheduler'),
    clock: o.clock,
    events: recorderFor('default-scheduler'),
    log: o.log,
    flags,
  });
  const afterBootstrap = (r: Runnable): Runnable => ({
    name: r.name,
    async run(signal) {
      while (!ready() && !signal.aborted) await sleep(o.clock, 20, signal).catch(() => undefined);
      if (!signal.aborted) await r.run(signal);
    },
  });
  const watching: Runnable = { name: 'customizations', run: signal => customizations.run(signal) };
  return [
    afterBootstrap(watching),
    afterBootstrap({ name: 'controllers', run: signal => manager.run(signal).finally(() => interpreter.close()) }),
    afterBootstrap(decider),
  ];
}

/** All objects of a copy: the same list as long as nothing changes. */
function present<T extends KubeObject>(copy: Informer<T>): () => readonly T[] {
  let list: readonly T[] = [];
  copy.subscribe(() => {
    list = copy.list();
  });
  return () => list;
}
