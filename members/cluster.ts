// An embedded member cluster: an API server with nodes, pods and small workload controllers, in memory or in a folder.
// To clients and to the control plane it looks like a small kind cluster.
import {
  type ApiServer,
  apiServer,
  CORE_NAMESPACES,
  certificateAuthenticator,
  csrApprovingLoop,
  defaultServiceAccountLoop,
  ensureNamespaces,
  ensureOwnNetwork,
  ensureRbac,
  type HealthCheck,
  healthPaths,
  type Pki,
  resourceQuotaLoop,
  rootCaLoop,
  versionPath,
} from '../apiserver/index.ts';
import {
  apiVersionOf,
  type Client,
  type Clock,
  eventRecorder,
  type Logger,
  type Resource,
  type Runnable,
  runAll,
  silent,
} from '../kube/index.ts';
import { memberAdmission, SERVICE_CIDR } from './admission.ts';
import { Informers } from './context.ts';
import { doorOf, type MemberAccess } from './door.ts';
import { memberLoops } from './loops.ts';
import { openMaterial } from './material.ts';
import { metricsKinds } from './metrics/served.ts';
import { API_PORT, controlPlaneNode, type NodeShape, seed } from './seed.ts';
import { podStreams } from './streams/served.ts';
import { FIRST_NODE } from './world.ts';

const MEMBER_KUBERNETES_VERSION = 'v1.36.1';

export interface MemberOptions {
  readonly name: string;
  /** Folder of its data and keys; absent: everything is in memory and gone afterwards. */
  readonly dir?: string;
  readonly clock: Clock;
  readonly log?: Logger;
  readonly kubernetesVersion?: string;
  /** One control-plane node without it. */
  readonly nodes?: readonly NodeShape[];
}

export interface Member {
  readonly name: string;
  readonly server: ApiServer;
  /** Acts as its administrator, in process. */
  readonly client: Client;
  /** Resolves when nodes and seeded objects are there. */
  readonly ready: Promise<void>;
  /** Begins to answer over HTTPS; port 0 = a free one. */
  listen(o: { readonly host: string; readonly port: number }): Promise<MemberAccess>;
  /** Switches the whole cluster off (nobody answers) and on again, at the same address. */
  power(state: 'on' | 'off'): Promise<void>;
  /** Runs everything until the signal fires, then closes in order. */
  run(signal: AbortSignal): Promise<void>;
}

const ADMIN = { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };
const CONTROLLERS = { username: 'system:kube-controller-manager', groups: ['system:masters', 'system:authenticated'] };

export async function memberCluster(o: MemberOptions): Promise<Member> {
  const { clock, log = silent, kubernetesVersion = MEMBER_KUBERNETES_VERSION } = o;
  const { store, pki, serviceAccount, discard } = await openMaterial(o);
  let starting: string | undefined = 'seeded objects are being made';
  const checks: HealthCheck[] = [{ name: 'seed', live: false, check: () => starting }];
  const server = await apiServer({
    store,
    clock,
    log,
    authenticators: [certificateAuthenticator],
    keys: { serviceAccount, caCert: pki.caCert, signer: pki.ca },
    version: kubernetesVersion,
    paths: [healthPaths(checks), versionPath({ gitVersion: kubernetesVersion, buildDate: '2026-01-01T00:00:00Z', gitCommit: '' })],
    plugins: () => memberAdmission({ client: () => client, clock }),
    kinds: core => [podStreams(core), ...metricsKinds(core)],
  });
  const client = server.client(ADMIN, 'flotilla-member');
  const door = doorOf(server, pki, o.name);
  let markReady: () => void = () => undefined;
  const ready = new Promise<void>(resolve => {
    markReady = resolve;
  });
  const bootstrap: Runnable = {
    name: 'bootstrap',
    async run() {
      await ensureNamespaces(client, CORE_NAMESPACES);
      await ensureRbac(client);
      await seed(client, { member: o.name, nodes: o.nodes ?? [controlPlaneNode(o.name)] });
      await ensureOwnNetwork(client, { serviceRange: SERVICE_CIDR, address: FIRST_NODE, port: API_PORT, now: clock.now() });
      starting = undefined;
      markReady();
    },
  };
  return {
    name: o.name,
    server,
    client,
    ready,
    listen: l => door.open(l),
    power: state => door.power(state),
    async run(signal) {
      try {
        await runAll([bootstrap, ...server.loops, ...components(server, { pki, clock, log, kubernetesVersion })], signal);
      } finally {
        await door.close();
        await store.close();
        discard();
      }
    },
  };
}

interface Components {
  readonly pki: Pki;
  readonly clock: Clock;
  readonly log: Logger;
  readonly kubernetesVersion: string;
}

/** What runs beside the API server, with one informer a kind for all of it. */
function components(server: ApiServer, o: Components): Runnable[] {
  const { clock, log } = o;
  const { core } = server;
  const client = server.client(CONTROLLERS, 'kube-controller-manager');
  const informers = new Informers({ client, clock, log });
  const events = eventRecorder({ client, clock, component: 'flotilla-member', log });
  const c = {
    client: informers.client,
    clock,
    log,
    events,
    informer: informers.get.bind(informers),
    children: informers.children.bind(informers),
  };
  const scalable = (apiVersion: string, kind: string): Resource | undefined =>
    core.catalog.all().find(s => s.resource.kind === kind && apiVersionOf(s.resource) === apiVersion && s.subresources.has('scale'))
      ?.resource;
  const loops = memberLoops(c, { ...o, scalable });
  return [
    ...loops,
    ...informers.runnables(),
    defaultServiceAccountLoop({ core, log }),
    csrApprovingLoop({ core, log }),
    resourceQuotaLoop({ core, log }),
    rootCaLoop({ core, log, caCert: o.pki.caCert }),
  ];
}
