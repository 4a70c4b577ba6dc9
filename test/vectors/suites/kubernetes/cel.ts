// Rules of custom resource schemas: compilation, evaluation, transitions, costs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compilePolicy, evaluatePolicy } from '../../../../apiserver/cel/policy.ts';
import { crdRules } from '../../../../apiserver/crd/crd-rules.ts';
import { customKind } from '../../../../apiserver/crd/custom-kind.ts';
import { clone, equal, type FieldError, invalid, listOf, objectOf, parseJson, stringOf } from '../../../../kube/index.ts';
import { agree, differ, type Suite, type Verdict } from '../../suite.ts';
import { PolicyServer } from './cel-policies.ts';
import { sameStatus } from './crd-compare.ts';

interface Fixtures {
  readonly celSelfProperties: Record<string, unknown>;
  readonly celObjects: readonly unknown[];
}

let policies: PolicyServer | undefined;
let fixtures: Fixtures = { celSelfProperties: {}, celObjects: [] };

interface Compiled {
  readonly code: number;
  readonly status?: unknown;
  readonly unordered?: boolean;
}

type Raw = Record<string, unknown>;

function create(crd: Raw): Compiled {
  crdRules.defaults(crd);
  crdRules.prepareCreate?.(crd);
  const errors = crdRules.validate(crd);
  return errors.length > 0
    ? { code: 422, status: statusOf('apiextensions.k8s.io', 'CustomResourceDefinition', crd, errors) }
    : { code: 201 };
}

function statusOf(group: string, kind: string, object: Raw, errors: readonly FieldError[]): unknown {
  const {
    kind: _k,
    apiVersion: _v,
    metadata: _m,
    ...status
  } = invalid({ group, kind, name: stringOf(objectOf(object['metadata'])['name']) }, errors).toStatus();
  return status;
}

/** The CRD that carries one rule, named as the recorded status names it. */
function crdOf(rule: unknown, name: string): Raw {
  const [plural = ''] = name.split('.');
  const spec = { type: 'object', properties: fixtures.celSelfProperties, 'x-kubernetes-validations': [{ rule }] };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name },
    spec: {
      group: name.slice(plural.length + 1),
      scope: 'Cluster',
      names: { plural, kind: 'T' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { spec } } } }],
    },
  };
}

function ruleCase(input: Raw, out: Raw): Verdict {
  const compile = out['compile'] as Compiled;
  const name = stringOf(objectOf(objectOf(compile.status)['details'])['name']) || 'ts.cel.example.com';
  const crd = crdOf(input['rule'], name);
  const got = create(clone(crd));
  if (got.code !== compile.code || !(compile.status ? sameStatus(got.status, compile.status, compile.unordered === true) : true))
    return differ(got, compile);
  if (compile.code !== 201) return agree;
  const kind = customKind(crd, 'v1');
  const results = fixtures.celObjects.map(object => {
    const o = clone({ apiVersion: 'x/v1', kind: 'T', metadata: { name: 'o' }, spec: object }) as Raw;
    kind?.rules.defaults(o);
    const [cause] = kind?.rules.validate(o) ?? [];
    return cause ? { cause: { reason: cause.reason, message: cause.body, field: cause.field } } : 'true';
  });
  const want = listOf(out['results']);
  return equal(results, want)
    ? agree
    : differ(
        results.filter((r, i) => !equal(r, want[i])),
        want.filter((r, i) => !equal(r, results[i])),
      );
}

