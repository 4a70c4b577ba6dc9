// Whether a request falls under the match rules of a policy or webhook: operations, groups, versions, resources, scope, names,
// and the labels of the object and its namespace.
import { type AnyObject, type LabelSelector, labelSelector, listOf, objectOf, stringOf } from '../../kube/index.ts';
import type { Attributes } from './plugin.ts';

type Raw = Readonly<Record<string, unknown>>;

/** `everything`: no rules at all match every resource, as in a binding. */
export function matchesConstraints(constraints: unknown, a: Attributes, namespace: AnyObject | undefined, everything = false): boolean {
  const c = objectOf(constraints);
  if (!matchesNamespace(c, a, namespace) || !matchesObject(c, a)) return false;
  if (listOf(c['excludeResourceRules']).some(r => matchesRule(objectOf(r), a))) return false;
  const rules = listOf(c['resourceRules']);
  return rules.length === 0 ? everything : rules.some(r => matchesRule(objectOf(r), a));
}

const selectorOf = (raw: unknown): ReturnType<typeof labelSelector> => labelSelector(objectOf(raw) as LabelSelector);

function matchesNamespace(c: Raw, a: Attributes, namespace: AnyObject | undefined): boolean {
  const selector = selectorOf(c['namespaceSelector']);
  if (selector.empty) return true;
  if (a.resource.group === '' && a.resource.plural === 'namespaces') return selector.matches(labelsOf(a.object ?? a.oldObject));
  if (!a.namespace) return true;
  return selector.matches(namespace?.metadata.labels ?? {});
}

function matchesObject(c: Raw, a: Attributes): boolean {
  const selector = selectorOf(c['objectSelector']);
  return selector.empty || [a.object, a.oldObject].some(o => o !== undefined && selector.matches(labelsOf(o)));
}

const labelsOf = (object: Raw | undefined): Record<string, string> =>
  objectOf(objectOf(object?.['metadata'])['labels']) as Record<string, string>;

/** One rule with operations, as policies and webhook configurations write it. */
export function matchesRule(rule: Raw, a: Attributes): boolean {
  const has = (key: string, value: string): boolean => listOf(rule[key]).some(v => v === '*' || v === value);
  if (!has('operations', a.operation) || !has('apiGroups', a.resource.group) || !has('apiVersions', a.resource.version)) return false;
  const scope = stringOf(rule['scope']) || '*';
  if (scope !== '*' && scope !== (a.namespace && a.resource.plural !== 'namespaces' ? 'Namespaced' : 'Cluster')) return false;
  const names = listOf(rule['resourceNames']);
  if (names.length > 0 && !names.includes(a.name)) return false;
  return listOf(rule['resources']).some(r => matchesResource(stringOf(r), a));
}

function matchesResource(pattern: string, a: Attributes): boolean {
  const [plural = '', subresource = ''] = pattern.split('/');
  const same = plural === '*' || plural === a.resource.plural;
  return same && (subresource === a.subresource || (subresource === '*' && pattern.includes('/')));
}
