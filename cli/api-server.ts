// The API server of a control plane with its home: storage, keys, certificates, bootstrap objects and the loops beside it.
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
  type Extensions,
  encryptingCodec,
  encryptionKeys,
  ensureDefinitions,
  ensureFreshObjects,
  ensureNamespaces,
  ensureOwnNetwork,
  ensureRbac,
  type FreshObjects,
  type HealthCheck,
  healthPaths,
  karmadaAdmission,
  type Listening,
  metricsPath,
  Pki,
  SigningKey,
  SqliteStore,
  serviceAllocation,
  versionPath,
} from '../apiserver/index.ts';
import { type FeatureGates, karmadaCrds } from '../crds/index.ts';
import { LuaPool } from '../interpreter/index.ts';
import { type Client, type Clock, errorText, type Logger, Metrics, type Reader, type Runnable, runAll, sleep } from '../kube/index.ts';
import { luaCompiler, type WebhookOptions } from '../webhook/index.ts';
import { reachableAddress, renewal, serverPair, writeAdmin } from './certificates.ts';
import { ensureClusterInfo } from './cluster-info.ts';
import { type Home, makeHome } from './home.ts';
import { PLANE_ROLES } from './plane-roles.ts';
import { listenFault } from './probe-server.ts';
import { processMetrics } from './process-metrics.ts';
import type { SecuritySettings } from './security.ts';
import { gitVersion } from './version.ts';
import { holdYoungHeapUntilStarted } from './young-heap.ts';

const SERVICE_CIDR = '10.96.0.0/12';
/** Where pods find the server. */
const SERVER_ADDRESS = '10.96.0.1';
const NODE_PORTS = { from: 30_000, to: 32_767 };
/** Where components keep their leases and where members' credentials lie. */
export const SYSTEM_NAMESPACES = ['karmada-system', 'karmada-cluster'];

export interface ApiServerHostOptions {
  readonly home: Home;
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly gates: FeatureGates;
  readonly version: string;
  readonly webhooks?: WebhookOptions;
  /** Where the process counts; a new one where it is absent. */
  readonly metrics?: Metrics;
  /** Subresources that components in this process answer. */
  readonly extensions?: Extensions;
  /** Whom it believes beside its own certificates and tokens, its audit log, its limits. */
  readonly security?: SecuritySettings;
  /** Names of admission plugins that do not run. */
  readonly disabledAdmission?: readonly string[];
}

export interface ApiServerHost {
  readonly server: ApiServer;
  readonly listening: Listening;
  /** A client of one of our own components: it skips HTTP, but not one rule. */
  hubFor(component: string): Client;
  /** Whether the bootstrap objects are there. */
  ready(): boolean;
  /** Runs the server's loops and these until the signal fires, then closes in order. */
  run(others: readonly Runnable[], signal: AbortSignal): Promise<void>;
}

/** It listens at once, and is ready when its bootstrap objects are there. */
export async function startApiServer(o: ApiServerHostOptions): Promise<ApiServerHost> {
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
  holdYoungHeapUntilStarted(o.clock);
  const lua = new LuaPool(o.clock);
  let starting: string | undefined = 'bootstrap objects are being made';
  const checks: HealthCheck[] = [{ name: 'bootstrap', live: false, check: () => starting }];
  const disabled = new Set(o.disabledAdmission);
  const metrics = o.metrics ?? new Metrics();
  const server = await apiServer({
    store,
    clock: o.clock,
    log: o.log,
    authenticators: [certificateAuthenticator],
    ...o.security,
    keys: { serviceAccount: serviceAccountKey, caCert: pki.caCert, signer: pki.ca },
    metrics,
    paths: [
      metricsPath(processMetrics(metrics)),
      healthPaths(checks),
      versionPath({ gitVersion: gitVersion(), buildDate: '2026-01-01T00:00:00Z', gitCommit: o.version }),
    ],
    conversions: bindingConversions,
    documented: [clusterKind()],
    version: gitVersion(),
    ...(o.extensions ? { extensions: o.extensions } : {}),
    kinds: core => [clusterResource(core)],
    plugins: () =>
      [
        ...builtinAdmission({ reader: lazily(() => hub), clock: o.clock }),
        serviceAllocation({ reader: lazily(() => hub), clock: o.clock, cidr: SERVICE_CIDR, nodePortRange: NODE_PORTS }),
        karmadaAdmission({ client: () => hub, clock: o.clock, gates: o.gates, options: o.webhooks ?? {}, compileLua: luaCompiler(lua) }),
      ].filter(plugin => !disabled.has(plugin.name)),
  });
  const hubFor = (component: string): Client => server.client(componentUser(component), component);
  const hub = server.client(componentUser('apiserver'), 'flotilla');
  const listening = await listen(o, server, pki);
  const bootstrap: Runnable = {
    name: 'bootstrap',
    async run(signal) {
      const fresh = { clientCa: pki.caCert, serviceAddress: SERVER_ADDRESS, port: listening.port };
      await bootstrapObjects(hub, fresh, { host: o.host, now: o.clock.now() });
      const definitions = karmadaCrds();
      while (!signal.aborted && !served(server, definitions)) await sleep(o.clock, 10, signal).catch(() => undefined);
      starting = undefined;
    },
  };
  return {
    server,
    listening,
    hubFor,
    ready: () => starting === undefined,
    async run(others, signal) {
      try {
        await runAll([bootstrap, resealing(store, o.log), renewal({ ...o, pki, listening }), ...server.loops, ...others], signal);
      } finally {
        lua.close();
        await listening.close();
        await o.security?.audit?.close();
        await store.close();
      }
    },
  };
}

/** Opens the port and writes the kubeconfig of the administrator. */
async function listen(o: ApiServerHostOptions, server: ApiServer, pki: Pki): Promise<Listening> {
  const leaf = await serverPair(pki, o.host);
  const listening = await server
    .listen({ host: o.host, port: o.port, tls: { ...leaf, clientCa: pki.caCert } })
    .catch((error: NodeJS.ErrnoException) => {
      throw listenFault(error, o.port, 'choose another with --port, or stop what listens there');
    });
  await writeAdmin(pki, o.home, listening.port);
  return listening;
}

async function bootstrapObjects(hub: Client, fresh: FreshObjects, { host, now }: { host: string; now: number }): Promise<void> {
  const address = reachableAddress(host);
  await ensureNamespaces(hub, [...CORE_NAMESPACES, ...SYSTEM_NAMESPACES]);
  await Promise.all([
    ensureRbac(hub, PLANE_ROLES),
    ensureDefinitions(hub, karmadaCrds()),
    ensureFreshObjects(hub, fresh),
    ensureOwnNetwork(hub, { serviceRange: SERVICE_CIDR, port: fresh.port, now, ...(address ? { address } : {}) }),
    ensureClusterInfo(hub, { caCert: fresh.clientCa, host, port: fresh.port }),
  ]);
}

const SECRETS = '/registry/secrets/';
/** What is encrypted on disk. */
const isSecret = (key: string): boolean => key.startsWith(SECRETS);

/** After a new key was put first, what others encrypted is rewritten with it, once. */
function resealing(store: SqliteStore, log: Logger): Runnable {
  return {
    name: 'reseal',
    async run(signal) {
      try {
        const count = await store.reseal(SECRETS, signal);
        if (count > 0) log.info({ values: count }, 'Secrets have been rewritten with the first encryption key');
      } catch (error) {
        // What is read now can be read: only older states are left as they are.
        if (!signal.aborted) log.error({ err: errorText(error) }, 'Secrets could not all be rewritten with the first encryption key');
      }
    },
  };
}

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
