// One pass over one template (specification §1.3): find its policy and apply it, or remember that it waits for one.
import type { PropagationPolicy } from '../../crds/index.ts';
import type { AnyObject, Resource } from '../../kube/index.ts';
import type { Application } from './apply-policy.ts';
import type { Claim } from './claim.ts';
import { findPolicy, type Policies } from './find-policy.ts';
import { parseTemplateKey, type TemplateRef, templateKeyText } from './template-key.ts';

export interface TemplateOptions {
  readonly find: (ref: TemplateRef) => { readonly template: AnyObject; readonly resource: Resource } | undefined;
  readonly policies: Policies;
  /** Templates that no policy selects, by key. */
  readonly waiting: Map<string, AnyObject>;
  readonly requireOverrides: (policy: PropagationPolicy, signal: AbortSignal) => Promise<void>;
  readonly apply: (application: Application, signal: AbortSignal) => Promise<void>;
  readonly removeClaim: (template: AnyObject, resource: Resource, claim: Claim, signal: AbortSignal) => Promise<void>;
}

export async function reconcileTemplate(key: string, o: TemplateOptions, signal: AbortSignal): Promise<void> {
  const ref = parseTemplateKey(key);
  const id = templateKeyText(ref);
  const found = o.find(ref);
  if (!found) {
    o.waiting.delete(id);
    return;
  }
  const { template, resource } = found;
  const finding = findPolicy(template, o.policies);
  if (finding.kind === 'waiting') {
    o.waiting.set(id, template);
    return;
  }
  o.waiting.delete(id);
  if (finding.kind === 'orphaned') await o.removeClaim(template, resource, finding.claim, signal);
  if (finding.kind !== 'policy') return;
  await o.requireOverrides(finding.policy, signal);
  await o.apply({ template, resource, policy: finding.policy, changedByUs: ref.changedByUs }, signal);
}
