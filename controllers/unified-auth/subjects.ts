// Who may use the proxy of a cluster, and the rules that let the control plane act as them there (specification §8.2).
import { type AnyObject, at, isObject, listOf, stringOf } from '../../kube/index.ts';

export interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly apiGroup?: string;
}

export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
}

const texts = (value: unknown): string[] => listOf(value).map(stringOf);
const includesOrAll = (list: readonly string[], word: string): boolean => list.includes('*') || list.includes(word);

/** Whether a ClusterRole opens the proxy of that cluster, or of all clusters at once. */
export function grantsProxy(role: AnyObject, cluster: string): boolean {
  return listOf(role['rules']).some(rule => {
    const groups = texts(at(rule, 'apiGroups'));
    const resources = texts(at(rule, 'resources'));
    const names = texts(at(rule, 'resourceNames'));
    if (includesOrAll(groups, 'cluster.karmada.io') && includesOrAll(resources, 'clusters/proxy'))
      if (names.length === 0 || names.includes(cluster)) return true;
    return includesOrAll(groups, 'search.karmada.io') && includesOrAll(resources, 'proxying/proxy');
  });
}

/** The subjects of every binding to a role that opens the proxy. */
export function proxySubjects(cluster: string, roles: readonly AnyObject[], bindings: readonly AnyObject[]): Subject[] {
  const granting = new Set(roles.filter(role => grantsProxy(role, cluster)).map(role => role.metadata.name));
  return bindings
    .filter(binding => at(binding, 'roleRef', 'kind') === 'ClusterRole' && granting.has(stringOf(at(binding, 'roleRef', 'name'))))
    .flatMap(binding => listOf(binding['subjects']).filter(isObject) as unknown as Subject[]);
}

const RESOURCES = [
  ['User', 'users'],
  ['ServiceAccount', 'serviceaccounts'],
  ['Group', 'groups'],
] as const;

/** One rule for each kind of subject there is. */
export function impersonationRules(subjects: readonly Subject[]): PolicyRule[] {
  return RESOURCES.flatMap(([kind, resource]) => {
    const names = [...new Set(subjects.filter(subject => subject.kind === kind).map(subject => subject.name))].sort();
    return names.length > 0 ? [{ verbs: ['impersonate'], apiGroups: [''], resources: [resource], resourceNames: names }] : [];
  });
}
