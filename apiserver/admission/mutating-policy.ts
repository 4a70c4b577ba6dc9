// MutatingAdmissionPolicy: changes the object by the bound policies that match, one after the other in the order of their names.
// Each mutation sees what those before it made. When something changed after it, a policy that wants it is run once more.
import {
  type AnyObject,
  apiVersionOf,
  applyMergePatch,
  builtinType,
  equal,
  forbidden,
  isObject,
  objectOf,
  type Resource,
  StatusError,
  strategicMerge,
} from '../../kube/index.ts';
import type { CompiledPolicy, Mutation } from '../cel/policy.ts';
import { CelError } from '../cel/values.ts';
import { type Equivalents, equivalents } from './equivalent.ts';
import type { AdmissionPlugin, Attributes } from './plugin.ts';
import { type BoundPolicy, policyList } from './policy-list.ts';
import { type MatchContext, matchesConstraints, matchesNarrower } from './policy-match.ts';
import { ConfigurationFault, paramResource, paramsOf } from './policy-params.ts';
import { replaceObject } from './replace-object.ts';
import { admissionObjects } from './request.ts';
import { aboutPolicies, matchContext, type PolicyAdmissionOptions, policyRequest } from './validating-policy.ts';
import { applyOperations } from './webhook-patch.ts';

interface Job {
  readonly o: PolicyAdmissionOptions;
  readonly a: Attributes;
  readonly match: MatchContext;
  readonly same: Equivalents;
  /** The request was seen before: only policies that want to be run again are. */
  readonly again: boolean;
}

/** The admission plugin. */
export function mutatingAdmissionPolicy(o: PolicyAdmissionOptions): AdmissionPlugin {
  const same = equivalents(o.core);
  const seen = new WeakSet<Attributes>();
  const bound = policyList<CompiledPolicy>(o.core, {
    policies: 'mutatingadmissionpolicies',
    bindings: 'mutatingadmissionpolicybindings',
    compile: async policy => (await import('../cel/policy.ts')).compilePolicy(policy),
  });
  return {
    name: 'MutatingAdmissionPolicy',
    mutate(a) {
      const policies = bound();
      if (policies.length === 0 || !a.object || aboutPolicies(a)) return undefined;
      const again = seen.has(a);
      seen.add(a);
      return mutateAll(policies, { o, a, same, match: matchContext(o.core, a, same), again });
    },
  };
}

async function mutateAll(policies: readonly BoundPolicy<CompiledPolicy>[], job: Job): Promise<void> {
  const ran: BoundPolicy<CompiledPolicy>[] = [];
  const repeat = new Set<BoundPolicy<CompiledPolicy>>();
  for (const p of policies.filter(b => !job.again || wantsMore(b))) {
    if (await mutateBy(p, job)) for (const earlier of ran.splice(0)) repeat.add(earlier);
    if (wantsMore(p)) ran.push(p);
  }
  for (const p of policies) if (repeat.has(p)) await mutateBy(p, job);
}

const wantsMore = (p: BoundPolicy<CompiledPolicy>): boolean => objectOf(p.policy['spec'])['reinvocationPolicy'] === 'IfNeeded';

/** Whether the policy changed the object. */
async function mutateBy(p: BoundPolicy<CompiledPolicy>, job: Job): Promise<boolean> {
  const resource = matchesConstraints(objectOf(p.policy['spec'])['matchConstraints'], job.a, job.match);
  if (!resource) return false;
  const policy = await p.compiled();
  const subject = `MutatingAdmissionPolicy '${policy.name}'`;
  let changed = false;
  try {
    const params = paramResource(job.o.core, p.policy);
    for (const binding of p.bindings) {
      if (!matchesNarrower(objectOf(binding['spec'])['matchResources'], job.a, job.match)) continue;
      for (const param of paramsOf(params, binding, job.a.namespace))
        changed = (await mutateWith({ policy, binding, param, resource }, job)) || changed;
    }
  } catch (fault) {
    if (!(fault instanceof ConfigurationFault) && !(fault instanceof CelError)) throw fault;
    if (policy.failurePolicy === 'Fail') throw refusal(job.a, `${subject} denied request: ${fault.message}`);
  }
  return changed;
}

interface Run {
  readonly policy: CompiledPolicy;
  readonly binding: AnyObject;
  readonly param: AnyObject | null;
  readonly resource: Resource;
}

async function mutateWith({ policy, binding, param, resource }: Run, job: Job): Promise<boolean> {
  const { evaluateMutations } = await import('../cel/policy.ts');
  const told = `MutatingAdmissionPolicy '${policy.name}' with binding '${binding.metadata.name ?? ''}'`;
  let changed = false;
  for (const mutation of policy.mutations) {
    const request = await policyRequest(job.o, job.a, { resource, same: job.same });
    const outcome = evaluateMutations(policy, request, param, job.match.namespace ?? null);
    if (!outcome.matched) {
      if (outcome.fault === undefined) return changed;
      throw refusal(job.a, `${told} denied request: ${outcome.fault}`);
    }
    const { object } = admissionObjects(job.o.core, await job.same.inVersion(job.a, resource));
    const patched = patchedBy(mutation, object, outcome.value(mutation), resource);
    if (!isObject(patched) || equal(patched, object)) continue;
    await replaceObject(job.o.core, job.a, { patched, shown: resource, same: job.same });
    changed = true;
  }
  return changed;
}

function patchedBy(mutation: Mutation, object: unknown, value: unknown, resource: Resource): unknown {
  if (mutation.type === 'JSONPatch') return applyOperations(object, Array.isArray(value) ? value : []);
  const configuration = objectOf(value);
  for (const key of ['apiVersion', 'kind']) if (Object.hasOwn(configuration, key)) throw new CelError(`must not set ${key}`);
  const type = builtinType(apiVersionOf(resource), resource.kind);
  return type ? strategicMerge(objectOf(object), configuration, type) : applyMergePatch(object, configuration);
}

/** The answer under failurePolicy Fail. */
function refusal(a: Attributes, message: string): StatusError {
  const { group, plural } = a.resource;
  return new StatusError({
    code: 422,
    reason: 'Invalid',
    message: forbidden({ group, plural, name: a.name }, message).message,
    details: { ...(a.name ? { name: a.name } : {}), ...(group ? { group } : {}), kind: plural, causes: [{ message }] },
  });
}
