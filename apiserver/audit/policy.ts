// The audit policy (audit.k8s.io/v1 Policy): which requests are logged, and how much of them. The first rule that fits decides;
// a request that no rule is about is not logged.
import { isObject, listOf, stringOf } from '../../kube/index.ts';
import { COMPONENTS_GROUP } from '../auth/user.ts';

const LEVELS = ['None', 'Metadata', 'Request', 'RequestResponse'] as const;
export type AuditLevel = (typeof LEVELS)[number];
const STAGES = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] as const;
export type Stage = (typeof STAGES)[number];

/** What a rule looks at. */
export interface AuditedRequest {
  readonly verb: string;
  /** Absent where nobody was authenticated. */
  readonly user?: { readonly username: string; readonly groups: readonly string[] };
  readonly path: string;
  readonly resource?: {
    readonly group: string;
    readonly plural: string;
    readonly subresource: string;
    readonly namespace: string;
    readonly name: string;
  };
}

interface ResourceRule {
  readonly group: string;
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
}

interface Rule {
  readonly level: AuditLevel;
  readonly users: readonly string[];
  readonly userGroups: readonly string[];
  readonly verbs: readonly string[];
  readonly resources: readonly ResourceRule[];
  readonly namespaces: readonly string[];
  readonly nonResourceURLs: readonly string[];
  readonly omitStages: readonly Stage[];
  readonly omitManagedFields: boolean;
}

/** How one request is logged. */
export interface Verdict {
  readonly level: AuditLevel;
  readonly omitStages: readonly Stage[];
  readonly omitManagedFields: boolean;
}

export interface AuditPolicy {
  verdict(r: AuditedRequest): Verdict;
}

const UNLOGGED: Verdict = { level: 'None', omitStages: [], omitManagedFields: false };

/** Reads a policy object; throws an Error that says which field is wrong. */
export function auditPolicy(source: unknown): AuditPolicy {
  if (!isObject(source) || source['kind'] !== 'Policy' || source['apiVersion'] !== 'audit.k8s.io/v1')
    throw new Error('an audit policy has apiVersion: audit.k8s.io/v1 and kind: Policy');
  if (!Array.isArray(source['rules']) || source['rules'].length === 0) throw new Error('rules: an audit policy needs at least one');
  const omitManagedFields = source['omitManagedFields'] === true;
  const omitStages = stagesOf(source['omitStages'], 'omitStages');
  const rules = source['rules'].map((rule, i) => ruleOf(rule, `rules[${i}]`, omitManagedFields));
  return {
    verdict(r) {
      const rule = rules.find(candidate => fits(candidate, r));
      if (!rule) return UNLOGGED;
      return { level: rule.level, omitStages: [...omitStages, ...rule.omitStages], omitManagedFields: rule.omitManagedFields };
    },
  };
}

function ruleOf(source: unknown, path: string, omitManagedFields: boolean): Rule {
  if (!isObject(source)) throw new Error(`${path}: a rule is an object`);
  const level = LEVELS.find(l => l === source['level']);
  if (!level) throw new Error(`${path}.level: must be one of ${LEVELS.join(', ')}`);
  const resources = listOf(source['resources']).filter(isObject);
  const paths = texts(source['nonResourceURLs']);
  if (paths.length > 0 && (resources.length > 0 || texts(source['namespaces']).length > 0))
    throw new Error(`${path}.nonResourceURLs: a rule is about resources or about other paths, not both`);
  for (const p of paths)
    if (p !== '*' && (!p.startsWith('/') || p.slice(0, -1).includes('*')))
      throw new Error(`${path}.nonResourceURLs: ${p}: only a last * is a wildcard`);
  return {
    level,
    users: texts(source['users']),
    userGroups: texts(source['userGroups']),
    verbs: texts(source['verbs']),
    resources: resources.map(r => ({
      group: stringOf(r['group']),
      resources: texts(r['resources']),
      resourceNames: texts(r['resourceNames']),
    })),
    namespaces: texts(source['namespaces']),
    nonResourceURLs: paths,
    omitStages: stagesOf(source['omitStages'], `${path}.omitStages`),
    omitManagedFields: typeof source['omitManagedFields'] === 'boolean' ? source['omitManagedFields'] : omitManagedFields,
  };
}

const texts = (list: unknown): string[] => listOf(list).map(stringOf);

function stagesOf(list: unknown, path: string): Stage[] {
  return texts(list).map(text => {
    const stage = STAGES.find(s => s === text);
    if (!stage) throw new Error(`${path}: ${text} is none of ${STAGES.join(', ')}`);
    return stage;
  });
}

function fits(rule: Rule, r: AuditedRequest): boolean {
  if (rule.users.length > 0 && !rule.users.includes(r.user?.username ?? '\0')) return false;
  if (rule.userGroups.length > 0 && !r.user?.groups.some(g => rule.userGroups.includes(g))) return false;
  if (rule.verbs.length > 0 && !rule.verbs.includes(r.verb)) return false;
  if (rule.namespaces.length > 0 || rule.resources.length > 0) return fitsResource(rule, r);
  if (rule.nonResourceURLs.length === 0) return true;
  return !r.resource && rule.nonResourceURLs.some(p => p === r.path || (p.endsWith('*') && r.path.startsWith(p.slice(0, -1))));
}

function fitsResource(rule: Rule, { resource }: AuditedRequest): boolean {
  if (!resource) return false;
  if (rule.namespaces.length > 0 && !rule.namespaces.includes(resource.namespace)) return false;
  if (rule.resources.length === 0) return true;
  const whole = resource.subresource ? `${resource.plural}/${resource.subresource}` : resource.plural;
  const named = (pattern: string): boolean =>
    pattern === '*' ||
    pattern === whole ||
    (pattern.startsWith('*/') && pattern.slice(2) === resource.subresource) ||
    (pattern.endsWith('/*') && pattern.slice(0, -2) === resource.plural);
  return rule.resources.some(
    r =>
      r.group === resource.group &&
      (r.resources.length === 0 || ((r.resourceNames.length === 0 || r.resourceNames.includes(resource.name)) && r.resources.some(named))),
  );
}

/** Without a policy of the user's: who did what, without bodies, and not the reads of our own components. */
export const DEFAULT_POLICY = auditPolicy({
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    { level: 'None', userGroups: [COMPONENTS_GROUP], verbs: ['get', 'list', 'watch'] },
    { level: 'None', nonResourceURLs: ['/healthz*', '/livez*', '/readyz*', '/version', '/metrics', '/openapi/*'] },
    { level: 'Metadata' },
  ],
});
