// What must be there before the first request: namespaces, CRDs. Made where absent, brought up to date where it is ours; at every start.
import {
  type AnyObject,
  type Client,
  equal,
  getOrUndefined,
  isStatusError,
  type KubeObject,
  keyOf,
  type Resource,
  resource,
} from '../kube/index.ts';

const NAMESPACES = resource({ group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', scope: 'Cluster' });
const DEFINITIONS = resource({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  scope: 'Cluster',
});

/** The namespaces of every API server. */
export const CORE_NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'] as const;

export async function ensureNamespaces(
  client: Client,
  names: readonly string[],
  labels: Readonly<Record<string, string>> = {},
): Promise<void> {
  for (const name of names) {
    await ensure(client, NAMESPACES, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, ...(Object.keys(labels).length > 0 ? { labels } : {}) },
    });
  }
}

/** Creates the object where it is absent; leaves it where it is there. */
export async function ensure<T extends KubeObject>(client: Client, r: Resource<T>, object: T): Promise<void> {
  if (await getOrUndefined(client, r, keyOf(object))) return;
  try {
    await client.create(r, object);
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error;
  }
}

/** Our CRDs, as they are in this version. */
export async function ensureDefinitions(client: Client, definitions: readonly KubeObject[]): Promise<void> {
  await Promise.all(
    definitions.map(async definition => {
      const present = await getOrUndefined(client, DEFINITIONS, keyOf(definition));
      if (!present) return void (await client.create(DEFINITIONS, definition as AnyObject));
      const wanted = { ...present, spec: { ...(present['spec'] as object), ...((definition as AnyObject)['spec'] as object) } };
      if (!equal(wanted['spec'], present['spec'])) await client.update(DEFINITIONS, wanted);
    }),
  );
}
