// The plane that the benchmark of controllers runs on: a durable API server with admission in this process, members in others, and controllers that are begun
// and ended as the benchmark likes. Writes into members are counted.
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  apiServer,
  bindingConversions,
  builtinAdmission,
  CORE_NAMESPACES,
  certificateAuthenticator,
  clusterResource,
  componentUser,
  discoverCatalog,
  ensureDefinitions,
  ensureNamespaces,
  karmadaAdmission,
  plainCodec,
  SqliteStore,
} from '../../../apiserver/index.ts';
import { type ControllerManagerOptions, controllers } from '../../../controllers/index.ts';
import { clusters, executionSpace, karmadaCrds } from '../../../crds/index.ts';
import { interpreterChain } from '../../../interpreter/index.ts';
import {
  type AnyObject,
  type Client,
  eventRecorder,
  type HttpClient,
  httpClient,
  type Reader,
  resource,
  runAll,
  sleep,
  systemClock,
} from '../../../kube/index.ts';
import { scheduler } from '../../../scheduler/index.ts';
import type { MemberAddress } from './member-process.ts';

const secrets = resource({ group: '', version: 'v1', kind: 'Secret', plural: 'secrets', scope: 'Namespaced' });

export interface ControllersPlane {
  readonly hub: Client;
  /** Clients of the members, by name. */
  readonly members: ReadonlyMap<string, HttpClient>;
  /** Writes that controllers made in members so far. */
  readonly memberWrites: () => number;
  /** The revision of the control plane. */
  readonly revision: () => Promise<string>;
  /** Begins controllers (and the scheduler); the function ends them. */
  begin(o: { readonly options?: Partial<ControllerManagerOptions>; readonly scheduling?: boolean }): () => Promise<void>;
  close(): Promise<void>;
}

/** Each group of members is a process of its own. */
export async function controllersPlane(dir: string, groups: readonly (readonly string[])[]): Promise<ControllersPlane> {
  const clock = systemClock;
  const names = groups.flat();
  const stop = new AbortController();
  const store = await SqliteStore.open({ file: join(dir, 'bench.db'), newId: clock.uuid(), codec: plainCodec });
  const reader: Reader = { get: (r, k, o) => hub.get(r, k, o), list: (r, o) => hub.list(r, o) };
  const server = await apiServer({
    store,
    clock,
    authenticators: [certificateAuthenticator],
    conversions: bindingConversions,
    kinds: core => [clusterResource(core)],
    plugins: () => [
      ...builtinAdmission({ reader, clock }),
      karmadaAdmission({ client: () => hub, clock, gates: {}, options: {}, compileLua: async () => undefined }),
    ],
  });
  const hub = server.client(componentUser('bench'), 'bench');
  const processes = await Promise.all(groups.map(startMembers));
  const addresses = processes.flatMap(started => started.addresses);
  const running = runAll(server.loops, stop.signal).catch(() => undefined);
  await ensureNamespaces(hub, [...CORE_NAMESPACES, 'karmada-system', 'karmada-cluster', ...names.map(executionSpace)]);
  const definitions = karmadaCrds();
  await ensureDefinitions(hub, definitions);
  const served = ({ spec }: (typeof definitions)[number]): boolean =>
    spec.versions.every(v => !v.served || server.core.catalog.find(spec.group, v.name, spec.names.plural));
  while (!definitions.every(served)) await sleep(clock, 20);
  const members = new Map(addresses.map(address => [address.name, clientOf(address)]));
  for (const name of names) await addCluster(hub, name);
  let writes = 0;
  const counted = (name: string): HttpClient => {
    const client = clientOf(addressOf(addresses, name));
    const count = <A extends readonly unknown[], R>(f: (...args: A) => R): ((...args: A) => R) => {
      return (...args) => {
        writes++;
        return f(...args);
      };
    };
    return {
      ...client,
      create: count(client.create),
      update: count(client.update),
      patch: count(client.patch),
      delete: count(client.delete),
    };
  };
  return {
    hub,
    members,
    memberWrites: () => writes,
    revision: async () => (await hub.list(clusters)).resourceVersion,
    begin({ options = {}, scheduling = false }) {
      const ended = new AbortController();
      const user = server.client(componentUser('karmada-controller-manager'), 'bench');
      const recorder = eventRecorder({ client: user, clock, component: 'bench' });
      const interpreter = interpreterChain({ clock, customizations: () => [] });
      const manager = controllers({
        hub: user,
        discover: () => Promise.resolve(discoverCatalog(server.core.catalog)),
        clock,
        connect: cluster => counted(cluster.metadata.name ?? ''),
        interpreter,
        recorder,
        options,
      });
      const decider = scheduler({ hub: user, clock, events: recorder });
      const parts = [manager.run(ended.signal), ...(scheduling ? [decider.run(ended.signal)] : [])];
      const all = Promise.allSettled(parts);
      return async () => {
        ended.abort(new Error('the benchmark goes on'));
        await all;
        interpreter.close();
      };
    },
    async close() {
      for (const client of members.values()) await client.close();
      for (const { child } of processes) child.kill();
      stop.abort(new Error('the benchmark is over'));
      await Promise.race([running, sleep(clock, 5_000)]);
      await store.close();
    },
  };
}

function addressOf(addresses: readonly MemberAddress[], name: string): MemberAddress {
  const found = addresses.find(address => address.name === name);
  if (!found) throw new Error(`there is no member ${name}`);
  return found;
}

const clientOf = ({ access }: MemberAddress): HttpClient => httpClient({ connection: access, userAgent: 'bench', connections: 16 });

/** A process for some members, and where they listen. */
async function startMembers(names: readonly string[]): Promise<{ child: ChildProcess; addresses: readonly MemberAddress[] }> {
  const child = fork(fileURLToPath(new URL('./member-process.ts', import.meta.url)), names, { execArgv: ['--import', 'tsx'] });
  const addresses = await new Promise<readonly MemberAddress[]>((resolve, reject) => {
    child.once('message', message => resolve(message as readonly MemberAddress[]));
    child.once('exit', code => reject(new Error(`the members ended with ${code}`)));
  });
  return { child, addresses };
}

async function addCluster(hub: Client, name: string): Promise<void> {
  const secretRef = { namespace: 'karmada-cluster', name };
  await hub.create(secrets, { apiVersion: 'v1', kind: 'Secret', metadata: secretRef, data: {} } as AnyObject);
  await hub.create(clusters, {
    apiVersion: 'cluster.karmada.io/v1alpha1',
    kind: 'Cluster',
    metadata: { name },
    spec: { id: name, syncMode: 'Push', apiEndpoint: 'https://127.0.0.1', secretRef },
  });
}
