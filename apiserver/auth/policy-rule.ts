// Arithmetic of RBAC rules: whether a list of rules covers another one, and how rules read in messages.
//
// A rule is broken down into atoms, one a group, resource, name and verb; an atom is covered when one single rule covers it.
import { type AnyObject, isObject, listOf, stringOf } from '../../kube/index.ts';
import type { AuthorizationAttributes } from './contract.ts';

export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
  readonly nonResourceURLs: readonly string[];
}

/** The rules of a Role or ClusterRole. */
export function rulesIn(role: AnyObject): PolicyRule[] {
  const texts = (rule: Record<string, unknown>, key: string): string[] => listOf(rule[key]).map(stringOf);
  return listOf(role['rules'])
    .filter(isObject)
    .map(rule => ({
      verbs: texts(rule, 'verbs'),
      apiGroups: texts(rule, 'apiGroups'),
      resources: texts(rule, 'resources'),
      resourceNames: texts(rule, 'resourceNames'),
      nonResourceURLs: texts(rule, 'nonResourceURLs'),
    }));
}

/** Whether one rule allows the request. */
export function covers(rule: PolicyRule, a: Pick<AuthorizationAttributes, 'verb' | 'resource' | 'path'>): boolean {
  if (!rule.verbs.includes('*') && !rule.verbs.includes(a.verb)) return false;
  if (!a.resource) return coversUrl(rule, a.path);
  const { group, plural, subresource, name } = a.resource;
  if (!rule.apiGroups.includes('*') && !rule.apiGroups.includes(group)) return false;
  const named = coversResource(rule, subresource ? `${plural}/${subresource}` : plural);
  return named && (rule.resourceNames.length === 0 || (name !== '' && rule.resourceNames.includes(name)));
}

const coversUrl = (rule: PolicyRule, path: string): boolean =>
  rule.nonResourceURLs.some(url => url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.slice(0, -1))));

function coversResource(rule: PolicyRule, resource: string): boolean {
  const slash = resource.indexOf('/');
  return rule.resources.some(r => r === '*' || r === resource || (slash >= 0 && r === `*${resource.slice(slash)}`));
}

/** The atoms of `wanted` that no rule of `held` covers, put together again and in the order messages list them. */
export function notCovered(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  const missing = wanted.flatMap(breakdown).filter(atom => !held.some(rule => coversAtom(rule, atom)));
  return compact(missing).sort((a, b) => compare(ruleText(a), ruleText(b)));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function breakdown(rule: PolicyRule): PolicyRule[] {
  const empty = { apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: [] };
  const names = rule.resourceNames.length > 0 ? rule.resourceNames.map(n => [n]) : [[]];
  const resources = rule.apiGroups.flatMap(group =>
    rule.resources.flatMap(resource =>
      rule.verbs.flatMap(verb =>
        names.map(resourceNames => ({ ...empty, apiGroups: [group], resources: [resource], verbs: [verb], resourceNames })),
      ),
    ),
  );
  const urls = rule.nonResourceURLs.flatMap(url => rule.verbs.map(verb => ({ ...empty, nonResourceURLs: [url], verbs: [verb] })));
  return [...resources, ...urls];
}

function coversAtom(rule: PolicyRule, atom: PolicyRule): boolean {
  const has = (list: readonly string[], wanted: readonly string[]): boolean => list.includes('*') || wanted.every(w => list.includes(w));
  if (!has(rule.verbs, atom.verbs)) return false;
  const [url] = atom.nonResourceURLs;
  if (url !== undefined) return coversUrl(rule, url);
  if (!has(rule.apiGroups, atom.apiGroups) || !atom.resources.every(r => coversResource(rule, r))) return false;
  if (rule.resourceNames.length === 0) return true;
  return atom.resourceNames.length > 0 && atom.resourceNames.every(n => rule.resourceNames.includes(n));
}

/** One rule for all verbs of a group, resource and name. */
function compact(atoms: readonly PolicyRule[]): PolicyRule[] {
  const merged = new Map<string, PolicyRule>();
  atoms.forEach((atom, i) => {
    const key = atom.resources.length > 0 ? JSON.stringify([atom.apiGroups, atom.resources, atom.resourceNames]) : String(i);
    const known = merged.get(key);
    const verbs = known ? [...known.verbs, ...atom.verbs.filter(v => !known.verbs.includes(v))] : atom.verbs;
    merged.set(key, { ...atom, verbs });
  });
  return [...merged.values()];
}

/** `["a" "b"]`: how lists of texts read in messages. */
const quotedList = (list: readonly string[]): string => `[${list.map(t => JSON.stringify(t)).join(' ')}]`;

/** `{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}` */
export function ruleText(rule: PolicyRule): string {
  const parts: readonly [string, readonly string[]][] = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ];
  return `{${parts
    .filter(([, list]) => list.length > 0)
    .map(([name, list]) => `${name}:${quotedList(list)}`)
    .join(', ')}}`;
}
