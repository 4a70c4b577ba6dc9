// One run: a plane of real controllers and the real scheduler on a simulated clock, members behind faulty networks, users who write, processes that die. When the
// faults end, everything must become as the users wrote it last.
import { controllers } from '../../controllers/index.ts';
import { MemoryServer } from '../../controllers/memory-server.ts';
import { clusters, propagationPolicies, type ResourceBinding, resourceBindings, works } from '../../crds/index.ts';
import { nativeLayer } from '../../interpreter/index.ts';
import { type AnyObject, at, eventRecorder, mulberry32, resource, type SimulatedClock, simulatedClock } from '../../kube/index.ts';
import { scheduler } from '../../scheduler/index.ts';
import { FaultyNetwork } from './faulty-network.ts';
import { Witness } from './witness.ts';

const deployments = resource({ group: 'apps', version: 'v1', kind: 'Deployment', plural: 'deployments', scope: 'Namespaced' });
const configMaps = resource({ group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', scope: 'Namespaced' });
const namespaces = resource({ group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', scope: 'Cluster' });
const nodes = resource({ group: '', version: 'v1', kind: 'Node', plural: 'nodes', scope: 'Cluster' });

const NAMES = ['m1', 'm2', 'm3'];
const STEPS = 60;
const SETTLE_MS = 45 * 60_000;

export interface Outcome {
  readonly seed: number;
  /** What went wrong; empty after a good run. */
  readonly faults: readonly string[];
  readonly writes: number;
}

export async function simulate(seed: number): Promise<Outcome> {
  const world = new World(seed);
  await world.begin();
  for (let step = 0; step < STEPS; step++) await world.step();
  const faults = await world.end();
  return { seed, faults, writes: world.writes };
}

class World {
  readonly #clock: SimulatedClock;
  readonly #random: () => number;
  readonly #hub: MemoryServer;
  readonly #members = new Map<string, MemoryServer>();
  readonly #networks = new Map<string, FaultyNetwork>();
  readonly #hubNetwork: FaultyNetwork;
  readonly #witness: Witness;
  /** Name → replicas as last acknowledged. */
  readonly #wanted = new Map<string, number>();
  /** Where the policy puts everything, as last acknowledged. */
  #targets: readonly string[] = NAMES;
  #process = new AbortController();
  #created = 0;
  writes = 0;

  constructor(seed: number) {
    this.#clock = simulatedClock({ seed });
    this.#random = mulberry32(seed ^ 0x5eed);
    this.#hub = new MemoryServer(this.#clock, [
      deployments,
      configMaps,
      namespaces,
      clusters,
      works,
      resourceBindings,
      propagationPolicies,
    ]);
    this.#witness = new Witness(this.#hub);
    const faults = { lostRequest: 0.1, lostAnswer: 0.1, maxDelayMs: 2_000, cutWatch: 0.05 };
    for (const name of NAMES) {
      this.#members.set(name, new MemoryServer(this.#clock, [deployments, configMaps, namespaces, nodes]));
      this.#networks.set(name, new FaultyNetwork(this.#clock, this.#random, faults));
    }
    this.#hubNetwork = new FaultyNetwork(this.#clock, this.#random, {
      lostRequest: 0.02,
      lostAnswer: 0.02,
      maxDelayMs: 50,
      cutWatch: 0.01,
    });
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
    await client.create(propagationPolicies, {
      apiVersion: 'policy.karmada.io/v1alpha1',
      kind: 'PropagationPolicy',
      metadata: { namespace: 'shop', name: 'all' },
      spec: {
        resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment' }],
        placement: { clusterTolerations: [{ operator: 'Exists' }] },
        conflictResolution: 'Abort',
        schedulerName: 'default-scheduler',
      },
    });
    this.#start();
    await this.#clock.advance(60_000);
  }

  /** One thing happens: a user writes, a member goes or comes back, the process dies. */
  async step(): Promise<void> {
    const chance = this.#random();
    if (chance < 0.55) await this.#userWrites();
    else if (chance < 0.6) await this.#userMoves();
    else if (chance < 0.75) this.#networks.get(this.#pick(NAMES))?.partition();
    else if (chance < 0.92) this.#networks.get(this.#pick(NAMES))?.heal();
    else await this.#restart();
    await this.#clock.advance(this.#random() * 30_000);
    await this.#collectGarbage();
  }

  async end(): Promise<string[]> {
    this.#hubNetwork.calm();
    for (const network of this.#networks.values()) network.calm();
    for (let i = 0; i < 3; i++) {
      await this.#clock.advance(SETTLE_MS / 3);
      await this.#collectGarbage();
    }
    this.#process.abort(new Error('the run is over'));
    return [...this.#witness.violations, ...this.#differences()];
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)] as T;
  }

  #start(): void {
    const clock = this.#clock;
    const hub = this.#hubNetwork.through(this.#witness.hub(this.#hub.client));
    const recorder = eventRecorder({ client: this.#hub.client, clock, component: 'simulation' });
    const manager = controllers({
      hub,
      clock,
      interpreter: nativeLayer(clock),
      recorder,
      connect: cluster => {
        const name = cluster.metadata.name ?? '';
        const [server, network] = [this.#members.get(name), this.#networks.get(name)];
        if (!server || !network) throw new Error(`there is no cluster ${name}`);
        return network.through(this.#witness.member(name, server.client));
      },
    });
    const decider = scheduler({ hub, clock, events: recorder });
    const { signal } = this.#process;
    for (const part of [manager, decider]) part.run(signal).catch(() => undefined);
  }

  async #restart(): Promise<void> {
    this.#process.abort(new Error('the process died'));
    await this.#clock.advance(1_000);
    this.#process = new AbortController();
    this.#start();
  }

  async #userWrites(): Promise<void> {
    const { client } = this.#hub;
    const names = [...this.#wanted.keys()];
    const chance = this.#random();
    const replicas = 1 + Math.floor(this.#random() * 9);
    this.writes++;
    if (names.length === 0 || chance < 0.4) {
      const name = `web-${this.#created++}`;
      await client.create(deployments, deployment(name, replicas));
      this.#wanted.set(name, replicas);
      return;
    }
    const name = this.#pick(names);
    const key = { namespace: 'shop', name };
    if (chance < 0.8) {
      await client.patch(deployments, key, { type: 'merge', body: { spec: { replicas } } });
      this.#wanted.set(name, replicas);
      return;
    }
    await client.delete(deployments, key);
    this.#wanted.delete(name);
  }

  /** Everything is to run elsewhere. */
  async #userMoves(): Promise<void> {
    const chosen = NAMES.filter(() => this.#random() < 0.6);
    const targets = chosen.length > 0 ? chosen : [this.#pick(NAMES)];
    const placement = { clusterAffinity: { clusterNames: targets } };
    this.writes++;
    await this.#hub.client.patch(propagationPolicies, { namespace: 'shop', name: 'all' }, { type: 'merge', body: { spec: { placement } } });
    this.#targets = targets;
  }

  /** What the garbage collector of the API server does: bindings go with their templates. */
  async #collectGarbage(): Promise<void> {
    for (const binding of this.#hub.all(resourceBindings) as unknown as ResourceBinding[]) {
      const owner = binding.metadata.ownerReferences?.[0];
      const isThere = this.#hub.all(deployments).some(({ metadata }) => metadata.uid === owner?.uid);
      if (isThere || binding.metadata.deletionTimestamp) continue;
      await this.#hub.client.delete(resourceBindings, { namespace: 'shop', name: binding.metadata.name ?? '' });
    }
  }

  /** Where hub and members are not as the users wrote. */
  #differences(): string[] {
    const texts: string[] = [];
    const compare = (place: string, found: readonly AnyObject[], wanted: ReadonlyMap<string, number>): void => {
      const present = new Map(found.map(o => [o.metadata.name ?? '', at(o, 'spec', 'replicas')]));
      for (const [name, replicas] of wanted)
        if (present.get(name) !== replicas)
          texts.push(`${place}: ${name} has ${String(present.get(name))} replicas, ${replicas} were written`);
      for (const name of present.keys()) if (!wanted.has(name)) texts.push(`${place}: ${name} is there, but nobody wants it there`);
    };
    compare('hub', this.#hub.all(deployments), this.#wanted);
    for (const [name, server] of this.#members) {
      const wanted = this.#targets.includes(name) ? this.#wanted : new Map<string, number>();
      compare(name, server.all(deployments), wanted);
    }
    return texts;
  }
}

const deployment = (name: string, replicas: number): AnyObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { namespace: 'shop', name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
  },
});
