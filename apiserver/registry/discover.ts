// What this server serves, for components in the same process: the same facts that discovery tells over HTTP.
import type { Resource } from '../../kube/index.ts';
import type { Catalog } from './catalog.ts';

export interface DiscoveredResource {
  readonly resource: Resource;
  readonly verbs: readonly string[];
  /** Of the versions of its group the one that is preferred. */
  readonly preferred: boolean;
}

export function discoverCatalog(catalog: Catalog): { readonly resources: readonly DiscoveredResource[]; readonly complete: boolean } {
  const seen = new Set<string>();
  const resources = catalog.all().map(s => {
    const id = `${s.resource.group}/${s.resource.plural}`;
    const preferred = !seen.has(id);
    seen.add(id);
    return { resource: s.resource, verbs: s.verbs, preferred };
  });
  return { resources, complete: true };
}
