// RBAC: what a user may is the union of the rules of all roles bound to them (specification §6). system:masters may everything.
//
// Bindings are indexed by subject; the index is made anew after a change of any role or binding, when next asked.
import { isObject, listOf, objectOf, stringOf } from '../../kube/index.ts';
import type { Collection } from '../cache/index.ts';
import type { AuthorizationAttributes, Authorizer, Decision } from './contract.ts';
import { covers, type PolicyRule, rulesIn } from './policy-rule.ts';
import { SUPERUSERS, type UserInfo } from './user.ts';

interface Grant {
  /** Place of the binding among all: those of the cluster come first. */
  readonly order: number;
  /** '' = everywhere. */
  readonly namespace: string;
  readonly rules: readonly PolicyRule[];
  readonly reason: string;
  /** Set where the role does not exist. */
  readonly fault?: string;
}

export interface RbacSources {
  readonly roles: Collection;
  readonly roleBindings: Collection;
  readonly clusterRoles: Collection;
  readonly clusterRoleBindings: Collection;
}

export interface RoleRef {
  readonly kind: string;
  readonly name: string;
}

const EVERYWHERE = { namespace: '', accept: () => true };

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
    const grants = this.#grantsOf(a.user, a.resource?.namespace ?? '');
    const found = grants.find(grant => (a.resource || grant.namespace === '') && grant.rules.some(rule => covers(rule, a)));
    if (found) return { allowed: true, reason: found.reason };
    const faults = [...new Set(grants.flatMap(g => g.fault ?? []))];
    if (faults.length === 0) return { allowed: false, reason: '' };
    return { allowed: false, reason: `RBAC: ${faults.length === 1 ? faults[0] : `[${faults.join(', ')}]`}` };
  }

  /** Every rule the user has in a namespace ('' = only what holds everywhere), binding by binding. */
  rulesFor(user: UserInfo, namespace: string): readonly PolicyRule[] {
    return this.#grantsOf(user, namespace).flatMap(g => g.rules);
  }

  /** The rules of a role; undefined where it does not exist. */
  rulesOf(roleRef: RoleRef, namespace: string): readonly PolicyRule[] | undefined {
    const found =
      roleRef.kind === 'ClusterRole' ? this.#sources.clusterRoles.get('', roleRef.name) : this.#sources.roles.get(namespace, roleRef.name);
    return found && rulesIn(found.object);
  }

  #grantsOf(user: UserInfo, namespace: string): Grant[] {
    this.#grants ??= this.#index();
    const byOrder = new Map<number, Grant>();
    for (const key of subjectKeys(user)) {
      for (const grant of this.#grants.get(key) ?? [])
        if (grant.namespace === '' || grant.namespace === namespace) byOrder.set(grant.order, byOrder.get(grant.order) ?? grant);
    }
    return [...byOrder.values()].sort((a, b) => a.order - b.order);
  }

  #index(): Map<string, Grant[]> {
    const grants = new Map<string, Grant[]>();
    const { clusterRoleBindings, roleBindings } = this.#sources;
    const bindings = [...clusterRoleBindings.list(EVERYWHERE).entries, ...roleBindings.list(EVERYWHERE).entries];
    bindings.forEach(({ object, namespace, name }, order) => {
      const ref = objectOf(object['roleRef']);
      const roleRef = { kind: stringOf(ref['kind']), name: stringOf(ref['name']) };
      const rules = this.rulesOf(roleRef, namespace);
      const why = `RBAC: allowed by ${object.kind} "${namespace ? `${name}/${namespace}` : name}" of ${roleRef.kind} "${roleRef.name}" to `;
      for (const subject of listOf(object['subjects']).filter(isObject)) {
        const key = subjectKey(subject, namespace);
        const list = grants.get(key) ?? [];
        list.push({
          order,
          namespace,
          rules: rules ?? [],
          reason: `${why}${stringOf(subject['kind'])} "${subjectText(subject)}"`,
          ...(rules ? {} : { fault: `${roleRef.kind.toLowerCase()}.rbac.authorization.k8s.io "${roleRef.name}" not found` }),
        });
        grants.set(key, list);
      }
    });
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
