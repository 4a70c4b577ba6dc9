// A plane of real controllers and the real scheduler on a simulated clock: servers in memory, members behind faulty networks, users who write, an interpreter that
// fails, backups that are restored, processes that die. It does what it is told, one operation at a time.
import { controllers, HELD_ANNOTATION, RESUME_ANNOTATION } from '../../controllers/index.ts';
import { MemoryServer, type MemorySnapshot } from '../../controllers/memory-server.ts';
import { type Cluster, clusters, propagationPolicies, type ResourceBinding, resourceBindings, works } from '../../crds/index.ts';
import { nativeLayer } from '../../interpreter/index.ts';
import { type AnyObject, type EventRecorder, mulberry32, resource, type SimulatedClock, simulatedClock } from '../../kube/index.ts';
import { scheduler } from '../../scheduler/index.ts';
import { FaultyInterpreter } from './faulty-interpreter.ts';
import { FaultyNetwork } from './faulty-network.ts';
import { NAMES, type Name, type Operation } from './plan.ts';
import { deployments, Users, type Wishes } from './users.ts';
import { Witness } from './witness.ts';

const configMaps = resource({ group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', scope: 'Namespaced' });
const namespaces = resource({ group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', scope: 'Cluster' });
const nodes = resource({ group: '', version: 'v1', kind: 'Node', plural: 'nodes', scope: 'Cluster' });
const HUB_KINDS = [deployments, configMaps, namespaces, clusters, works, resourceBindings, propagationPolicies];
const MEMBER_FAULTS = { lostRequest: 0.1, lostAnswer: 0.1, maxDelayMs: 2_000, cutWatch: 0.05 };
const HUB_FAULTS = { lostRequest: 0.02, lostAnswer: 0.02, maxDelayMs: 50, cutWatch: 0.01 };
/** A member learns the revision it was given every ten seconds at most: an older backup is known as such. */
const RECORD_AGE_MS = 30_000;
const SILENT: EventRecorder = { event: () => undefined };

interface HubBackup {
  readonly snapshot: MemorySnapshot;
  readonly wishes: Wishes;
  readonly at: number;
}

export class World {
  readonly clock: SimulatedClock;
  readonly users: Users;
  readonly #hub: MemoryServer;
  readonly #members: ReadonlyMap<string, MemoryServer>;
  readonly #networks: ReadonlyMap<string, FaultyNetwork>;
  readonly #hubNetwork: FaultyNetwork;
  readonly #interpreter: FaultyInterpreter;
  readonly #witness: Witness;
  readonly #memberBackups = new Map<string, MemorySnapshot>();
  readonly #leftovers = new Set<string>();
  #hubBackup: HubBackup | undefined;
  #process = new AbortController();

  constructor(seed: number) {
    this.clock = simulatedClock({ seed });
    const random = mulberry32(seed ^ 0xfa17);
    this.#hub = new MemoryServer(this.clock, HUB_KINDS);
    this.users = new Users(this.#hub);
    this.#witness = new Witness(this.#hub);
    this.#interpreter = new FaultyInterpreter(nativeLayer(this.clock));
    this.#members = new Map(NAMES.map(name => [name, new MemoryServer(this.clock, [deployments, configMaps, namespaces, nodes])]));
    this.#networks = new Map(NAMES.map(name => [name, new FaultyNetwork(this.clock, random, MEMBER_FAULTS)]));
    this.#hubNetwork = new FaultyNetwork(this.clock, random, HUB_FAULTS);
  }

  async begin(): Promise<void> {
    const { client } = this.#hub;
    for (const name of ['kube-system', 'shop'])
      await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    for (const name of NAMES)
      await client.create(clusters, {
        apiVersion: 'cluster.karmada.io/v1alpha1',
        kind: 'Cluster',
        metadata: { name },
        spec: { syncMode: 'Push' },
      });
    await this.users.begin();
    this.#start();
    await this.clock.advance(40_000);
  }

  async perform(operation: Operation): Promise<void> {
    await this.#do(operation);
    await this.clock.advance(operation.thenMs);
    await this.#collectGarbage();
  }

  /** What went wrong so far, and what is not (yet) as the users wrote it. */
  get violations(): readonly string[] {
    return this.#witness.violations;
  }

  differences(): string[] {
    return this.users.differences(this.#members, this.#leftovers);
  }

  /** All faults end, and the administrator lets a restored control plane write again. */
  async calm(): Promise<void> {
    this.#hubNetwork.calm();
    for (const network of this.#networks.values()) network.calm();
    for (const server of [this.#hub, ...this.#members.values()]) {
      server.full = false;
      server.unknown.clear();
    }
    this.#interpreter.failing = false;
    await this.users.suspend(false);
  }

  /** A moment of peace: garbage is collected, and what is held is resumed. */
  async rest(ms: number): Promise<void> {
    await this.clock.advance(ms);
    await this.#resume();
    await this.#collectGarbage();
  }

  end(): void {
    this.#process.abort(new Error('the run is over'));
  }

  #do(o: Operation): Promise<void> | void {
    switch (o.do) {
      case 'create':
        return this.users.create();
      case 'scale':
        return this.users.scale(o.which, o.replicas);
      case 'delete':
        return this.users.delete(o.which);
      case 'move':
        return this.users.move(o.targets);
      case 'suspend':
        return this.users.suspend(o.dispatching);
      case 'restart':
        return this.#restart();
      case 'backupHub':
        return this.#backupHub();
      case 'restoreHub':
        return this.#restoreHub();
      case 'resume':
        return this.#resume();
      default:
        return this.#fail(o);
    }
  }

  #fail(o: Operation): Promise<void> | void {
    switch (o.do) {
      case 'failInterpreter':
        this.#interpreter.failing = true;
        return this.#later(o.forMs, () => {
          this.#interpreter.failing = false;
        });
      case 'fillHub':
        return this.#fill(o.forMs);
      case 'forgetHubHistory':
        return this.#hub.forgetHistory();
      case 'partition':
        return this.#networks.get(o.member)?.partition();
      case 'heal':
        return this.#networks.get(o.member)?.heal();
      case 'forgetHistory':
        return this.#members.get(o.member)?.forgetHistory();
      case 'unlearn':
        this.#members.get(o.member)?.unknown.add(deployments.plural);
        return this.#later(o.forMs, () => this.#members.get(o.member)?.unknown.clear());
      case 'meddle':
        return this.#meddle(o.member, o);
      case 'backupMember':
        return void this.#memberBackups.set(o.member, this.#server(o.member).snapshot());
      case 'restoreMember':
        return this.#restoreMember(o.member);
      default:
        return undefined;
    }
  }

  #later(ms: number, f: () => void): void {
    this.clock.after(ms, f);
  }

  #server(name: string): MemoryServer {
    const server = this.#members.get(name);
    if (!server) throw new Error(`there is no cluster ${name}`);
    return server;
  }

  /** The disk of the hub is full, for the control plane's own components; users would only be refused. */
  #fill(ms: number): void {
    this.#hubNetwork.refuseWrites(true);
    this.#later(ms, () => this.#hubNetwork.refuseWrites(false));
  }

  /** Somebody changes an object in a member by hand. */
  async #meddle(name: Name, { which, how }: { readonly which: number; readonly how: 'delete' | 'scale' }): Promise<void> {
    const { client } = this.#server(name);
    const objects = this.#server(name).all(deployments);
    const chosen = objects[Math.floor(which * objects.length)];
    if (!chosen || this.#server(name).unknown.size > 0) return;
    const key = { namespace: 'shop', name: chosen.metadata.name ?? '' };
    if (how === 'delete') await client.delete(deployments, key);
    else await client.patch(deployments, key, { type: 'merge', body: { spec: { replicas: 99 } } });
  }

  #restoreMember(name: Name): void {
    const backup = this.#memberBackups.get(name);
    if (!backup) return;
    this.#server(name).restore(backup);
    for (const object of this.#server(name).all(deployments)) this.#leftovers.add(`${name}/${object.metadata.name}`);
  }

  #backupHub(): void {
    this.#hubBackup = { snapshot: this.#hub.snapshot(), wishes: this.users.wishes, at: this.clock.now() };
  }

  /** The control plane comes back from its backup: members that were written to meanwhile are not written to again. */
  async #restoreHub(): Promise<void> {
    const backup = this.#hubBackup;
    if (!backup || this.clock.now() - backup.at < RECORD_AGE_MS) return;
    this.#process.abort(new Error('the process was stopped'));
    await this.clock.advance(3_000);
    this.#hub.restore(backup.snapshot);
    this.users.takeBack(backup.wishes);
    this.#hubBackup = undefined;
    for (const [name, server] of this.#members) {
      const record = server.all(configMaps).find(o => o.metadata.name === 'flotilla-sync');
      if (Number((record?.['data'] as { revision?: string } | undefined)?.revision ?? 0) > backup.snapshot.revision)
        this.#witness.held.add(name);
      // What the members got after the backup is unknown to the restored plane: it has no evidence against it.
      for (const object of server.all(deployments)) this.#leftovers.add(`${name}/${object.metadata.name}`);
    }
    this.#process = new AbortController();
    this.#start();
  }

  /** `flotilla cluster resume` for every cluster that says it is held. */
  async #resume(): Promise<void> {
    for (const cluster of this.#hub.all(clusters) as unknown as Cluster[]) {
      const held = cluster.metadata.annotations?.[HELD_ANNOTATION];
      if (held === undefined) continue;
      const name = cluster.metadata.name ?? '';
      this.#witness.held.delete(name);
      const body = { metadata: { annotations: { [RESUME_ANNOTATION]: held } } };
      await this.#hub.client.patch(clusters, { name }, { type: 'merge', body });
    }
  }

  #start(): void {
    const { clock } = this;
    const hub = this.#hubNetwork.through(this.#witness.hub(this.#hub.client));
    const manager = controllers({
      hub,
      clock,
      interpreter: this.#interpreter,
      recorder: SILENT,
      options: { clusterStatusUpdateFrequencyMs: 30_000 },
      connect: cluster => {
        const name = cluster.metadata.name ?? '';
        const network = this.#networks.get(name);
        if (!network) throw new Error(`there is no cluster ${name}`);
        return network.through(this.#witness.member(name, this.#server(name).client));
      },
    });
    const decider = scheduler({ hub, clock, events: SILENT });
    const { signal } = this.#process;
    for (const part of [manager, decider]) part.run(signal).catch(() => undefined);
  }

  async #restart(): Promise<void> {
    this.#process.abort(new Error('the process died'));
    await this.clock.advance(1_000);
    this.#process = new AbortController();
    this.#start();
  }

  /** What the garbage collector of the API server does: bindings go with their templates. */
  async #collectGarbage(): Promise<void> {
    const templates = new Set(this.#hub.all(deployments).map((o: AnyObject) => o.metadata.uid));
    for (const { metadata } of this.#hub.all(resourceBindings) as unknown as ResourceBinding[]) {
      if (templates.has(metadata.ownerReferences?.[0]?.uid) || metadata.deletionTimestamp) continue;
      await this.#hub.client.delete(resourceBindings, { namespace: 'shop', name: metadata.name ?? '' });
    }
  }
}
