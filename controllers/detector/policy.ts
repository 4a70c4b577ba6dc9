// What follows from a created, changed or deleted policy (specification §1.7 to §1.9); the same for both scopes.
import {
  clusterOverridePolicies,
  eventReasons,
  finalizers,
  gateEnabled,
  labels,
  overridePolicies,
  type PropagationPolicy,
  type ResourceBinding,
} from '../../crds/index.ts';
import { type AnyObject, getOrUndefined, Metrics, type Resource, sleep } from '../../kube/index.ts';
import type { ControllerContext } from '../context.ts';
import { preemptions } from '../operation-metrics.ts';
import { selects } from '../resource-selector.ts';
import { allOrErrors, updateFresh } from '../writing.ts';
import { claimTemplate } from './apply-policy.ts';
import { CLAIM_KEYS, type PolicyScope, policyId, scopeOf } from './claim.ts';
import type { Policies } from './find-policy.ts';
import { claimToPreempt, preemptionText } from './preempt.ts';
import { keyOfRef, type TemplateRef } from './template-key.ts';
import { unclaim, unclaimBinding } from './unclaim.ts';

export interface PolicyOptions {
  readonly context: ControllerContext;
  readonly policies: Policies;
  /** Bindings with that label value. */
  readonly bindingsOf: (scope: PolicyScope, id: string) => readonly ResourceBinding[];
  /** Templates without a policy. */
  readonly waiting: () => readonly AnyObject[];
  /** Looks at a template again soon, after what users changed. */
  readonly enqueue: (template: TemplateRef, changedByUs: boolean) => void;
  readonly resource: (policy: PropagationPolicy) => Resource<PropagationPolicy>;
}

/** Bindings looked at in one go before others get their turn. */
const BREATH = 500;

export async function reconcilePolicy(policy: PropagationPolicy, o: PolicyOptions, signal: AbortSignal): Promise<void> {
  if (policy.metadata.deletionTimestamp) return releasePolicy(policy, o, signal);
  const lazy = policy.spec.activationPreference === 'Lazy';
  for (const [i, binding] of o.bindingsOf(scopeOf(policy), policyId(policy)).entries()) {
    if (i % BREATH === BREATH - 1) await sleep(o.context.clock, 0, signal);
    const kept = await releaseUnselected(policy, binding, o, signal);
    if (kept) o.enqueue(refOfBinding(binding), lazy);
  }
  await wakeWaiting(policy, o, signal);
  if (gateEnabled(o.context.gates, 'PropagationPolicyPreemption') && policy.spec.preemption === 'Always') await preempt(policy, o, signal);
}

const refOfBinding = ({ spec }: ResourceBinding): TemplateRef => ({
  apiVersion: spec.resource.apiVersion,
  kind: spec.resource.kind,
  namespace: spec.resource.namespace ?? '',
  name: spec.resource.name,
});

/** Whether the template is still the policy's; a template that it no longer selects is set free. */
async function releaseUnselected(
  policy: PropagationPolicy,
  binding: ResourceBinding,
  o: PolicyOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const { hub, clock, mapper } = o.context;
  const ref = refOfBinding(binding);
  const copy = o.context.informers.cached(ref.apiVersion, ref.kind, keyOfRef(ref));
  if (copy && selects(policy.spec.resourceSelectors, copy)) return true;
  const resource = await mapper.find(ref.apiVersion, ref.kind, signal);
  const template = resource && (await getOrUndefined(hub, resource, keyOfRef(ref), { signal }));
  if (!template) return false;
  if (selects(policy.spec.resourceSelectors, template)) return true;
  const claim = { scope: scopeOf(policy), id: policyId(policy) };
  await unclaim({ hub, clock }, { resource, key: keyOfRef(ref), claim }, signal);
  await unclaimBinding({ hub, clock }, binding, claim, signal);
  return false;
}

async function wakeWaiting(policy: PropagationPolicy, o: PolicyOptions, signal: AbortSignal): Promise<void> {
  const { namespace } = policy.metadata;
  const matched = o
    .waiting()
    .filter(template => (!namespace || template.metadata.namespace === namespace) && selects(policy.spec.resourceSelectors, template));
  if (matched.length === 0) return;
  await requireOverrides(policy, o.context, signal);
  for (const { apiVersion, kind, metadata } of matched)
    o.enqueue(
      { apiVersion, kind, namespace: metadata.namespace ?? '', name: metadata.name ?? '' },
      policy.spec.activationPreference === 'Lazy',
    );
}