function specialCase(input: Raw, out: Raw): Verdict {
  const crd = clone(objectOf(input['crd'])) as Raw;
  const got = create(crd);
  const compile = out['compile'] as Compiled;
  if (got.code !== compile.code || (compile.status && !sameStatus(got.status, compile.status, compile.unordered === true)))
    return differ(got, compile);
  if (got.code !== 201) return agree;
  const kind = customKind(crd, 'v1');
  if (!kind) return differ('no version v1', out);
  const results = listOf(input['objects']).map((pair, i) => {
    const { old, new: next } = objectOf(pair);
    const want = objectOf(listOf(out['results'])[i]);
    const name = stringOf(objectOf(objectOf(want['status'])['details'])['name']) || 'o';
    const make = (spec: unknown): Raw => {
      const o = clone({ apiVersion: `${kind.group}/v1`, kind: kind.kind, metadata: { name }, spec }) as Raw;
      kind.prune(o);
      kind.rules.defaults(o);
      return o;
    };
    const object = make(next);
    const errors = old === null || old === undefined ? kind.rules.validate(object) : kind.rules.validateUpdate(object, make(old), '');
    if (errors.length === 0) return { code: old ? 200 : 201 };
    return { code: 422, status: statusOf(kind.group, kind.kind, object, errors) };
  });
  return equal(results, listOf(out['results'])) ? agree : differ(results, out['results']);
}

async function policyCompile(input: Raw, out: Raw): Promise<Verdict> {
  const compile = out['compile'] as Compiled;
  const got = (await policies?.write(clone(objectOf(input['policy'])) as Raw)) as Compiled | undefined;
  const same = got?.code === compile.code && (!compile.status || sameStatus(got.status, compile.status, true));
  return same ? agree : differ(got, compile);
}

async function policyRequests(input: Raw, out: Raw): Promise<Verdict> {
  const got = (await policies?.run(clone(input) as Raw)) ?? [];
  return equal(got, out['results']) ? agree : differ(got, out['results']);
}

const ADMIN = { username: 'system:admin', groups: ['system:masters', 'system:authenticated'] };

function policyEvaluation(input: Raw, out: Raw): Verdict {
  const policy = compilePolicy({
    metadata: { name: '<policy>' },
    spec: {
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      variables: input['variables'],
      validations: [{ expression: input['expression'] }],
    },
  });
  const namespace = {
    metadata: { name: 'vapns', labels: input['namespaceLabels'] },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  };
  const results = listOf(input['objects']).map(raw => {
    const given = objectOf(raw);
    const metadata: Raw = { ...objectOf(given['metadata']), namespace: 'vapns' };
    const request = {
      ...requestFor('ConfigMap', 'configmaps'),
      name: stringOf(metadata['name']),
      namespace: 'vapns',
      operation: 'CREATE',
      userInfo: ADMIN,
      dryRun: true,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', dryRun: ['All'], fieldManager: 'rec' },
    };
    const object: Raw = { apiVersion: 'v1', kind: 'ConfigMap', ...given, metadata };
    if (Object.keys(objectOf(object['data'])).length === 0) delete object['data'];
    const authorize = (a: { readonly user: { readonly groups: readonly string[] } }) => ({
      allowed: a.user.groups.includes('system:masters'),
      reason: '',
    });
    const params = { apiVersion: 'v1', kind: 'ConfigMap', ...objectOf(input['params']) };
    const { failures } = evaluatePolicy(policy, { request, object, oldObject: null, user: ADMIN, authorize }, params, namespace);
    const [first] = failures;
    return first
      ? { warning: `Validation failed for ValidatingAdmissionPolicy '<policy>' with binding '<binding>': ${first.message}` }
      : 'true';
  });
  return equal(results, out['results']) ? agree : differ(policy.errors.length > 0 ? policy.errors : results, out['results']);
}

function requestFor(kind: string, resource: string): Raw {
  const gvk = { group: '', version: 'v1', kind };
  const gvr = { group: '', version: 'v1', resource };
  return { kind: gvk, resource: gvr, requestKind: gvk, requestResource: gvr };
}

export const suite: Suite = {
  setup: async ({ dir }) => {
    fixtures = parseJson(readFileSync(join(dir, 'fixtures.json'), 'utf8')) as Fixtures;
    policies = await PolicyServer.start();
  },
  check(c) {
    const out = objectOf(c.out);
    if (c.in['type'] === 'crd-rule') return ruleCase(c.in, out);
    if (c.in['type'] === 'crd-special') return specialCase(c.in, out);
    if (c.in['type'] === 'vap-compile') return policyCompile(c.in, out);
    if (c.in['type'] === 'vap-eval') return policyEvaluation(c.in, out);
    return policyRequests(c.in, out);
  },
};
