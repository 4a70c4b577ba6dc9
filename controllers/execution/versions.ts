// Which version of a member object we wrote last: a change to any other version is somebody else's and has to be looked at. Kept in memory only.
import type { KubeObject } from '../../kube/index.ts';

export class MemberVersions {
  readonly #versions = new Map<string, string>();

  record(cluster: string, object: KubeObject): void {
    this.#versions.set(id(cluster, object), object.metadata.resourceVersion ?? '');
  }

  get(cluster: string, object: KubeObject): string | undefined {
    return this.#versions.get(id(cluster, object));
  }

  drop(cluster: string, object: KubeObject): void {
    this.#versions.delete(id(cluster, object));
  }
}

const id = (cluster: string, { apiVersion, kind, metadata }: KubeObject): string =>
  [cluster, apiVersion, kind, metadata.namespace ?? '', metadata.name ?? ''].join('|');
