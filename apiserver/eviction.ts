// The eviction of a pod: a deletion that budgets must grant. A grant is taken from the budget before the pod goes, so that two callers
// never spend the same one (specification: Kubernetes' Eviction API).
import {
  type AnyObject,
  at,
  badRequest,
  clone,
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
import { type Core, modify, type RequestContext, remove, type Served } from './registry/index.ts';

const PROCESSING_RETRY_SECONDS = 10;

export async function evict(
  core: Core,
  pods: Served,
  c: RequestContext,
  { pod, body }: { readonly pod: AnyObject; readonly body: MutableObject },
): Promise<void> {
  const { namespace = '', name = '' } = pod.metadata;
  if (stringOf(at(body, 'metadata', 'name')) !== name) throw badRequest('name in URL does not match name in Eviction object');
  const o = objectOf(body['deleteOptions']);
  const dryRun = c.dryRun || listOf(o['dryRun']).includes('All');
  const as = { ...c, dryRun };
  if (isProtected(pod)) await spend(core, as, pod);
  const grace = o['gracePeriodSeconds'];
  await remove(
    core.plane,
    pods,
    as,
    { namespace, name, subresource: '' },
    {
      ...(typeof grace === 'number' ? { gracePeriodSeconds: grace } : {}),
      ...(isObject(o['preconditions']) ? { preconditions: o['preconditions'] } : {}),
    },
  );
}

/** A pod that has not begun, has ended or is on its way out costs nothing. */
function isProtected(pod: AnyObject): boolean {
  return !pod.metadata.deletionTimestamp && at(pod, 'status', 'phase') === 'Running';
}

async function spend(core: Core, c: RequestContext, pod: AnyObject): Promise<void> {
  const served = core.catalog.find('policy', 'v1', 'poddisruptionbudgets');
  const { namespace = '', labels = {} } = pod.metadata;
  const entries = served?.collection.list({ namespace, accept: () => true }).entries ?? [];
  const budgets = entries.map(e => e.object).filter(b => covers(b, labels));
  const [budget] = budgets;
  if (!served || !budget) return;
  if (budgets.length > 1) {
    const message = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
    throw new StatusError({ code: 500, reason: 'InternalError', message });
  }
  if (!isReady(pod) && mayGoUnready(budget)) return;
  const name = budget.metadata.name ?? '';
  await modify(core.plane, served, c, { namespace, name, subresource: 'status' }, { internal: true, make: old => spent(core, old, pod) });
}

function covers(budget: AnyObject, labels: Readonly<Record<string, string>>): boolean {
  const selector = at(budget, 'spec', 'selector') as LabelSelector | undefined;
  return selector !== undefined && labelSelector(selector).matches(labels);
}

const isReady = (pod: AnyObject): boolean =>
  listOf(at(pod, 'status', 'conditions')).some(x => at(x, 'type') === 'Ready' && at(x, 'status') === 'True');

const count = (budget: AnyObject, field: string): number => Number(at(budget, 'status', field) ?? 0);

/** A pod that is not ready serves nobody: it may go where enough others are healthy, or where the budget says always. */
function mayGoUnready(budget: AnyObject): boolean {
  if (stringOf(at(budget, 'spec', 'unhealthyPodEvictionPolicy')) === 'AlwaysAllow') return true;
  const desired = count(budget, 'desiredHealthy');
  return desired > 0 && count(budget, 'currentHealthy') >= desired;
}

/** The budget after one more disruption; throws where it allows none. */
function spent(core: Core, budget: AnyObject, pod: AnyObject): MutableObject {
  const { name = '', generation = 0 } = budget.metadata;
  if (count(budget, 'observedGeneration') < generation)
    throw refused(`The disruption budget ${name} is still being processed by the server.`, PROCESSING_RETRY_SECONDS);
  const allowed = count(budget, 'disruptionsAllowed');
  if (allowed <= 0) {
    const [desired, healthy] = [count(budget, 'desiredHealthy'), count(budget, 'currentHealthy')];
    throw refused(`The disruption budget ${name} needs ${desired} healthy pods and has ${healthy} currently`);
  }
  const next = clone(budget) as MutableObject;
  const status = objectOf(next['status']);
  const disruptedPods = { ...objectOf(status['disruptedPods']), [pod.metadata.name ?? '']: timestamp(core.plane.clock.now()) };
  next['status'] = { ...status, disruptionsAllowed: allowed - 1, disruptedPods };
  return next;
}

function refused(message: string, retryAfterSeconds?: number): StatusError {
  return new StatusError({
    code: 429,
    reason: 'TooManyRequests',
    message: "Cannot evict pod as it would violate the pod's disruption budget.",
    details: { causes: [{ reason: 'DisruptionBudget', message }], ...(retryAfterSeconds ? { retryAfterSeconds } : {}) },
  });
}
