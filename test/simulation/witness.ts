// Watches what is done to hub and members, with the whole truth at hand, and writes down every deletion that nothing asked for: of Works that their binding wants, of
// clusters out of bindings whose placement has them, of member objects whose Work stays; and every write into a member that is held.
import type { MemoryServer } from '../../controllers/memory-server.ts';
import { type ResourceBinding, resourceBindings, type Work, works } from '../../crds/index.ts';
import { type AnyObject, applyMergePatch, type KubeObject, type ObjectKey, type Resource } from '../../kube/index.ts';
import type { Connection } from './faulty-network.ts';

const BINDING_ID = 'resourcebinding.karmada.io/permanent-id';

export class Witness {
  readonly #hub: MemoryServer;
  readonly violations: string[] = [];
  /** Members into which nothing may be written. */
  readonly held = new Set<string>();

  constructor(hub: MemoryServer) {
    this.#hub = hub;
  }

  /** The hub, as controllers and scheduler write to it. */
  hub(inner: Connection): Connection {
    return {
      ...inner,
      delete: (r, key, o) => {
        if (r.plural === works.plural) this.#workGoes(key);
        return inner.delete(r, key, o);
      },
      update: (r, object, o) => {
        if (r.plural === resourceBindings.plural && !o?.subresource) this.#bindingChanges(object);
        return inner.update(r, object, o);
      },
      patch: (r, key, patch, o) => {
        if (r.plural === resourceBindings.plural && !o?.subresource) this.#bindingIsPatched(key, patch.body);
        return inner.patch(r, key, patch, o);
      },
    };
  }

  /** A member, as the control plane writes to it. */
  member(cluster: string, inner: Connection): Connection {
    const writing = <A extends readonly unknown[], R>(what: string, f: (...args: A) => R): ((...args: A) => R) => {
      return (...args) => {
        if (this.held.has(cluster)) this.#violate(`${what} in ${cluster}, which was given more than the control plane knows`);
        return f(...args);
      };
    };
    return {
      ...inner,
      create: writing('an object was created', inner.create),
      update: writing('an object was updated', inner.update),
      patch: writing('an object was patched', inner.patch),
      delete: writing('an object was deleted', (r, key, o) => {
        this.#objectGoes(cluster, r as unknown as Resource, key);
        return inner.delete(r, key, o);
      }) as Connection['delete'],
    };
  }

  #violate(text: string): void {
    if (!this.violations.includes(text)) this.violations.push(text);
  }

  #workGoes({ namespace, name }: ObjectKey): void {
    const work = this.#works().find(w => w.metadata.namespace === namespace && w.metadata.name === name);
    const id = work?.metadata.labels?.[BINDING_ID];
    if (!id) return;
    const binding = this.#bindings().find(b => b.metadata.labels?.[BINDING_ID] === id);
    const { clusters = [], gracefulEvictionTasks = [] } = binding?.spec ?? {};
    const wanted = [...clusters.map(c => c.name), ...gracefulEvictionTasks.map(t => t.fromCluster)];
    if (binding && !binding.metadata.deletionTimestamp && wanted.some(c => `karmada-es-${c}` === namespace))
      this.#violate(`work ${namespace}/${name} was deleted, but binding ${binding.metadata.name} wants it`);
  }

  #bindingIsPatched({ namespace, name }: ObjectKey, body: unknown): void {
    const present = this.#bindings().find(b => b.metadata.namespace === namespace && b.metadata.name === name);
    if (present) this.#bindingChanges(applyMergePatch(present as never, body) as KubeObject);
  }

  /** A cluster may leave a binding only if the placement, as written now, does not have it any more. */
  #bindingChanges(object: KubeObject): void {
    const next = object as ResourceBinding;
    const present = this.#bindings().find(b => b.metadata.uid === next.metadata.uid);
    const { resourceVersion } = next.metadata;
    // The server will refuse it.
    if (resourceVersion && resourceVersion !== present?.metadata.resourceVersion) return;
    const kept = new Set((next.spec.clusters ?? []).map(c => c.name));
    const chosen = next.spec.placement?.clusterAffinity?.clusterNames;
    for (const { name } of present?.spec.clusters ?? []) {
      if (kept.has(name) || (chosen && !chosen.includes(name))) continue;
      this.#violate(`${name} was taken out of binding ${next.metadata.name}, whose placement has it`);
    }
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
      this.#violate(`${r.kind} ${namespace}/${name} was deleted in ${cluster}, but no Work of it is on its way out`);
  }

  #works(): readonly Work[] {
    return this.#hub.all(works) as unknown as readonly Work[];
  }

  #bindings(): readonly ResourceBinding[] {
    return this.#hub.all(resourceBindings) as unknown as readonly ResourceBinding[];
  }
}
