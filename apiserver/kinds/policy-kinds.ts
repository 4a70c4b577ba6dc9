// Admission policies and their bindings. What an expression means is checked where expressions are compiled.
import { qualifiedName } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import { type Expressions, expressionsOf, MATCH, matchConditions, POLICIES, REGISTRATION, rule, ruleDefaults } from './admission-rules.ts';
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
import { dnsLabel1035, pathSegment } from './names.ts';
import { ensure, type Faults, has, inside, items, type Obj, optional, preset, strings, sub, text } from './read.ts';

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
  if (name !== '') texts(faults, child(at, 'name'), name, pathSegment(name));
  if (name !== '' && selector) faults.push(forbiddenField(child(at, 'name'), 'name and selector are mutually exclusive'));
  if (selector) labelSelector(faults, child(at, 'selector'), selector);
  if (name !== '' && selector) faults.push(forbiddenField(child(at, 'selector'), 'name and selector are mutually exclusive'));
  if (name === '' && !selector) faults.push(required(at, 'one of name or selector must be specified'));
  const action = text(ref, 'parameterNotFoundAction');
  if (action === '') faults.push(required(child(at, 'parameterNotFoundAction')));
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
