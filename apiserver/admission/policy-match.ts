// Whether a request falls under the match rules of a policy or webhook: operations, groups, versions, resources, scope, names,
// and the labels of the object and its namespace.
import { type AnyObject, type LabelSelector, labelSelector, listOf, objectOf, type Resource, stringOf } from '../../kube/index.ts';
import type { Attributes } from './plugin.ts';

type Raw = Readonly<Record<string, unknown>>;

export interface MatchContext {
  /** The namespace the request is in, where there is one. */
  readonly namespace: AnyObject | undefined;
  /** What else is served of the same objects. */
  readonly equivalents: (resource: Resource) => readonly Resource[];
}

/** The resource under which the constraints of a policy take the request, undefined where they do not. */
export function matchesConstraints(constraints: unknown, a: Attributes, m: MatchContext): Resource | undefined {
  const c = objectOf(constraints);
  if (!matchesSelectors(c, a, m.namespace)) return undefined;
  if (matchingResource(c['excludeResourceRules'], c['matchPolicy'], a, m)) return undefined;
  return matchingResource(c['resourceRules'], c['matchPolicy'], a, m);
}

/** The same for the narrower match of a binding, where no rules at all mean everything. */
export function matchesNarrower(constraints: unknown, a: Attributes, m: MatchContext): boolean {
  if (constraints === undefined) return true;
  const c = objectOf(constraints);
  if (listOf(c['resourceRules']).length > 0) return matchesConstraints(c, a, m) !== undefined;
  return matchesSelectors(c, a, m.namespace) && !matchingResource(c['excludeResourceRules'], c['matchPolicy'], a, m);
}

/** Namespace and object selectors of a webhook or policy. */
export function matchesSelectors(c: Raw, a: Attributes, namespace: AnyObject | undefined): boolean {
  return matchesNamespace(c, a, namespace) && matchesObject(c, a);
}

/** The resource that rules name: the request's own, else an equivalent one unless matches must be exact. */
export function matchingResource(
  rules: unknown,
  matchPolicy: unknown,
  a: Attributes,
  m: Pick<MatchContext, 'equivalents'>,
): Resource | undefined {
  const list = listOf(rules).map(objectOf);
  if (list.some(r => matchesRule(r, a))) return a.resource;
  if (matchPolicy === 'Exact' || list.length === 0) return undefined;
  return m.equivalents(a.resource).find(resource => list.some(r => matchesRule(r, { ...a, resource })));
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
function matchesRule(rule: Raw, a: Attributes): boolean {
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
