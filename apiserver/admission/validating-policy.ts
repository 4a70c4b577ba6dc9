// ValidatingAdmissionPolicy: evaluates the bound policies that match a request. All of them are evaluated; the first denial is
// told, every warning is sent, Audit only notes. A policy or binding that cannot be used denies, unless faults are ignored.
import { type AnyObject, forbidden, listOf, objectOf, type Resource, StatusError, stringOf } from '../../kube/index.ts';
import type { Authorize } from '../cel/authorizer.ts';
import type { CompiledPolicy, PolicyRequest } from '../cel/policy.ts';
import type { Core, Served } from '../registry/index.ts';
import { type Equivalents, equivalents } from './equivalent.ts';
import type { AdmissionPlugin, Attributes } from './plugin.ts';
import { type BoundPolicy, policyList } from './policy-list.ts';
import { type MatchContext, matchesConstraints, matchesNarrower } from './policy-match.ts';
import { ConfigurationFault, paramResource, paramsOf } from './policy-params.ts';
import { admissionObjects, admissionRequest } from './request.ts';

const GROUP = 'admissionregistration.k8s.io';
const CODES: Readonly<Record<string, number>> = { Forbidden: 403, Invalid: 422, RequestEntityTooLarge: 413, Unauthorized: 401 };

export interface PolicyAdmissionOptions {
  readonly core: Core;
  /** Answers `authorizer` checks. */
  readonly authorize: Authorize;
}

interface Denial {
  readonly message: string;
  readonly reason: string;
}

interface Job {
  readonly o: PolicyAdmissionOptions;
  readonly a: Attributes;
  readonly match: MatchContext;
  readonly same: Equivalents;
  readonly denials: Denial[];
}

/** Policies and their bindings are never subject to policies, or a broken one could not be repaired. */
export const aboutPolicies = (a: Attributes): boolean =>
  a.resource.group === GROUP && /^(validating|mutating)admissionpolic/.test(a.resource.plural);

/** The match context of a request. */
export function matchContext(core: Core, a: Attributes, same: Equivalents): MatchContext {
  const namespace = a.namespace ? core.catalog.find('', 'v1', 'namespaces')?.collection.get('', a.namespace)?.object : undefined;
  return { namespace, equivalents: r => same.of(r) };
}

/** The admission plugin. */
export function validatingAdmissionPolicy(o: PolicyAdmissionOptions): AdmissionPlugin {
  const same = equivalents(o.core);
  const bound = policyList<CompiledPolicy>(o.core, {
    policies: 'validatingadmissionpolicies',
    bindings: 'validatingadmissionpolicybindings',
    compile: async policy => (await import('../cel/policy.ts')).compilePolicy(policy),
  });
  return {
    name: 'ValidatingAdmissionPolicy',
    validate(a) {
      const policies = bound();
      if (policies.length === 0 || aboutPolicies(a)) return undefined;
      return evaluateAll(policies, { o, a, same, match: matchContext(o.core, a, same), denials: [] });
    },
  };
}

async function evaluateAll(policies: readonly BoundPolicy<CompiledPolicy>[], job: Job): Promise<void> {
  for (const p of policies) {
    const resource = matchesConstraints(objectOf(p.policy['spec'])['matchConstraints'], job.a, job.match);
    if (resource) await evaluateOne(p, resource, job);
  }
  const [first] = job.denials;
  if (first) throw denial(job.a, first);
}

async function evaluateOne(p: BoundPolicy<CompiledPolicy>, resource: Resource, job: Job): Promise<void> {
  const policy = await p.compiled();
  const refuse = (fault: unknown, subject: string): void => {
    if (!(fault instanceof ConfigurationFault)) throw fault;
    if (policy.failurePolicy === 'Fail') job.denials.push({ message: `${subject} denied request: ${fault.message}`, reason: 'Invalid' });
  };
  const subject = `ValidatingAdmissionPolicy '${policy.name}'`;
  let params: Served | undefined;
  try {
    params = paramResource(job.o.core, p.policy);
  } catch (fault) {
    refuse(fault, subject);
    return;
  }
  const request = await policyRequest(job.o, job.a, { resource, same: job.same });
  for (const binding of p.bindings) {
    if (!matchesNarrower(objectOf(binding['spec'])['matchResources'], job.a, job.match)) continue;
    const told = `${subject} with binding '${binding.metadata.name ?? ''}'`;
    try {
      await enforce({ policy, binding, told, request, params: paramsOf(params, binding, job.a.namespace) }, job);
    } catch (fault) {
      refuse(fault, told);
    }
  }
}

/** What expressions see of a request, in the version that matched. */
export async function policyRequest(
  o: PolicyAdmissionOptions,
  a: Attributes,
  { resource, same }: { readonly resource: Resource; readonly same: Equivalents },
): Promise<PolicyRequest> {
  const shown = await same.inVersion(a, resource);
  return { request: admissionRequest(o.core, shown, a.resource), ...admissionObjects(o.core, shown), user: a.user, authorize: o.authorize };
}

interface Enforcement {
  readonly policy: CompiledPolicy;
  readonly binding: AnyObject;
  readonly told: string;
  readonly request: PolicyRequest;
  readonly params: readonly (AnyObject | null)[];
}

async function enforce({ policy, binding, told, request, params }: Enforcement, job: Job): Promise<void> {
  const { evaluatePolicy } = await import('../cel/policy.ts');
  const actions = listOf(objectOf(binding['spec'])['validationActions']).map(stringOf);
  for (const param of params) {
    const outcome = evaluatePolicy(policy, request, param, job.match.namespace ?? null);
    for (const { message, reason } of outcome.failures) {
      if (actions.includes('Deny')) job.denials.push({ message: `${told} denied request: ${message}`, reason });
      if (actions.includes('Warn')) job.a.warn(`Validation failed for ${told}: ${message}`);
    }
  }
}

function denial(a: Attributes, { message, reason }: Denial): StatusError {
  const { group, plural } = a.resource;
  const text = forbidden({ group, plural, name: a.name }, message).message;
  return new StatusError({
    code: CODES[reason] ?? 422,
    reason,
    message: text,
    details: { ...(a.name ? { name: a.name } : {}), ...(group ? { group } : {}), kind: plural, causes: [{ message }] },
  });
}
