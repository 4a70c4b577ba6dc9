// Kinds of admissionregistration.k8s.io. What an expression means is checked where expressions are compiled.
import { qualifiedName, validateFullyQualifiedName } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import { compilePolicy } from '../cel/policy.ts';
import {
  child,
  duplicate,
  forbiddenField,
  index,
  invalidValue,
  labelSelector,
  notSupported,
  oneOf,
  required,
  subdomain,
  texts,
  tooMany,
} from './checks.ts';
import type { KindDefinition } from './define.ts';
import { dnsLabel1035, portNumber } from './names.ts';
import { ensure, type Faults, has, inside, items, mutable, number, type Obj, optional, preset, strings, sub, text } from './read.ts';

const SCOPES = ['*', 'Cluster', 'Namespaced'];
const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const POLICIES = ['Fail', 'Ignore'];
const MATCH = ['Equivalent', 'Exact'];
const REVIEW_VERSIONS = ['v1', 'v1beta1'];

function ruleDefaults(holder: MutableObject, ...lists: readonly string[]): void {
  for (const list of lists) for (const rule of mutable(holder, list)) preset(rule, 'scope', '*');
}

function webhookDefaults(o: MutableObject): void {
  for (const w of mutable(o, 'webhooks')) {
    preset(w, 'failurePolicy', 'Fail');
    preset(w, 'matchPolicy', 'Equivalent');
    preset(w, 'namespaceSelector', {});
    preset(w, 'objectSelector', {});
    preset(w, 'timeoutSeconds', 10);
    ruleDefaults(w, 'rules');
    const service = inside(inside(w, 'clientConfig'), 'service');
    if (service) preset(service, 'port', 443);
  }
}

/** rules[] of webhooks and policies. */
function rule(faults: Faults, at: string, r: Obj, policy: boolean): void {
  const operations = strings(r, 'operations');
  if (operations.length === 0) faults.push(required(child(at, 'operations')));
  if (operations.length > 1 && operations.includes('*'))
    faults.push(invalidValue(child(at, 'operations'), operations, "if '*' is present, must not specify other operations"));
  operations.forEach((op, i) => {
    oneOf(faults, index(child(at, 'operations'), i), op, OPERATIONS);
  });
  groupsAndVersions(faults, at, r);
  resources(faults, child(at, 'resources'), strings(r, 'resources'));
  if (has(r, 'scope')) oneOf(faults, child(at, 'scope'), text(r, 'scope'), SCOPES);
  if (policy) resourceNames(faults, at, r);
}

function groupsAndVersions(faults: Faults, at: string, r: Obj): void {
  for (const key of ['apiGroups', 'apiVersions']) {
    const list = strings(r, key);
    if (list.length === 0) faults.push(required(child(at, key)));
    if (list.length > 1 && list.includes('*')) {
      const what = key === 'apiGroups' ? 'API groups' : 'API versions';
      faults.push(invalidValue(child(at, key), list, `if '*' is present, must not specify other ${what}`));
    }
    if (key === 'apiVersions')
      list.forEach((v, i) => {
        if (v === '') faults.push(required(index(child(at, key), i)));
      });
  }
}

function resources(faults: Faults, at: string, list: readonly string[]): void {
  if (list.length === 0) faults.push(required(at));
  const whole = new Set<string>();
  const subresources = new Set<string>();
  list.forEach((r, i) => {
    if (r === '') {
      faults.push(required(index(at, i)));
      return;
    }
    if (r === '*/*' && list.length > 1) faults.push(invalidValue(at, list, "if '*/*' is present, must not specify other resources"));
    const [resource = '', sub] = r.split('/');
    if (r.endsWith('/*')) whole.add(resource);
    if (r.startsWith('*/') && sub) subresources.add(sub);
  });
  list.forEach((r, i) => {
    const [resource = '', sub] = r.split('/');
    if (sub === undefined || r.endsWith('/*') || r.startsWith('*/')) return;
    if (whole.has(resource)) faults.push(invalidValue(index(at, i), r, `if '${resource}/*' is present, must not specify ${r}`));
    if (subresources.has(sub)) faults.push(invalidValue(index(at, i), r, `if '*/${sub}' is present, must not specify ${r}`));
  });
}

