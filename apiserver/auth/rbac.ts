// RBAC: what a user may is the union of the rules of all roles bound to them (specification §6). system:masters may everything.
//
// Bindings are indexed by subject; the index is made anew after a change of any role or binding, when next asked.
import { type AnyObject, isObject, listOf, objectOf, stringOf } from '../../kube/index.ts';
import type { Collection } from '../cache/index.ts';
import type { AuthorizationAttributes, Authorizer, Decision } from './contract.ts';
import { SUPERUSERS, type UserInfo } from './user.ts';

export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
  readonly nonResourceURLs: readonly string[];
}

interface Grant {
  /** '' = everywhere. */
  readonly namespace: string;
  readonly rules: readonly PolicyRule[];
  readonly reason: string;
}

export interface RbacSources {
  readonly roles: Collection;
  readonly roleBindings: Collection;
  readonly clusterRoles: Collection;
  readonly clusterRoleBindings: Collection;
}

export class RbacAuthorizer implements Authorizer {
  readonly #sources: RbacSources;
  #grants: Map<string, Grant[]> | undefined;

  constructor(sources: RbacSources) {
    this.#sources = sources;
    for (const collection of Object.values(sources) as Collection[]) {
      collection.subscribe('', () => {
        this.#grants = undefined;
      });
    }
  }

  authorize(a: AuthorizationAttributes): Decision {
    if (a.user.groups.includes(SUPERUSERS)) return { allowed: true, reason: '' };
    for (const grant of this.grantsOf(a.user)) {
      if (grant.namespace && grant.namespace !== a.resource?.namespace) continue;
      if (grant.rules.some(rule => covers(rule, a))) return { allowed: true, reason: grant.reason };
    }
    return { allowed: false, reason: '' };
  }

  /** Everything bound to the user, in the order of the bindings. */
  grantsOf(user: UserInfo): readonly Grant[] {
    this.#grants ??= this.#index();
    return subjectKeys(user).flatMap(key => this.#grants?.get(key) ?? []);
  }

  /** The rules of a role; undefined where it does not exist. */
  rulesOf(roleRef: { readonly kind: string; readonly name: string }, namespace: string): readonly PolicyRule[] | undefined {
    const found =
      roleRef.kind === 'ClusterRole' ? this.#sources.clusterRoles.get('', roleRef.name) : this.#sources.roles.get(namespace, roleRef.name);
    return found && rulesIn(found.object);
  }

  #index(): Map<string, Grant[]> {
    const grants = new Map<string, Grant[]>();
    const all = { namespace: '', accept: () => true };
    for (const entry of [...this.#sources.clusterRoleBindings.list(all).entries, ...this.#sources.roleBindings.list(all).entries]) {
      const { object, namespace } = entry;
      const ref = objectOf(object['roleRef']);
      const roleRef = { kind: stringOf(ref['kind']), name: stringOf(ref['name']) };
      const rules = this.rulesOf(roleRef, namespace);
      if (!rules) continue;
      const reason = `RBAC: allowed by ${object.kind} "${namespace ? `${entry.name}/${namespace}` : entry.name}" of ${roleRef.kind} "${roleRef.name}" to `;
      for (const subject of listOf(object['subjects']).filter(isObject)) {
        const key = subjectKey(subject, namespace);
        const list = grants.get(key) ?? [];
        list.push({ namespace, rules, reason: `${reason}${stringOf(subject['kind'])} "${subjectText(subject)}"` });
        grants.set(key, list);
      }
    }
    return grants;
  }
}

const subjectText = (subject: Record<string, unknown>): string =>
  subject['kind'] === 'ServiceAccount' ? `${stringOf(subject['name'])}/${stringOf(subject['namespace'])}` : stringOf(subject['name']);

function subjectKey(subject: Record<string, unknown>, namespace: string): string {
  const name = stringOf(subject['name']);
  if (subject['kind'] === 'Group') return `group ${name}`;
  if (subject['kind'] === 'ServiceAccount') return `user system:serviceaccount:${stringOf(subject['namespace']) || namespace}:${name}`;
  return `user ${name}`;
}

const subjectKeys = (user: UserInfo): string[] => [`user ${user.username}`, ...user.groups.map(g => `group ${g}`)];

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
  if (!a.resource)
    return rule.nonResourceURLs.some(url => url === '*' || url === a.path || (url.endsWith('*') && a.path.startsWith(url.slice(0, -1))));
  const { group, plural, subresource, name } = a.resource;
  if (!rule.apiGroups.includes('*') && !rule.apiGroups.includes(group)) return false;
  const what = subresource ? `${plural}/${subresource}` : plural;
  const named = rule.resources.some(r => r === '*' || r === what || (subresource !== '' && r === `*/${subresource}`));
  return named && (rule.resourceNames.length === 0 || (name !== '' && rule.resourceNames.includes(name)));
}
