// Watches what is done to hub and members, with the whole truth at hand, and writes down every deletion that nothing asked for.

import type { MemoryServer } from '../../controllers/memory-server.ts';
import { type ResourceBinding, resourceBindings, type Work, works } from '../../crds/index.ts';
import type { AnyObject, ObjectKey, Resource } from '../../kube/index.ts';
import type { Connection } from './faulty-network.ts';

export class Witness {
  readonly #hub: MemoryServer;
  readonly violations: string[] = [];

  constructor(hub: MemoryServer) {
    this.#hub = hub;
  }

  /** The hub, where no Work may be deleted that its binding wants. */
  hub(inner: Connection): Connection {
    return {
      ...inner,
      delete: (r, key, o) => {
        if (r.plural === works.plural) this.#workGoes(key);
        return inner.delete(r, key, o);
      },
    };
  }

  /** A member, where no object may be deleted whose Work stays. */
  member(cluster: string, inner: Connection): Connection {
    return {
      ...inner,
      delete: (r, key, o) => {
        this.#objectGoes(cluster, r as unknown as Resource, key);
        return inner.delete(r, key, o);
      },
    };
  }

  #workGoes({ namespace, name }: ObjectKey): void {
    const work = this.#works().find(w => w.metadata.namespace === namespace && w.metadata.name === name);
    const id = work?.metadata.labels?.['resourcebinding.karmada.io/permanent-id'];
    if (!id) return;
    const binding = this.#bindings().find(b => b.metadata.labels?.['resourcebinding.karmada.io/permanent-id'] === id);
    const { clusters = [], gracefulEvictionTasks = [] } = binding?.spec ?? {};
    const wanted = [...clusters.map(c => c.name), ...gracefulEvictionTasks.map(t => t.fromCluster)];
    if (binding && !binding.metadata.deletionTimestamp && wanted.some(c => `karmada-es-${c}` === namespace))
      this.violations.push(`work ${namespace}/${name} was deleted, but binding ${binding.metadata.name} wants it`);
  }

  #objectGoes(cluster: string, r: Resource, { namespace, name }: ObjectKey): void {
    const carrying = this.#works().filter(
      work =>
        work.metadata.namespace === `karmada-es-${cluster}` &&
        (work.spec.workload?.manifests ?? []).some(m => {
          const manifest = m as unknown as AnyObject;
          return manifest.kind === r.kind && manifest.metadata.name === name && (manifest.metadata.namespace ?? '') === (namespace ?? '');
        }),
    );
    if (!carrying.some(work => work.metadata.deletionTimestamp))
      this.violations.push(`${r.kind} ${namespace}/${name} was deleted in ${cluster}, but no Work of it is on its way out`);
  }

  #works(): readonly Work[] {
    return this.#hub.all(works) as unknown as readonly Work[];
  }

  #bindings(): readonly ResourceBinding[] {
    return this.#hub.all(resourceBindings) as unknown as readonly ResourceBinding[];
  }
}
