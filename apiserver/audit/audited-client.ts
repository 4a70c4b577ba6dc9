// The in-process client with an audit trail for every call: components of ours leave the same traces as anybody else. Only what
// the server itself looks up on the way of a request is no request.
import { type Client, type Clock, collectionPath, isStatusError, type KubeObject, objectPath, type Resource } from '../../kube/index.ts';
import { SERVER_USER, type UserInfo } from '../auth/user.ts';
import type { Audit, Trail } from './audit.ts';

interface Caller {
  readonly audit: Audit;
  readonly clock: Clock;
  readonly user: UserInfo;
}

export interface Called {
  readonly verb: string;
  readonly r: Pick<Resource, 'group' | 'version' | 'plural' | 'scope'>;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
}

export function auditedClient(client: Client, caller: Caller): Client {
  const traces: Client = {
    get: (r, key, o) => traced(caller, { verb: 'get', r, ...key, subresource: o?.subresource }, 200, () => client.get(r, key, o)),
    list: (r, o) => traced(caller, { verb: 'list', r, namespace: o?.namespace }, 200, () => client.list(r, o)),
    create: (r, object, o) =>
      traced(caller, { verb: 'create', r, ...nameOf(object), subresource: o?.subresource }, 201, trail => {
        trail?.request(object);
        return client.create(r, object, o);
      }),
    update: (r, object, o) =>
      traced(caller, { verb: 'update', r, ...nameOf(object), subresource: o?.subresource }, 200, trail => {
        trail?.request(object);
        return client.update(r, object, o);
      }),
    patch: (r, key, patch, o) =>
      traced(caller, { verb: 'patch', r, ...key, subresource: o?.subresource }, 200, trail => {
        trail?.request(patch.body);
        return client.patch(r, key, patch, o);
      }),
    delete: (r, key, o) => traced(caller, { verb: 'delete', r, ...key }, 200, () => client.delete(r, key, o)),
    watch(r, o) {
      const trail = begin(caller, { verb: 'watch', r, namespace: o.namespace });
      trail?.started(200);
      o.signal.addEventListener('abort', () => trail?.complete(200), { once: true });
      return client.watch(r, o);
    },
  };
  return caller.user.username === SERVER_USER ? { ...traces, get: client.get, list: client.list, watch: client.watch } : traces;
}

const nameOf = (object: KubeObject): Pick<Called, 'namespace' | 'name'> => ({
  namespace: object.metadata.namespace,
  name: object.metadata.name,
});

function begin({ audit, clock, user }: Caller, c: Called): Trail | undefined {
  const { namespace = '', name = '', subresource = '' } = c;
  const uri = name ? objectPath(c.r, { namespace, name }, subresource) : collectionPath(c.r, namespace);
  return audit.begin({
    auditId: clock.uuid(),
    uri,
    path: uri,
    verb: c.verb,
    user,
    userAgent: `flotilla/${user.username}`,
    sourceIps: ['127.0.0.1'],
    resource: { group: c.r.group, version: c.r.version, plural: c.r.plural, subresource, namespace, name },
  });
}

/** Makes a call that leaves a trail; `code` is what success is told as. */
export async function traced<T>(caller: Caller, c: Called, code: number, call: (trail: Trail | undefined) => Promise<T>): Promise<T> {
  const trail = begin(caller, c);
  await caller.audit.room();
  try {
    const answer = await call(trail);
    if (answer !== undefined && trail?.wantsResponse) trail.response(JSON.stringify(answer));
    trail?.complete(code);
    return answer;
  } catch (error) {
    if (isStatusError(error)) trail?.refused({ ...error.toStatus() });
    trail?.complete(isStatusError(error) ? error.code : 500);
    throw error;
  }
}
