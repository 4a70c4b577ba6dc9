// What pods answer to beside their parts: /binding gives a pod its node, /eviction deletes it where no budget forbids.
import {
  type AnyObject,
  at,
  badRequest,
  clone,
  conflict,
  isObject,
  type LabelSelector,
  labelSelector,
  listOf,
  objectOf,
  StatusError,
  stringOf,
  timestamp,
} from '../kube/index.ts';
import type { MutableObject } from './admission/plugin.ts';
import { type Core, modify, type RequestContext, remove, type Served, type Subresource, type SubresourceAnswer } from './registry/index.ts';

const EVICTION_RETRY_SECONDS = 10;

/** The pods of this server with /binding and /eviction; for `apiServer({ kinds })`. */
export function podSubresources(core: Core): Served {
  const pods = core.catalog.find('', 'v1', 'pods');
  if (!pods) throw new Error('pods are not served');
  const virtual = (name: string, create: NonNullable<Subresource['create']>): [string, Subresource] => {
    const { kind } = pods.subresources.get(name) ?? {};
    return [name, { verbs: ['create'], ...(kind ? { kind: withGroup(kind) } : {}), type: 'virtual', create }];
  };
  const own: [string, Subresource][] = [
    virtual('binding', (c, pod, body) => bind(core, pods, c, { pod, body })),
    virtual('eviction', (c, pod, body) => evict(core, pods, c, { pod, body })),
  ];
  return { ...pods, subresources: new Map([...pods.subresources, ...own]) };
}

/** Kinds of the core group are named without a version in some facts. */
function withGroup(kind: NonNullable<Subresource['kind']>): NonNullable<Subresource['kind']> {
  return { ...kind, version: kind.version || 'v1' };
}

interface Asked {
  readonly pod: AnyObject;
  readonly body: MutableObject;
}

async function bind(core: Core, pods: Served, c: RequestContext, { pod, body }: Asked): Promise<SubresourceAnswer> {
  const node = stringOf(at(body, 'target', 'name'));
  const uid = at(body, 'metadata', 'uid');
  const { namespace = '', name = '' } = pod.metadata;
  if (node === '') throw badRequest('target.name: Required value');
  await modify(
    core.plane,
    pods,
    c,
    { namespace, name, subresource: 'binding' },
    {
      internal: true,
      make(old) {
        const refuse = (why: string): StatusError => conflict({ group: '', plural: 'pods/binding', name }, why);
        if (uid && uid !== old.metadata.uid) throw refuse('the UID in the precondition does not match');
        if (old.metadata.deletionTimestamp) throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
        const present = stringOf(at(old, 'spec', 'nodeName'));
        if (present !== '') throw refuse(`pod ${name} is already assigned to node "${present}"`);
        const object = clone(old) as MutableObject;
        object['spec'] = { ...objectOf(object['spec']), nodeName: node };
        object['status'] = scheduled(objectOf(object['status']), timestamp(core.plane.clock.now()));
        return object;
      },
    },
  );
  return { code: 201, object: success(201) };
}

function scheduled(status: Readonly<Record<string, unknown>>, now: string): Record<string, unknown> {
  const others = listOf(status['conditions']).filter(x => !isObject(x) || x['type'] !== 'PodScheduled');
  return { ...status, conditions: [...others, { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: now }] };
}

async function evict(core: Core, pods: Served, c: RequestContext, { pod, body }: Asked): Promise<SubresourceAnswer> {
  const { namespace = '', name = '' } = pod.metadata;
  const budget = blockingBudget(core, pod);
  if (budget) throw tooManyDisruptions(budget);
  const o = objectOf(body['deleteOptions']);
  const grace = o['gracePeriodSeconds'];
  const preconditions = isObject(o['preconditions']) ? o['preconditions'] : undefined;
  await remove(
    core.plane,
    pods,
    c,
    { namespace, name, subresource: '' },
    {
      ...(typeof grace === 'number' ? { gracePeriodSeconds: grace } : {}),
      ...(preconditions ? { preconditions } : {}),
    },
  );
  return { code: 201, object: success(201) };
}

/** A budget over the pod that allows no more disruptions; pods that do not run count for none. */
function blockingBudget(core: Core, pod: AnyObject): AnyObject | undefined {
  const phase = at(pod, 'status', 'phase');
  if (pod.metadata.deletionTimestamp || phase !== 'Running') return undefined;
  const namespace = pod.metadata.namespace ?? '';
  const budgets = core.catalog.find('policy', 'v1', 'poddisruptionbudgets');
  const entries = budgets?.collection.list({ namespace, accept: () => true }).entries ?? [];
  return entries
    .map(e => e.object)
    .find(b => {
      const selector = labelSelector(at(b, 'spec', 'selector') as LabelSelector | undefined);
      const allowed = at(b, 'status', 'disruptionsAllowed');
      return selector.matches(pod.metadata.labels ?? {}) && !(typeof allowed === 'number' && allowed > 0);
    });
}

function tooManyDisruptions(budget: AnyObject): StatusError {
  const name = budget.metadata.name ?? '';
  return new StatusError({
    code: 429,
    reason: 'TooManyRequests',
    message: "Cannot evict pod as it would violate the pod's disruption budget.",
    details: {
      retryAfterSeconds: EVICTION_RETRY_SECONDS,
      causes: [{ reason: 'DisruptionBudget', message: `The disruption budget ${name} allows no disruption now` }],
    },
  });
}

const success = (code: number): AnyObject => ({ apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Success', code }) as AnyObject;
