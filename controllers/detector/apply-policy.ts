// Applying a policy to a template: claim it, then make or update its binding (specification §1.4 to §1.6).
import {
  type ClusterResourceBinding,
  clusterResourceBindings,
  eventReasons,
  type PropagationPolicy,
  resourceBindings,
} from '../../crds/index.ts';
import { type AnyObject, type Client, type Clock, type EventRecorder, keyOf, type Resource } from '../../kube/index.ts';
import { createOrUpdate } from '../writing.ts';
import { newBinding, type TemplateFacts, updatedBinding } from './build-binding.ts';
import { claimed } from './claim.ts';

export interface ApplyPolicyOptions {
  readonly hub: Client;
  readonly clock: Clock;
  readonly recorder: EventRecorder;
  readonly facts: (template: AnyObject, policy: PropagationPolicy, signal: AbortSignal) => Promise<TemplateFacts>;
  readonly gates: Parameters<typeof newBinding>[0]['gates'];
  /** A copy of the binding to begin with. */
  readonly cachedBinding: (binding: ClusterResourceBinding) => ClusterResourceBinding | undefined;
}

export interface Application {
  readonly template: AnyObject;
  readonly resource: Resource;
  readonly policy: PropagationPolicy;
  /** Only the control plane changed something: a lazy policy waits for the user. */
  readonly changedByUs: boolean;
}

export async function applyPolicy(a: Application, o: ApplyPolicyOptions, signal: AbortSignal): Promise<void> {
  const { policy } = a;
  const { namespace, name } = policy.metadata;
  const title = namespace ? `Apply policy(${namespace}/${name})` : `Apply cluster policy(${name})`;
  try {
    const template = await claimTemplate(a, o.hub, signal);
    if (policy.spec.activationPreference === 'Lazy' && a.changedByUs) return;
    if (await writeBinding(template, policy, o, signal))
      o.recorder.event(template, 'Normal', eventReasons.applyPolicySucceed, `${title} succeed`);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (!signal.aborted) o.recorder.event(a.template, 'Warning', eventReasons.applyPolicyFailed, `${title} failed: ${text}`);
    throw error;
  }
}

/** The template with the claim on it; written only where it is not there yet. */
export async function claimTemplate(
  { template, resource, policy }: Omit<Application, 'changedByUs'>,
  hub: Client,
  signal: AbortSignal,
): Promise<AnyObject> {
  const metadata = claimed(template.metadata, policy);
  if (metadata === template.metadata) return template;
  return hub.update(resource, { ...template, metadata }, { signal });
}

async function writeBinding(template: AnyObject, policy: PropagationPolicy, o: ApplyPolicyOptions, signal: AbortSignal): Promise<boolean> {
  const facts = await o.facts(template, policy, signal);
  const desired = newBinding({ template, policy, facts, ...(o.gates ? { gates: o.gates } : {}) });
  const resource = keyOf(template).namespace ? resourceBindings : clusterResourceBindings;
  const { changed } = await createOrUpdate(
    { client: o.hub, clock: o.clock, resource },
    desired,
    { cached: o.cachedBinding(desired), change: present => updatedBinding(present, desired) },
    signal,
  );
  return changed;
}
