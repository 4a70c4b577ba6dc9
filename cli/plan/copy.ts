// Reading a whole control plane, as far as decisions depend on it: every kind but those that come and go by the second.
import { type AnyObject, apiVersionOf, type Client, isStatusError, type Resource } from '../../kube/index.ts';
import type { CopiedObject } from './shadow.ts';

/** Kinds that no decision reads. */
const LEFT_OUT = new Set(['events', 'leases', 'pods', 'endpoints', 'endpointslices', 'controllerrevisions', 'componentstatuses']);

const PAGE = 500;

/** Everything of these resources; kinds that may not be read, or that cannot be listed, are named. */
export async function copyOf(client: Client, resources: readonly Resource[]): Promise<{ objects: CopiedObject[]; unread: string[] }> {
  const objects: CopiedObject[] = [];
  const unread: string[] = [];
  for (const resource of resources) {
    if (LEFT_OUT.has(resource.plural)) continue;
    try {
      objects.push(...(await all(client, resource)).map(object => ({ resource, object })));
    } catch (error) {
      if (!isStatusError(error, 'Forbidden') && !isStatusError(error, 'NotFound') && !isStatusError(error, 'MethodNotAllowed')) throw error;
      unread.push(`${resource.plural}${resource.group ? `.${resource.group}` : ''}`);
    }
  }
  return { objects, unread };
}

async function all(client: Client, resource: Resource): Promise<AnyObject[]> {
  const found: AnyObject[] = [];
  let token: string | undefined;
  do {
    const page = await client.list<AnyObject>(resource as Resource<AnyObject>, { limit: PAGE, ...(token ? { continue: token } : {}) });
    found.push(...page.items.map(item => typed(item, resource)));
    token = page.continue;
  } while (token);
  return found;
}

/** Objects of lists may lack their type. */
const typed = (object: AnyObject, resource: Resource): AnyObject =>
  object.kind ? object : ({ ...object, apiVersion: apiVersionOf(resource), kind: resource.kind } as AnyObject);