function resourceNames(faults: Faults, at: string, r: Obj): void {
  const seen = new Set<string>();
  strings(r, 'resourceNames').forEach((name, i) => {
    const path = index(child(at, 'resourceNames'), i);
    for (const bad of ['/', '%']) if (name.includes(bad)) faults.push(invalidValue(path, name, `may not contain '${bad}'`));
    if (seen.has(name)) faults.push(duplicate(path, name));
    seen.add(name);
  });
}

function webhooks(faults: Faults, o: Obj, mutating: boolean): void {
  const names = new Set<string>();
  items(o, 'webhooks').forEach((w, i) => {
    const at = index('webhooks', i);
    webhook(faults, at, w, mutating);
    const name = text(w, 'name');
    if (name !== '') {
      if (names.has(name)) faults.push(duplicate(child(at, 'name'), name));
      names.add(name);
    }
    reviewVersions(faults, child(at, 'admissionReviewVersions'), strings(w, 'admissionReviewVersions'));
  });
}

function reviewVersions(faults: Faults, at: string, versions: readonly string[]): void {
  if (versions.length === 0) {
    faults.push(required(at, `must specify one of ${REVIEW_VERSIONS.join(', ')}`));
    return;
  }
  const seen = new Set<string>();
  let known = false;
  versions.forEach((v, i) => {
    if (seen.has(v)) {
      faults.push(invalidValue(index(at, i), v, 'duplicate version'));
      return;
    }
    seen.add(v);
    texts(faults, index(at, i), v, dnsLabel1035(v));
    if (REVIEW_VERSIONS.includes(v)) known = true;
  });
  if (!known) faults.push(invalidValue(at, versions, `must include at least one of ${REVIEW_VERSIONS.join(', ')}`));
}

function webhook(faults: Faults, at: string, w: Obj, mutating: boolean): void {
  faults.push(...validateFullyQualifiedName(text(w, 'name'), child(at, 'name')));
  labelSelector(faults, child(at, 'namespaceSelector'), optional(w, 'namespaceSelector'));
  labelSelector(faults, child(at, 'objectSelector'), optional(w, 'objectSelector'));
  items(w, 'rules').forEach((r, i) => {
    rule(faults, index(child(at, 'rules'), i), r, false);
  });
  if (has(w, 'failurePolicy')) oneOf(faults, child(at, 'failurePolicy'), text(w, 'failurePolicy'), POLICIES);
  if (has(w, 'matchPolicy')) oneOf(faults, child(at, 'matchPolicy'), text(w, 'matchPolicy'), MATCH);
  const effects = ['None', 'NoneOnDryRun'];
  if (text(w, 'sideEffects') === '') faults.push(required(child(at, 'sideEffects'), 'must specify one of None, NoneOnDryRun'));
  else oneOf(faults, child(at, 'sideEffects'), text(w, 'sideEffects'), effects);
  const seconds = number(w, 'timeoutSeconds');
  if (has(w, 'timeoutSeconds') && (seconds > 30 || seconds < 1))
    faults.push(invalidValue(child(at, 'timeoutSeconds'), seconds, 'the timeout value must be between 1 and 30 seconds'));
  if (mutating && has(w, 'reinvocationPolicy'))
    oneOf(faults, child(at, 'reinvocationPolicy'), text(w, 'reinvocationPolicy'), ['IfNeeded', 'Never']);
  clientConfig(faults, child(at, 'clientConfig'), sub(w, 'clientConfig'));
  matchConditions(faults, child(at, 'matchConditions'), w, conditionsOf(w, at));
}

