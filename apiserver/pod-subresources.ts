// What pods answer to beside their parts: /binding gives a pod its node, /eviction deletes it where no budget forbids.
import {
  type AnyObject,
  at,
  badRequest,
  clone,
  conflict,
  isObject,
  listOf,
  objectOf,
  plain500,
  type StatusError,
  stringOf,
  timestamp,
} from '../kube/index.ts';
import type { MutableObject } from './admission/plugin.ts';
import { evict } from './eviction.ts';
import {
  type Core,
  modify,
  type RequestContext,
  type Served,
  type Subresource,
  type SubresourceAnswer,
  toldKey,
  uidMismatch,
} from './registry/index.ts';

/** The pods of a server with /binding and /eviction. */
export function podSubresources(core: Core): Served {
  const pods = core.catalog.find('', 'v1', 'pods');
  if (!pods) throw new Error('pods are not served');
  const virtual = (name: string, create: NonNullable<Subresource['create']>): [string, Subresource] => {
    // The facts name no group and version where they are the pod's own.
    const kind = pods.subresources.get(name)?.kind ?? BINDING;
    return [name, { verbs: ['create'], kind, type: 'virtual', create }];
  };
  const own: [string, Subresource][] = [
    virtual('binding', (c, pod, body) => bind(core, pods, c, { pod, body })),
    virtual('eviction', async (c, pod, body) => {
      await evict(core, pods, c, { pod, body });
      return { code: 201, object: success(201) };
    }),
  ];
  return { ...pods, subresources: new Map([...pods.subresources, ...own]) };
}

const BINDING = { group: '', version: 'v1', kind: 'Binding' };

interface Asked {
  readonly pod: AnyObject;
  readonly body: MutableObject;
}

async function bind(core: Core, pods: Served, c: RequestContext, { pod, body }: Asked): Promise<SubresourceAnswer> {
  const node = stringOf(at(body, 'target', 'name'));
  const uid = at(body, 'metadata', 'uid');
  const { namespace = '', name = '' } = pod.metadata;
  if (stringOf(at(body, 'metadata', 'name')) !== name) throw badRequest('name in URL does not match name in Binding object');
  const kind = stringOf(at(body, 'target', 'kind'));
  if (kind !== '' && kind !== 'Node')
    throw plain500(`target.kind: Unsupported value: ${JSON.stringify(kind)}: supported values: "Node", "<empty>"`);
  if (node === '') throw plain500('target.name: Required value');
  await modify(
    core.plane,
    pods,
    c,
    { namespace, name, subresource: 'binding' },
    {
      internal: true,
      make(old) {
        const refuse = (why: string): StatusError => conflict({ group: '', plural: 'pods/binding', name }, why);
        if (uid && uid !== old.metadata.uid)
          throw conflict(
            { group: '', plural: 'pods', name },
            uidMismatch(toldKey(pods, c, { namespace, name }), String(uid), old.metadata.uid ?? ''),
          );
        if (old.metadata.deletionTimestamp) throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
        const present = stringOf(at(old, 'spec', 'nodeName'));
        if (present !== '') throw refuse(`pod ${name} is already assigned to node "${present}"`);
        if (listOf(at(old, 'spec', 'schedulingGates')).length > 0) throw refuse(`pod ${name} has non-empty .spec.schedulingGates`);
        const object = clone(old) as MutableObject;
        carry(object, body);
        object['spec'] = { ...objectOf(object['spec']), nodeName: node };
        object['status'] = scheduled(objectOf(object['status']), timestamp(core.plane.clock.now()));
        return object;
      },
    },
  );
  return { code: 201, object: success(201) };
}

/** What the binding says of the pod beside its node. */
function carry(pod: MutableObject, binding: MutableObject): void {
  const meta = objectOf(pod['metadata']);
  for (const key of ['labels', 'annotations']) {
    const given = objectOf(at(binding, 'metadata', key));
    if (Object.keys(given).length > 0) pod['metadata'] = { ...objectOf(pod['metadata']), [key]: { ...objectOf(meta[key]), ...given } };
  }
}

function scheduled(status: Readonly<Record<string, unknown>>, now: string): Record<string, unknown> {
  const others = listOf(status['conditions']).filter(x => !isObject(x) || x['type'] !== 'PodScheduled');
  return { ...status, conditions: [...others, { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: now }] };
}

const success = (code: number): AnyObject => ({ apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Success', code }) as AnyObject;
