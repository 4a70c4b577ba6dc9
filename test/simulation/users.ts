// What the users of a simulated plane wrote, as it was acknowledged to them, and where hub and members differ from it.

import type { MemoryServer } from '../../controllers/memory-server.ts';
import { propagationPolicies } from '../../crds/index.ts';
import { type AnyObject, at, resource } from '../../kube/index.ts';
import { NAMES, type Name } from './plan.ts';

export const deployments = resource({ group: 'apps', version: 'v1', kind: 'Deployment', plural: 'deployments', scope: 'Namespaced' });
const POLICY = { namespace: 'shop', name: 'all' };

/** All of it, to be taken back when the control plane comes back from a backup. */
export interface Wishes {
  /** Name → replicas as last acknowledged. */
  readonly replicas: ReadonlyMap<string, number>;
  readonly targets: readonly Name[];
  readonly suspended: boolean;
}

export class Users {
  readonly #hub: MemoryServer;
  #replicas = new Map<string, number>();
  #targets: readonly Name[] = NAMES;
  #suspended = false;
  #created = 0;
  writes = 0;

  constructor(hub: MemoryServer) {
    this.#hub = hub;
  }

  get wishes(): Wishes {
    return { replicas: new Map(this.#replicas), targets: this.#targets, suspended: this.#suspended };
  }

  takeBack({ replicas, targets, suspended }: Wishes): void {
    this.#replicas = new Map(replicas);
    this.#targets = targets;
    this.#suspended = suspended;
  }

  async begin(): Promise<void> {
    await this.#hub.client.create(propagationPolicies, {
      apiVersion: 'policy.karmada.io/v1alpha1',
      kind: 'PropagationPolicy',
      metadata: POLICY,
      spec: {
        resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment' }],
        placement: { clusterTolerations: [{ operator: 'Exists' }] },
        conflictResolution: 'Abort',
        schedulerName: 'default-scheduler',
      },
    });
  }

  async create(): Promise<void> {
    const name = `web-${this.#created++}`;
    const replicas = 1 + (this.#created % 7);
    await this.#hub.client.create(deployments, deployment(name, replicas));
    this.#replicas.set(name, replicas);
    this.writes++;
  }

  async scale(which: number, replicas: number): Promise<void> {
    const name = this.#pick(which);
    if (!name) return;
    await this.#hub.client.patch(deployments, { namespace: 'shop', name }, { type: 'merge', body: { spec: { replicas } } });
    this.#replicas.set(name, replicas);
    this.writes++;
  }

  async delete(which: number): Promise<void> {
    const name = this.#pick(which);
    if (!name) return;
    await this.#hub.client.delete(deployments, { namespace: 'shop', name });
    this.#replicas.delete(name);
    this.writes++;
  }

  async move(targets: readonly Name[]): Promise<void> {
    await this.#changePolicy({ placement: { clusterAffinity: { clusterNames: targets } } });
    this.#targets = targets;
  }

  async suspend(dispatching: boolean): Promise<void> {
    await this.#changePolicy({ suspension: { dispatching } });
    this.#suspended = dispatching;
  }

  async #changePolicy(spec: object): Promise<void> {
    await this.#hub.client.patch(propagationPolicies, POLICY, { type: 'merge', body: { spec } });
    this.writes++;
  }

  #pick(which: number): string | undefined {
    const names = [...this.#replicas.keys()];
    return names[Math.floor(which * names.length)];
  }

  /** `leftovers`: what a restored backup brought back into a member; nobody may delete it without evidence, so it may stay. */
  differences(members: ReadonlyMap<string, MemoryServer>, leftovers: ReadonlySet<string>): string[] {
    const texts = differencesAt('hub', this.#hub.all(deployments), this.#replicas);
    for (const [name, server] of members) {
      const wanted = this.#targets.some(target => target === name) ? this.#replicas : new Map<string, number>();
      const found = server.all(deployments).filter(o => wanted.has(nameOf(o)) || !leftovers.has(`${name}/${nameOf(o)}`));
      texts.push(...differencesAt(name, found, wanted));
    }
    return texts;
  }
}

const nameOf = ({ metadata }: AnyObject): string => metadata.name ?? '';

function differencesAt(place: string, found: readonly AnyObject[], wanted: ReadonlyMap<string, number>): string[] {
  const present = new Map(found.map(o => [nameOf(o), at(o, 'spec', 'replicas')]));
  const wrong = [...wanted]
    .filter(([name, replicas]) => present.get(name) !== replicas)
    .map(([name, replicas]) => `${place}: ${name} has ${String(present.get(name))} replicas, ${replicas} were written`);
  const extra = [...present.keys()].filter(name => !wanted.has(name));
  return [...wrong, ...extra.map(name => `${place}: ${name} is there, but nobody wants it there`)];
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
