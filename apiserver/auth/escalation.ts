// Nobody gives more than they have: who writes a role needs all its permissions, or `escalate` on it; who writes a binding needs
// all permissions of its role, or `bind` on it (specification §6). Runs after mutation and before validation.
import { type AnyObject, equal, forbidden, notFound, objectOf, stringOf } from '../../kube/index.ts';
import type { AdmissionPlugin, Attributes } from '../admission/plugin.ts';
import type { AuthorizationAttributes, Authorizer } from './contract.ts';
import { notCovered, type PolicyRule, rulesIn, ruleText } from './policy-rule.ts';
import type { RbacAuthorizer } from './rbac.ts';
import { SUPERUSERS } from './user.ts';

const GROUP = 'rbac.authorization.k8s.io';

export interface EscalationOptions {
  /** Where rules of users and roles are known. */
  readonly rbac: RbacAuthorizer;
  /** Who decides on `escalate` and `bind`. */
  readonly authorizer: Authorizer;
}

export function escalationCheck(o: EscalationOptions): AdmissionPlugin {
  return {
    name: 'EscalationCheck',
    async mutate(a) {
      if (a.resource.group !== GROUP || a.operation === 'DELETE' || !a.object || a.user.groups.includes(SUPERUSERS)) return;
      if (onlyOwnershipChanges(a)) return;
      if (a.resource.plural === 'roles' || a.resource.plural === 'clusterroles') return checkRole(o, a);
      return checkBinding(o, a);
    },
  };
}

/** The garbage collector may edit references and finalizers of what it could not make. */
function onlyOwnershipChanges(a: Attributes): boolean {
  if (!a.oldObject) return false;
  const bare = (object: Readonly<Record<string, unknown>> | undefined): unknown => {
    const { ownerReferences: _o, finalizers: _f, managedFields: _m, resourceVersion: _r, ...meta } = objectOf(object?.['metadata']);
    return { ...object, metadata: meta };
  };
  return equal(bare(a.object), bare(a.oldObject));
}

async function checkRole(o: EscalationOptions, a: Attributes): Promise<void> {
  const rules = rulesIn(a.object as AnyObject);
  if (
    a.oldObject &&
    equal(a.object?.['rules'], a.oldObject['rules']) &&
    equal(a.object?.['aggregationRule'], a.oldObject['aggregationRule'])
  )
    return;
  if (await may(o, a, { verb: 'escalate', plural: a.resource.plural, name: a.name })) return;
  // Whoever makes a role collect others' rules may end up with any of them.
  const collected: PolicyRule[] = a.object?.['aggregationRule'] ? EVERYTHING : [];
  refuseMore(o, a, [...rules, ...collected]);
}

const EVERYTHING: PolicyRule[] = [
  { apiGroups: ['*'], resources: ['*'], verbs: ['*'], resourceNames: [], nonResourceURLs: [] },
  { apiGroups: [], resources: [], verbs: ['*'], resourceNames: [], nonResourceURLs: ['*'] },
];

async function checkBinding(o: EscalationOptions, a: Attributes): Promise<void> {
  const ref = objectOf(a.object?.['roleRef']);
  const roleRef = { kind: stringOf(ref['kind']), name: stringOf(ref['name']) };
  const plural = roleRef.kind === 'ClusterRole' ? 'clusterroles' : 'roles';
  if (await may(o, a, { verb: 'bind', plural, name: roleRef.name })) return;
  const rules = o.rbac.rulesOf(roleRef, a.namespace);
  if (!rules) throw notFound({ group: GROUP, plural: a.resource.plural, name: roleRef.name });
  refuseMore(o, a, rules);
}

async function may(o: EscalationOptions, a: Attributes, x: { verb: string; plural: string; name: string }): Promise<boolean> {
  const asked: AuthorizationAttributes = {
    user: a.user,
    verb: x.verb,
    resource: { group: GROUP, version: 'v1', plural: x.plural, subresource: '', namespace: a.namespace, name: x.name },
    path: '',
  };
  return (await o.authorizer.authorize(asked)).allowed;
}

function refuseMore(o: EscalationOptions, a: Attributes, wanted: readonly PolicyRule[]): void {
  const missing = notCovered(o.rbac.rulesFor(a.user, a.namespace), wanted);
  if (missing.length === 0) return;
  const groups = `[${a.user.groups.map(g => JSON.stringify(g)).join(' ')}]`;
  throw forbidden(
    { group: GROUP, plural: a.resource.plural, name: a.name },
    `user ${JSON.stringify(a.user.username)} (groups=${groups}) is attempting to grant RBAC permissions not currently held:\n${missing.map(ruleText).join('\n')}`,
  );
}
