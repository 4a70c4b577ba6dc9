// What webhooks and policies share: rules, match conditions and the faults of expressions.
import { qualifiedName } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import { compilePolicy } from '../cel/policy.ts';
import { child, duplicate, index, invalidValue, oneOf, required, texts, tooMany } from './checks.ts';
import { type Faults, has, items, mutable, type Obj, preset, strings, text } from './read.ts';

const SCOPES = ['*', 'Cluster', 'Namespaced'];
const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
export const POLICIES = ['Fail', 'Ignore'];
export const MATCH = ['Equivalent', 'Exact'];

/** Rules name every scope where they name none. */
export function ruleDefaults(holder: MutableObject, ...lists: readonly string[]): void {
  for (const list of lists) for (const rule of mutable(holder, list)) preset(rule, 'scope', '*');
}

/** rules[] of webhooks and policies. */
export function rule(faults: Faults, at: string, r: Obj, policy: boolean): void {
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
    if (r === '') faults.push(required(index(at, i)));
    const slash = r.indexOf('/');
    if (slash < 0) return;
    const [resource, sub] = [r.slice(0, slash), r.slice(slash + 1)];
    if (whole.has(resource)) faults.push(invalidValue(index(at, i), r, `if '${resource}/*' is present, must not specify ${r}`));
    if (subresources.has(sub)) faults.push(invalidValue(index(at, i), r, `if '*/${sub}' is present, must not specify ${r}`));
    if (sub === '*') whole.add(resource);
    if (resource === '*') subresources.add(sub);
  });
  if (list.length > 1 && list.includes('*/*')) faults.push(invalidValue(at, list, "if '*/*' is present, must not specify other resources"));
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

/** Adds the fault of the expression at a path; what is empty is told elsewhere. */
export type Expressions = (faults: Faults, path: string) => void;

/** What is wrong with the expressions of a policy, by their paths. */
export function expressionsOf(policy: Obj): Expressions {
  const found = new Map(compilePolicy(policy).errors.map(e => [e.field, e]));
  return (faults, path) => {
    const fault = found.get(path);
    if (fault) faults.push(fault);
  };
}

/** The same for the match conditions of a webhook. */
export function conditionsOf(webhook: Obj, at: string): Expressions {
  if (items(webhook, 'matchConditions').length === 0) return () => undefined;
  const { errors } = compilePolicy({ spec: { matchConditions: webhook['matchConditions'] } });
  const found = new Map(errors.map(e => [e.field.replace(/^spec/, at), e]));
  return (faults, path) => {
    const fault = found.get(path);
    if (fault) faults.push({ ...fault, field: path, text: `${path}: ${fault.body}` });
  };
}

/** matchConditions[] of webhooks and policies. */
export function matchConditions(faults: Faults, at: string, holder: Obj, expressions: Expressions): void {
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

/** What all kinds of the group have in common. */
export const REGISTRATION = { scope: 'Cluster', tracksGeneration: true, unconditionalUpdate: false, anyFinalizer: true } as const;
