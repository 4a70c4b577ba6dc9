// ValidatingAdmissionPolicy: evaluates the bound policies that match a request. The first denial refuses it; Warn tells, Audit
// only notes. Compiled policies are kept by uid and generation.
import {
  type AnyObject,
  forbidden,
  labelSelector,
  listOf,
  objectOf,
  type Reader,
  resource,
  StatusError,
  stringOf,
} from '../../kube/index.ts';
import type { Authorize } from '../cel/authorizer.ts';
import type { CompiledPolicy } from '../cel/policy.ts';
import type { AdmissionPlugin, Attributes } from './plugin.ts';
import { matchesConstraints } from './policy-match.ts';

const GROUP = 'admissionregistration.k8s.io';
const POLICIES = resource({
  group: GROUP,
  version: 'v1',
  kind: 'ValidatingAdmissionPolicy',
  plural: 'validatingadmissionpolicies',
  scope: 'Cluster',
});
const BINDINGS = resource({
  group: GROUP,
  version: 'v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  plural: 'validatingadmissionpolicybindings',
  scope: 'Cluster',
});
const NAMESPACES = resource({ group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', scope: 'Cluster' });
const CODES: Readonly<Record<string, number>> = { Forbidden: 403, Invalid: 422, RequestEntityTooLarge: 413, Unauthorized: 401 };
const EXEMPT = new Set([POLICIES.plural, BINDINGS.plural, 'mutatingadmissionpolicies', 'mutatingadmissionpolicybindings']);
const MAX_COMPILED = 500;

type Raw = Readonly<Record<string, unknown>>;

export interface ValidatingPolicyOptions {
  readonly reader: Reader;
  /** Answers `authorizer` checks. */
  readonly authorize: Authorize;
  /** Reads the parameters of a kind: all that a reference selects. Without it policies with parameters find none. */
  readonly params?: (o: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace: string;
    readonly signal?: AbortSignal;
  }) => Promise<readonly AnyObject[]>;
}

interface Job {
  readonly o: ValidatingPolicyOptions;
  readonly a: Attributes;
  readonly namespace: AnyObject | undefined;
  readonly signal: AbortSignal | undefined;
}

/** The admission plugin. */
export function validatingAdmissionPolicy(o: ValidatingPolicyOptions): AdmissionPlugin {
  const compiled = new Map<string, CompiledPolicy>();
  const compile = async (policy: AnyObject): Promise<CompiledPolicy> => {
    const { uid = '', generation = 0 } = policy.metadata;
    const key = `${uid}/${generation}`;
    const known = compiled.get(key);
    if (known) return known;
    const { compilePolicy } = await import('../cel/policy.ts');
    const made = compilePolicy(policy);
    if (compiled.size >= MAX_COMPILED) compiled.clear();
    compiled.set(key, made);
    return made;
  };
  return {
    name: 'ValidatingAdmissionPolicy',
    async validate(a, signal) {
      if (a.operation === 'CONNECT' && !a.object) return;
      if (a.resource.group === GROUP && EXEMPT.has(a.resource.plural)) return;
      const read = signal ? { signal } : {};
      const bindings = (await o.reader.list(BINDINGS, read)).items;
      if (bindings.length === 0) return;
      const policies = new Map((await o.reader.list(POLICIES, read)).items.map(p => [p.metadata.name ?? '', p]));
      const job: Job = { o, a, namespace: await namespaceOf(o.reader, a, signal), signal };
      for (const binding of bindings) {
        const policy = policies.get(stringOf(objectOf(binding['spec'])['policyName']));
        if (policy && applies(policy, binding, job)) await enforce(await compile(policy), policy, binding, job);
      }
    },
  };
}

async function namespaceOf(reader: Reader, a: Attributes, signal: AbortSignal | undefined): Promise<AnyObject | undefined> {
  if (!a.namespace) return undefined;
  return reader.get(NAMESPACES, { name: a.namespace }, signal ? { signal } : {}).catch((error: unknown) => {
    if (error instanceof StatusError && error.code === 404) return undefined;
    throw error;
  });
}

function applies(policy: AnyObject, binding: AnyObject, { a, namespace }: Job): boolean {
  const constraints = objectOf(policy['spec'])['matchConstraints'];
  const narrower = objectOf(binding['spec'])['matchResources'];
  return matchesConstraints(constraints, a, namespace) && (!narrower || matchesConstraints(narrower, a, namespace, true));
}

async function enforce(policy: CompiledPolicy, raw: AnyObject, binding: AnyObject, job: Job): Promise<void> {
  const { evaluatePolicy } = await import('../cel/policy.ts');
  const actions = listOf(objectOf(binding['spec'])['validationActions']).map(stringOf);
  const report = (message: string, reason: string): void => {
    const told = `ValidatingAdmissionPolicy '${policy.name}' with binding '${binding.metadata.name ?? ''}'`;
    if (actions.includes('Deny')) throw denial(job.a, `${told} denied request: ${message}`, reason);
    if (actions.includes('Warn')) job.a.warn(`Validation failed for ${told}: ${message}`);
  };
  const request = {
    request: requestOf(job.a),
    object: job.a.object ?? null,
    oldObject: job.a.oldObject ?? null,
    user: job.a.user,
    authorize: job.o.authorize,
  };
  const params = await paramsOf(raw, binding, job);
  if (params === 'missing') {
    if (policy.failurePolicy === 'Fail')
      report('failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction', 'Invalid');
    return;
  }
  for (const p of params) {
    const outcome = evaluatePolicy(policy, request, p, job.namespace ?? null);
    for (const f of outcome.failures) report(f.message, f.reason);
  }
}

/** The parameter objects of a binding: [null] where the policy has none, none where their absence is allowed. */
async function paramsOf(policy: AnyObject, binding: AnyObject, { o, a, signal }: Job): Promise<readonly (AnyObject | null)[] | 'missing'> {
  const kind = objectOf(policy['spec'])['paramKind'];
  const ref = objectOf(objectOf(binding['spec'])['paramRef']);
  if (!kind || Object.keys(ref).length === 0) return [null];
  const { apiVersion, kind: name } = objectOf(kind);
  const namespace = stringOf(ref['namespace']) || a.namespace;
  const all =
    (await o.params?.({ apiVersion: stringOf(apiVersion), kind: stringOf(name), namespace, ...(signal ? { signal } : {}) })) ?? [];
  const wanted = stringOf(ref['name']);
  const selector = labelSelector(objectOf(ref['selector']));
  const found = all.filter(p => (wanted ? p.metadata.name === wanted : selector.matches(p.metadata.labels ?? {})));
  if (found.length > 0) return found;
  return ref['parameterNotFoundAction'] === 'Allow' ? [] : 'missing';
}

function requestOf(a: Attributes): Raw {
  const { group, version, kind, plural } = a.resource;
  const gvk = { group, version, kind };
  const gvr = { group, version, resource: plural };
  return {
    kind: gvk,
    resource: gvr,
    requestKind: gvk,
    requestResource: gvr,
    ...(a.subresource ? { subResource: a.subresource, requestSubResource: a.subresource } : {}),
    ...(a.name ? { name: a.name } : {}),
    ...(a.namespace ? { namespace: a.namespace } : {}),
    operation: a.operation,
    userInfo: { ...a.user },
    dryRun: a.dryRun,
    options: a.options,
  };
}

function denial(a: Attributes, message: string, reason: string): StatusError {
  const { group, plural } = a.resource;
  const text = forbidden({ group, plural, name: a.name }, message).message;
  return new StatusError({
    code: CODES[reason] ?? 422,
    reason,
    message: text,
    details: { ...(a.name ? { name: a.name } : {}), ...(group ? { group } : {}), kind: plural, causes: [{ message }] },
  });
}
