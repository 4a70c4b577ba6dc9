// Everything that is served right now, by group, version and plural. Custom resources come and go while the server runs.
import { apiVersionOf } from '../../kube/index.ts';
import type { Served } from './served.ts';

export class Catalog {
  readonly #served = new Map<string, Served>();
  #byPrefix: Map<string, Served> | undefined;
  readonly #listeners = new Set<() => void>();
  /** Rises with every change: discovery and OpenAPI documents are made anew then. */
  generation = 0;

  find(group: string, version: string, plural: string): Served | undefined {
    return this.#served.get(`${group}/${version}/${plural}`);
  }

  /** By kind, as owner references and scale targets name it. */
  findKind(apiVersion: string, kind: string): Served | undefined {
    for (const s of this.#served.values()) if (s.resource.kind === kind && apiVersionOf(s.resource) === apiVersion) return s;
    return undefined;
  }

  hasGroup(group: string): boolean {
    for (const s of this.#served.values()) if (s.resource.group === group) return true;
    return false;
  }

  /** A group that only custom resources are in. */
  isCustom(group: string): boolean {
    let custom = false;
    for (const s of this.#served.values()) {
      if (s.resource.group !== group) continue;
      if (!s.custom) return false;
      custom = true;
    }
    return custom;
  }

  hasVersion(group: string, version: string): boolean {
    for (const s of this.#served.values()) if (s.resource.group === group && s.resource.version === version) return true;
    return false;
  }

  all(): readonly Served[] {
    return [...this.#served.values()];
  }

  /** One entry a stored resource, in the version listed first: for loops that touch every object once. */
  stored(): readonly Served[] {
    return [...this.#prefixes().values()];
  }

  /** The stored resource of a collection's prefix. */
  byPrefix(prefix: string): Served | undefined {
    return this.#prefixes().get(prefix);
  }

  #prefixes(): ReadonlyMap<string, Served> {
    if (!this.#byPrefix) {
      this.#byPrefix = new Map();
      for (const s of this.#served.values()) if (!this.#byPrefix.has(s.collection.prefix)) this.#byPrefix.set(s.collection.prefix, s);
    }
    return this.#byPrefix;
  }

  put(s: Served): void {
    this.#served.set(`${s.resource.group}/${s.resource.version}/${s.resource.plural}`, s);
    this.#changed();
  }

  drop(group: string, version: string, plural: string): void {
    if (this.#served.delete(`${group}/${version}/${plural}`)) this.#changed();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #changed(): void {
    this.generation++;
    this.#byPrefix = undefined;
    for (const listener of this.#listeners) listener();
  }
}