function clientConfig(faults: Faults, at: string, c: Obj): void {
  const service = optional(c, 'service');
  if (has(c, 'url') === (service !== undefined)) faults.push(required(at, 'exactly one of url or service is required'));
  else if (service) {
    for (const key of ['name', 'namespace']) if (text(service, key) === '') faults.push(required(child(at, `service.${key}`)));
    const path = text(service, 'path');
    if (has(service, 'path')) urlPath(faults, child(at, 'service.path'), path);
    const port = number(service, 'port');
    for (const e of portNumber(port)) faults.push(invalidValue(child(at, 'service.port'), port, `port is not valid: ${e}`));
  } else url(faults, child(at, 'url'), text(c, 'url'));
}

const FORM = '; desired format: https://host[/path]';

function url(faults: Faults, at: string, value: string): void {
  let parsed: { scheme: string; host: string; user: boolean; query: boolean; fragment: string } | undefined;
  const match = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(\?[^#]*)?(#.*)?$/.exec(value);
  if (match && !/[\s\u0000-\u001f]/.test(match[2] ?? ''))
    parsed = {
      scheme: match[1] ?? '',
      host: (match[2] ?? '').replace(/^.*@/, ''),
      user: (match[2] ?? '').includes('@'),
      query: match[4] !== undefined && match[4] !== '?',
      fragment: (match[5] ?? '').slice(1),
    };
  if (!parsed) {
    faults.push(required(at, `url must be a valid URL: parse ${JSON.stringify(value)}: invalid character " " in host name${FORM}`));
    return;
  }
  if (parsed.scheme.toLowerCase() !== 'https')
    faults.push(invalidValue(at, parsed.scheme, `'https' is the only allowed URL scheme${FORM}`));
  if (parsed.host === '') faults.push(invalidValue(at, parsed.host, `host must be specified${FORM}`));
  if (parsed.user) faults.push(invalidValue(at, value, 'user information is not permitted in the URL'));
  if (parsed.fragment !== '') faults.push(invalidValue(at, parsed.fragment, 'fragments are not permitted in the URL'));
  if (parsed.query) faults.push(invalidValue(at, value, 'query parameters are not permitted in the URL'));
}

function urlPath(faults: Faults, at: string, path: string): void {
  if (path === '/' || path === '') return;
  if (path === '//') {
    faults.push(invalidValue(at, path, 'segment[0] may not be empty'));
    return;
  }
  if (!path.startsWith('/')) faults.push(invalidValue(at, path, "must start with a '/'"));
  const steps = path.replace(/\/$/, '').slice(1).split('/');
  steps.forEach((step, i) => {
    if (step === '') faults.push(invalidValue(at, path, `segment[${i}] may not be empty`));
    else if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(step))
      faults.push(
        invalidValue(
          at,
          path,
          `segment[${i}]: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
        ),
      );
  });
}

/** Adds the fault of the expression at a path; what is empty is told elsewhere. */
type Expressions = (faults: Faults, path: string) => void;

/** What is wrong with the expressions of a policy, by their paths. */
function expressionsOf(policy: Obj): Expressions {
  const found = new Map(compilePolicy(policy).errors.map(e => [e.field, e]));
  return (faults, path) => {
    const fault = found.get(path);
    if (fault) faults.push(fault);
  };
}

/** The same for the match conditions of a webhook. */
function conditionsOf(webhook: Obj, at: string): Expressions {
  if (items(webhook, 'matchConditions').length === 0) return () => undefined;
  const { errors } = compilePolicy({ spec: { matchConditions: webhook['matchConditions'] } });
  const found = new Map(errors.map(e => [e.field.replace(/^spec/, at), e]));
  return (faults, path) => {
    const fault = found.get(path);
    if (fault) faults.push({ ...fault, field: path, text: `${path}: ${fault.body}` });
  };
}

function matchConditions(faults: Faults, at: string, holder: Obj, expressions: Expressions): void {
  const names = new Set<string>();
  const list = items(holder, 'matchConditions');
  if (list.length > 64) faults.push(tooMany(at, list.length, 64));
  list.forEach((c, i) => {
    const path = index(at, i);
    const name = text(c, 'name');
    if (text(c, 'expression').trim() === '') faults.push(required(child(path, 'expression')));
    else expressions(faults, child(path, 'expression'));
    if (name === '') faults.push(required(child(path, 'name')));
    else {
      texts(faults, child(path, 'name'), name, qualifiedName(name));
      if (names.has(name)) faults.push(duplicate(child(path, 'name'), name));
      names.add(name);
    }
  });
}

const REGISTRATION = { scope: 'Cluster', tracksGeneration: true, unconditionalUpdate: false, anyFinalizer: true } as const;

export const validatingWebhookConfiguration: KindDefinition = {
  ...REGISTRATION,
  update: ['full'],
  defaults: webhookDefaults,
  spec: (faults, o) => webhooks(faults, o, false),
};

export const mutatingWebhookConfiguration: KindDefinition = {
  ...REGISTRATION,
  update: ['full'],
  defaults(o) {
    webhookDefaults(o);
    for (const w of mutable(o, 'webhooks')) preset(w, 'reinvocationPolicy', 'Never');
  },
  spec: (faults, o) => webhooks(faults, o, true),
};

function matchDefaults(match: MutableObject | undefined): void {
  if (!match) return;
  preset(match, 'matchPolicy', 'Equivalent');
  preset(match, 'namespaceSelector', {});
  preset(match, 'objectSelector', {});
  ruleDefaults(match, 'resourceRules', 'excludeResourceRules');
}

function matchResources(faults: Faults, at: string, match: Obj): void {
  if (!has(match, 'matchPolicy')) faults.push(required(child(at, 'matchPolicy')));
  else oneOf(faults, child(at, 'matchPolicy'), text(match, 'matchPolicy'), MATCH);
  for (const key of ['namespaceSelector', 'objectSelector']) {
    const selector = optional(match, key);
    if (!selector) faults.push(required(child(at, key)));
    else labelSelector(faults, child(at, key), selector);
  }
  for (const key of ['resourceRules', 'excludeResourceRules'])
    items(match, key).forEach((r, i) => {
      rule(faults, index(child(at, key), i), r, true);
    });
}

function paramKind(faults: Faults, at: string, kind: Obj | undefined): void {
  if (!kind) return;
  const apiVersion = text(kind, 'apiVersion');
  if (apiVersion === '') faults.push(required(child(at, 'apiVersion')));
  else if (apiVersion.split('/').length > 2)
    faults.push(invalidValue(child(at, 'apiVersion'), apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  else {
    const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
    if (group) subdomain(faults, child(at, 'apiVersion'), group);
    texts(faults, child(at, 'apiVersion'), apiVersion, dnsLabel1035(version ?? ''));
  }
  const name = text(kind, 'kind');
  if (name === '') faults.push(required(child(at, 'kind')));
  else
    for (const e of dnsLabel1035(name.toLowerCase()))
      faults.push(invalidValue(child(at, 'kind'), name, `may have mixed case, but should otherwise match: ${e}`));
}

function policySpec(faults: Faults, spec: Obj, expressions: Expressions): void {
  if (!has(spec, 'failurePolicy')) faults.push(required('spec.failurePolicy'));
  else oneOf(faults, 'spec.failurePolicy', text(spec, 'failurePolicy'), POLICIES);
  paramKind(faults, 'spec.paramKind', optional(spec, 'paramKind'));
  const constraints = optional(spec, 'matchConstraints');
  if (!constraints) faults.push(required('spec.matchConstraints'));
  else {
    matchResources(faults, 'spec.matchConstraints', constraints);
    if (items(constraints, 'resourceRules').length === 0) faults.push(required('spec.matchConstraints.resourceRules'));
  }
  matchConditions(faults, 'spec.matchConditions', spec, expressions);
  variables(faults, spec, expressions);
}

const CEL_IDENTIFIER = /^[_a-zA-Z][_a-zA-Z0-9]*$/;
const CEL_RESERVED = new Set([
  'true',
  'false',
  'null',
  'in',
  'as',
  'break',
  'const',
  'continue',
  'else',
  'for',
  'function',
  'if',
  'import',
  'let',
  'loop',
  'package',
  'namespace',
  'return',
  'var',
  'void',
  'while',
]);

function variables(faults: Faults, spec: Obj, expressions: Expressions): void {
  items(spec, 'variables').forEach((v, i) => {
    const at = index('spec.variables', i);
    const name = text(v, 'name');
    if (name === '' || name.trim() === '') faults.push(required(child(at, 'name'), 'name is not specified'));
    else {
      if (!CEL_IDENTIFIER.test(name) || CEL_RESERVED.has(name))
        faults.push(invalidValue(child(at, 'name'), name, 'must be a valid CEL identifier'));
    }
    if (text(v, 'expression').trim() === '') faults.push(required(child(at, 'expression'), 'expression is not specified'));
    else expressions(faults, child(at, 'expression'));
  });
}

export const validatingAdmissionPolicy: KindDefinition = {
  ...REGISTRATION,
  status: true,
  update: ['full'],
  defaults(o) {
    const spec = ensure(o, 'spec');
    preset(spec, 'failurePolicy', 'Fail');
    matchDefaults(inside(spec, 'matchConstraints'));
  },
  spec(faults, o) {
    const spec = sub(o, 'spec');
    const expressions = expressionsOf(o);
    policySpec(faults, spec, expressions);
    const validations = items(spec, 'validations');
    const annotations = items(spec, 'auditAnnotations');
    if (validations.length === 0 && annotations.length === 0) {
      const why = 'validations or auditAnnotations must contain at least one item';
      faults.push(required('spec.validations', why));
      faults.push(required('spec.auditAnnotations', why));
      return;
    }
    validations.forEach((v, i) => {
      validation(faults, index('spec.validations', i), v, expressions);
    });
    auditAnnotations(faults, o, annotations, expressions);
  },
};

function validation(faults: Faults, at: string, v: Obj, expressions: Expressions): void {
  if (text(v, 'expression').trim() === '') faults.push(required(child(at, 'expression'), 'expression is not specified'));
  else expressions(faults, child(at, 'expression'));
  const message = text(v, 'message');
  const expression = text(v, 'messageExpression');
  if (expression !== '' && expression.trim() === '')
    faults.push(invalidValue(child(at, 'messageExpression'), expression, 'must be non-empty if specified'));
  else expressions(faults, child(at, 'messageExpression'));
  if (message !== '' && message.trim() === '')
    faults.push(invalidValue(child(at, 'message'), message, 'message must be non-empty if specified'));
  else if (/[\n]/.test(message)) faults.push(invalidValue(child(at, 'message'), message, 'must not contain line breaks'));
  if (has(v, 'reason')) oneOf(faults, child(at, 'reason'), text(v, 'reason'), ['Forbidden', 'Invalid', 'RequestEntityTooLarge']);
}

function auditAnnotations(faults: Faults, o: Obj, list: readonly Obj[], expressions: Expressions): void {
  const name = text(sub(o, 'metadata'), 'name');
  const keys = new Set<string>();
  if (list.length > 20) faults.push(tooMany('spec.auditAnnotations', list.length, 20));
  list.forEach((a, i) => {
    const at = index('spec.auditAnnotations', i);
    const key = text(a, 'key');
    if (name === '') faults.push(invalidValue(child(at, 'key'), key, 'requires metadata.name be non-empty'));
    else texts(faults, child(at, 'key'), `${name}/${key}`, qualifiedName(`${name}/${key}`));
    if (text(a, 'valueExpression').trim() === '') faults.push(required(child(at, 'valueExpression'), 'valueExpression is not specified'));
    else expressions(faults, child(at, 'valueExpression'));
    if (keys.has(key)) faults.push(duplicate(child(at, 'key'), key));
    keys.add(key);
  });
}

function bindingSpec(faults: Faults, spec: Obj): void {
  const policy = text(spec, 'policyName');
  if (policy === '') faults.push(required('spec.policyName'));
  else subdomain(faults, 'spec.policyName', policy);
  const ref = optional(spec, 'paramRef');
  if (ref) paramRef(faults, 'spec.paramRef', ref);
  const match = optional(spec, 'matchResources');
  if (match) matchResources(faults, 'spec.matchResources', match);
}

function paramRef(faults: Faults, at: string, ref: Obj): void {
  const name = text(ref, 'name');
  const selector = optional(ref, 'selector');
  if (name !== '') subdomain(faults, child(at, 'name'), name);
  if (name !== '' && selector) faults.push(forbiddenField(child(at, 'name'), 'name and selector are mutually exclusive'));
  if (selector) labelSelector(faults, child(at, 'selector'), selector);
  if (name === '' && !selector) faults.push(required(at, 'one of name or selector must be specified'));
  const action = text(ref, 'parameterNotFoundAction');
  if (!has(ref, 'parameterNotFoundAction')) faults.push(required(child(at, 'parameterNotFoundAction')));
  else if (action !== 'Deny' && action !== 'Allow')
    faults.push(notSupported(child(at, 'parameterNotFoundAction'), action, ['Deny', 'Allow']));
}

export const validatingAdmissionPolicyBinding: KindDefinition = {
  ...REGISTRATION,
  update: ['full'],
  defaults: o => matchDefaults(inside(ensure(o, 'spec'), 'matchResources')),
  spec(faults, o) {
    const spec = sub(o, 'spec');
    bindingSpec(faults, spec);
    const path = 'spec.validationActions';
    const actions = strings(spec, 'validationActions');
    if (actions.length === 0) faults.push(required(path, 'at least one validation action is required'));
    const seen = new Set<string>();
    actions.forEach((a, i) => {
      oneOf(faults, index(path, i), a, ['Audit', 'Deny', 'Warn']);
      if (seen.has(a)) faults.push(duplicate(index(path, i), a));
      seen.add(a);
    });
    if (seen.has('Deny') && seen.has('Warn'))
      faults.push(
        invalidValue(
          path,
          actions,
          'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
        ),
      );
  },
};

export const mutatingAdmissionPolicy: KindDefinition = {
  ...REGISTRATION,
  update: ['full'],
  defaults(o) {
    const spec = ensure(o, 'spec');
    preset(spec, 'failurePolicy', 'Fail');
    matchDefaults(inside(spec, 'matchConstraints'));
  },
  spec(faults, o) {
    const spec = sub(o, 'spec');
    const expressions = expressionsOf(o);
    policySpec(faults, spec, expressions);
    const mutations = items(spec, 'mutations');
    if (mutations.length === 0) faults.push(required('spec.mutations', 'mutations must contain at least one item'));
    mutations.forEach((m, i) => {
      mutation(faults, index('spec.mutations', i), m, expressions);
    });
    const policy = text(spec, 'reinvocationPolicy');
    if (policy === '') faults.push(required('spec.reinvocationPolicy'));
    else oneOf(faults, 'spec.reinvocationPolicy', policy, ['IfNeeded', 'Never']);
  },
};

function mutation(faults: Faults, at: string, m: Obj, expressions: Expressions): void {
  const type = text(m, 'patchType');
  const kinds: Record<string, string> = { ApplyConfiguration: 'applyConfiguration', JSONPatch: 'jsonPatch' };
  if (type === '') faults.push(required(child(at, 'patchType')));
  else if (!Object.hasOwn(kinds, type)) faults.push(notSupported(child(at, 'patchType'), type, Object.keys(kinds)));
  const key = Object.hasOwn(kinds, type) ? (kinds[type] ?? '') : '';
  if (key === '') return;
  const patch = optional(m, key);
  if (!patch) faults.push(required(child(at, key), `must be specified when patchType is ${type}`));
  else if (text(patch, 'expression').trim() === '')
    faults.push(required(child(child(at, key), 'expression'), 'expression is not specified'));
  else expressions(faults, child(child(at, key), 'expression'));
}

export const mutatingAdmissionPolicyBinding: KindDefinition = {
  ...REGISTRATION,
  update: ['full'],
  defaults: o => matchDefaults(inside(ensure(o, 'spec'), 'matchResources')),
  spec: (faults, o) => bindingSpec(faults, sub(o, 'spec')),
};