/** Throws until every override policy that the policy waits for exists. */
export async function requireOverrides(
  { spec, metadata }: PropagationPolicy,
  { hub }: ControllerContext,
  signal: AbortSignal,
): Promise<void> {
  for (const name of spec.dependentOverrides ?? []) {
    const found = metadata.namespace
      ? await getOrUndefined(hub, overridePolicies, { namespace: metadata.namespace, name }, { signal })
      : await getOrUndefined(hub, clusterOverridePolicies, { name }, { signal });
    if (!found) throw new Error('waiting for dependent overrides');
  }
}

/** Takes the claims of a policy that is being deleted away, then lets it go. */
async function releasePolicy(policy: PropagationPolicy, o: PolicyOptions, signal: AbortSignal): Promise<void> {
  const { hub, clock, mapper } = o.context;
  const scope = scopeOf(policy);
  const finalizer = scope === 'Namespaced' ? finalizers.propagationPolicy : finalizers.clusterPropagationPolicy;
  if (!policy.metadata.finalizers?.includes(finalizer)) return;
  const claim = { scope, id: policyId(policy) };
  const bindings = o.bindingsOf(scope, claim.id);
  await allOrErrors(bindings.map(binding => () => unclaimBinding({ hub, clock }, binding, claim, signal)));
  const kinds = new Map(policy.spec.resourceSelectors.map(s => [`${s.apiVersion} ${s.kind} ${s.namespace ?? ''}`, s]));
  for (const { apiVersion, kind, namespace } of kinds.values()) {
    const resource = await mapper.find(apiVersion, kind, signal);
    if (!resource) continue;
    const labelSelector = `${CLAIM_KEYS[scope].id}=${claim.id}`;
    const { items } = await hub.list(resource, { ...(namespace ? { namespace } : {}), labelSelector, signal });
    await allOrErrors(items.map(item => () => unclaim({ hub, clock }, { resource, key: keyOfRef(refOfItem(item)), claim }, signal)));
  }
  const change = (present: PropagationPolicy): PropagationPolicy => ({
    ...present,
    metadata: { ...present.metadata, finalizers: (present.metadata.finalizers ?? []).filter(f => f !== finalizer) },
  });
  await updateFresh({ client: hub, clock, resource: o.resource(policy) }, { ...keyOfPolicy(policy) }, { change }, signal);
}

const refOfItem = ({ apiVersion, kind, metadata }: AnyObject): TemplateRef => ({
  apiVersion,
  kind,
  namespace: metadata.namespace ?? '',
  name: metadata.name ?? '',
});

const keyOfPolicy = ({ metadata }: PropagationPolicy) =>
  metadata.namespace ? { namespace: metadata.namespace, name: metadata.name ?? '' } : { name: metadata.name ?? '' };

async function preempt(policy: PropagationPolicy, o: PolicyOptions, signal: AbortSignal): Promise<void> {
  const { hub, mapper, recorder, runtime } = o.context;
  const find = async (claim: Parameters<Policies['get']>[0]): Promise<PropagationPolicy> => {
    const found = o.policies.get(claim);
    if (!found) throw new Error(`the policy ${claim.name} that claims the template was not found`);
    return found;
  };
  const counted = preemptions(runtime.metrics ?? new Metrics());
  await allOrErrors(
    policy.spec.resourceSelectors.map(({ apiVersion, kind, namespace = policy.metadata.namespace ?? '', name = '' }) => async () => {
      const resource = await mapper.find(apiVersion, kind, signal);
      const template = resource && (await getOrUndefined(hub, resource, keyOfRef({ apiVersion, kind, namespace, name }), { signal }));
      if (!template || template.metadata.deletionTimestamp || template.metadata.labels?.[labels.claimedBy]) return;
      const claim = await claimToPreempt(template, policy, find);
      if (!claim) return;
      const text = preemptionText(policy, claim);
      try {
        await counted(() => claimTemplate({ template, resource, policy }, hub, signal));
        recorder.event(template, 'Normal', eventReasons.preemptPolicySucceed, `${text} successfully`);
      } catch (error) {
        recorder.event(template, 'Warning', eventReasons.preemptPolicyFailed, `${text} failed: ${(error as Error).message}`);
        throw error;
      }
    }),
  );
}
