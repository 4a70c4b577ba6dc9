// Random plans against one whole plane in memory: each is planned on a copy and then carried out on the plane itself, one after the
// other, and the plane must then be as its plan said: where every binding is, and what every member is sent.
import { discoverCatalog } from '../../apiserver/index.ts';
import { type Outcome, outcomeOf } from '../../cli/plan/outcome.ts';
import { changeShadow, makePlan, type Plan, type PlannedChange } from '../../cli/plan/plan.ts';
import { emptyShadow, type Shadow } from '../../cli/plan/shadow.ts';
import { annotations, clusters as clusterResource, labels } from '../../crds/index.ts';
import { type AnyObject, at, equal, mulberry32, type Resource, resource } from '../../kube/index.ts';
import { fnv1a32, type TargetCluster } from '../../scheduler/index.ts';

const deployments = resource({ group: 'apps', version: 'v1', kind: 'Deployment', plural: 'deployments', scope: 'Namespaced' });
const NAMESPACE = 'shop';
const START = Date.UTC(2026, 0, 1);
const GATES = {};

export interface Played {
  readonly plans: number;
  /** Bindings that moved in all. */
  readonly moves: number;
  readonly manifests: number;
  /** Where the plane differs from a plan. */
  readonly faults: readonly string[];
}

/** Plays so many plans from a seed; stops at the first that was wrong. */
export async function playPlans(seed: number, count: number, onPlan: (i: number) => void = () => undefined): Promise<Played> {
  const world = new World(seed);
  await world.begin();
  let [moves, manifests] = [0, 0];
  try {
    for (let i = 0; i < count; i++) {
      const { plan, faults } = await world.step();
      moves += plan.moves.length;
      manifests += plan.manifests.length;
      if (faults.length > 0) return { plans: i + 1, moves, manifests, faults };
      onPlan(i);
    }
    return { plans: count, moves, manifests, faults: [] };
  } finally {
    await world.close();
  }
}

class World {
  readonly #random: () => number;
  readonly #seed: number;
  #plane: (Shadow & { run(): void }) | undefined;
  #clusters: string[] = [];
  #made = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = mulberry32(seed);
  }

  get #live(): Shadow & { run(): void } {
    if (!this.#plane) throw new Error('the plane has not begun');
    return this.#plane;
  }

  async begin(): Promise<void> {
    this.#plane = await emptyShadow({ nowMs: START + this.#seed, gates: GATES, flags: {} });
    this.#plane.run();
    await this.#plane.client.create(resource({ group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', scope: 'Cluster' }), {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: NAMESPACE },
    });
    const add = Array.from({ length: 4 }, () => ({ object: this.#cluster() }));
    const apply = [this.#policy(), this.#policy(), this.#deployment(0), this.#deployment(1), this.#deployment(2), this.#override()];
    await changeShadow(this.#plane, { add, apply, cordon: [], lose: [] });
  }

  close(): Promise<void> {
    return this.#live.close();
  }

  /** One plan, and the same change for real. */
  async step(): Promise<{ plan: Plan; faults: string[] }> {
    const plane = this.#live;
    const change = this.#change();
    const before = await outcomeOf(plane.client);
    const { revision } = plane.core.plane.cache;
    const plan = await makePlan(
      {
        client: plane.client,
        resources: discoverCatalog(plane.core.catalog)
          .resources.filter(r => r.preferred && r.verbs.includes('list'))
          .map(r => r.resource),
        gates: GATES,
        flags: {},
        nowMs: plane.clock.now(),
      },
      change,
    );
    if (plane.core.plane.cache.revision !== revision) throw new Error('a plan has written');
    await changeShadow(plane, change);
    const after = await outcomeOf(plane.client);
    await this.#bury();
    return { plan, faults: await this.#faults(plan, { before, after }, change) };
  }

  async #faults(plan: Plan, { before, after }: { before: Outcome; after: Outcome }, change: PlannedChange): Promise<string[]> {
    const faults = plan.pending.map(m => `pending: ${JSON.stringify(m)}`);
    const planned = new Map(plan.moves.map(m => [`${m.kind} ${m.namespace ? `${m.namespace}/` : ''}${m.name}`, m]));
    for (const [key, is] of after.bindings) {
      const move = planned.get(key);
      const odd = fnv1a32(await this.#uidOf(is.name)) % 2 === 1;
      const wanted = move ? (odd && move.or ? move.or : (move.to ?? [])) : before.bindings.get(key)?.clusters;
      if (!wanted || !equal(byName(wanted), byName(is.clusters)))
        faults.push(`${key} is at ${text(is.clusters)}, planned ${wanted ? text(wanted) : 'nothing'}`);
      if ((move ? move.failure : before.bindings.get(key)?.failure) !== is.failure)
        faults.push(`${key}: ${is.failure}, planned ${move?.failure}`);
    }
    if (plan.moves.some(m => m.or)) return faults.map(f => `${f} (${JSON.stringify(change)})`);
    faults.push(...manifestFaults(plan, before, after));
    return faults.map(f => `${f} (${JSON.stringify(change)})`);
  }

  async #uidOf(binding: string): Promise<string> {
    const name = binding.replace(/-deployment$/, '');
    return (await this.#live.client.get(deployments, { namespace: NAMESPACE, name })).metadata.uid ?? '';
  }

  /** What the controllers of the members would do: a lost cluster goes once nothing is left in it. */
  async #bury(): Promise<void> {
    const { client } = this.#live;
    const resourceOf = clusterResource as unknown as Resource<AnyObject>;
    for (const cluster of (await client.list(resourceOf)).items) {
      if (!cluster.metadata.deletionTimestamp) continue;
      await client.patch(resourceOf, { name: cluster.metadata.name ?? '' }, { type: 'merge', body: { metadata: { finalizers: null } } });
    }
    await this.#live.settle();
  }

  #change(): PlannedChange {
    const none = { apply: [], cordon: [], lose: [], add: [] };
    const chance = this.#random();
    if (chance < 0.3) return { ...none, apply: [this.#deployment(this.#below(6))] };
    if (chance < 0.55) return { ...none, apply: [this.#policy()] };
    if (chance < 0.65) return { ...none, apply: [this.#override()] };
    if (chance < 0.75) return { ...none, apply: [this.#policy(), this.#deployment(this.#below(6)), this.#override()] };
    if (chance < 0.83 || this.#clusters.length < 3) return { ...none, add: [{ object: this.#cluster() }] };
    const name = this.#pick(this.#clusters);
    if (chance < 0.93) return { ...none, cordon: [name] };
    this.#clusters = this.#clusters.filter(c => c !== name);
    return { ...none, lose: [name] };
  }

  #below(n: number): number {
    return Math.floor(this.#random() * n);
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#below(list.length)] as T;
  }

  #cluster(): AnyObject {
    const name = `m${this.#made++}`;
    this.#clusters.push(name);
    return {
      apiVersion: 'cluster.karmada.io/v1alpha1',
      kind: 'Cluster',
      metadata: { name, labels: { env: this.#pick(['dev', 'prod']) } },
      spec: {
        syncMode: 'Push',
        region: this.#pick(['east', 'west', 'north']),
        provider: this.#pick(['a', 'b']),
        zones: [this.#pick(['z1', 'z2'])],
      },
      status: {
        apiEnablements: [{ groupVersion: 'apps/v1', resources: [{ name: 'deployments', kind: 'Deployment' }] }],
        resourceSummary: { allocatable: { cpu: String(2 + this.#below(20)), memory: '64Gi', pods: '110' } },
      },
    } as AnyObject;
  }

  #deployment(i: number): AnyObject {
    const name = `web-${i}`;
    return {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { namespace: NAMESPACE, name, labels: { app: name, tier: i % 2 ? 'front' : 'back' } },
      spec: {
        replicas: 1 + this.#below(12),
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: {
            containers: [{ name: 'c', image: `nginx:${1 + this.#below(3)}`, resources: { requests: { cpu: this.#pick(['500m', '1']) } } }],
          },
        },
      },
    };
  }

  #policy(): AnyObject {
    const tier = this.#pick(['front', 'back']);
    const spread = this.#pick([
      undefined,
      undefined,
      [{ spreadByField: 'cluster', minGroups: 1, maxGroups: 2 }],
      [
        { spreadByField: 'region', minGroups: 1, maxGroups: 2 },
        { spreadByField: 'cluster', minGroups: 1, maxGroups: 3 },
      ],
      [
        { spreadByField: 'provider', minGroups: 1, maxGroups: 1 },
        { spreadByField: 'cluster', minGroups: 1, maxGroups: 3 },
      ],
    ]);
    return {
      apiVersion: 'policy.karmada.io/v1alpha1',
      kind: 'PropagationPolicy',
      metadata: { namespace: NAMESPACE, name: tier },
      spec: {
        resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment', labelSelector: { matchLabels: { tier } } }],
        placement: {
          clusterAffinity: this.#pick([{}, { labelSelector: { matchLabels: { env: 'prod' } } }, { exclude: [this.#pick(this.#clusters)] }]),
          replicaScheduling: this.#pick([
            { replicaSchedulingType: 'Duplicated' },
            { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Aggregated' },
            { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Weighted' },
            {
              replicaSchedulingType: 'Divided',
              replicaDivisionPreference: 'Weighted',
              weightPreference: { dynamicWeight: 'AvailableReplicas' },
            },
          ]),
          spreadConstraints: spread ?? [],
        },
      },
    } as AnyObject;
  }

  #override(): AnyObject {
    return {
      apiVersion: 'policy.karmada.io/v1alpha1',
      kind: 'OverridePolicy',
      metadata: { namespace: NAMESPACE, name: `image-${this.#below(2)}` },
      spec: {
        resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment' }],
        overrideRules: [
          {
            targetCluster: { clusterNames: [this.#pick(this.#clusters)] },
            overriders: { imageOverrider: [{ component: 'Tag', operator: 'replace', value: `9.${this.#below(3)}` }] },
          },
        ],
      },
    } as AnyObject;
  }
}

const byName = (targets: readonly TargetCluster[]): Record<string, number> =>
  Object.fromEntries(targets.map(t => [t.name, t.replicas ?? 0]));
const text = (targets: readonly TargetCluster[]): string => targets.map(t => `${t.name}:${t.replicas ?? 0}`).join(', ') || 'no cluster';

function manifestFaults(plan: Plan, before: Outcome, after: Outcome): string[] {
  const id = (cluster: string, { apiVersion, kind, metadata: m }: AnyObject): string =>
    `${cluster} ${apiVersion} ${kind} ${m.namespace ?? ''}/${m.name}`;
  const of = (o: Outcome): Map<string, AnyObject> => new Map([...o.manifests.values()].map(m => [id(m.cluster, m.object), m.object]));
  const wanted = of(before);
  for (const { cluster, before: was, after: is } of plan.manifests) {
    const object = is ?? was;
    if (!object) continue;
    if (is) wanted.set(id(cluster, object), is);
    else wanted.delete(id(cluster, object));
  }
  const found = of(after);
  const faults: string[] = [];
  for (const key of new Set([...wanted.keys(), ...found.keys()])) {
    const [w, f] = [wanted.get(key), found.get(key)];
    if (!equal(w && comparable(w), f && comparable(f)))
      faults.push(`${key} is ${JSON.stringify(f && comparable(f))}, planned ${JSON.stringify(w && comparable(w))}`);
  }
  return faults;
}

/** The manifest without the ids that a server gives by chance. */
function comparable(object: AnyObject): unknown {
  const drop = (map: unknown, keys: readonly string[]): unknown =>
    Object.fromEntries(Object.entries((map ?? {}) as Record<string, unknown>).filter(([key]) => !keys.includes(key)));
  return {
    ...object,
    metadata: {
      ...object.metadata,
      labels: drop(at(object, 'metadata', 'labels'), [labels.workId, labels.resourceBindingId, labels.propagationPolicyId]),
      annotations: drop(at(object, 'metadata', 'annotations'), [annotations.templateUid]),
    },
  };
}
