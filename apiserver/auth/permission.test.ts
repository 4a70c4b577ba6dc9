import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AnyObject, at, type Client, type Resource, resource } from '../../kube/index.ts';
import { type MemoryServer, memoryServer, refusal } from '../memory-server.ts';

const GROUP = 'rbac.authorization.k8s.io';
const kind = (group: string, name: string, plural: string, scope: 'Namespaced' | 'Cluster'): Resource<AnyObject> =>
  resource({ group, version: 'v1', kind: name, plural, scope });
const ROLES = kind(GROUP, 'Role', 'roles', 'Namespaced');
const BINDINGS = kind(GROUP, 'RoleBinding', 'rolebindings', 'Namespaced');
const CLUSTER_ROLES = kind(GROUP, 'ClusterRole', 'clusterroles', 'Cluster');
const CLUSTER_BINDINGS = kind(GROUP, 'ClusterRoleBinding', 'clusterrolebindings', 'Cluster');
const CONFIG_MAPS = kind('', 'ConfigMap', 'configmaps', 'Namespaced');
const ACCESS = kind('authorization.k8s.io', 'SubjectAccessReview', 'subjectaccessreviews', 'Cluster');
const OWN_RULES = kind('authorization.k8s.io', 'SelfSubjectRulesReview', 'selfsubjectrulesreviews', 'Cluster');

let plane: MemoryServer;
let admin: Client;
beforeAll(async () => {
  plane = await memoryServer();
  admin = plane.client;
});
afterAll(() => plane.close());

const rule = (resources: string[], verbs: string[], more: object = {}) => ({ apiGroups: [''], resources, verbs, ...more });

/** A ClusterRole bound to a user of the same name. */
async function granted(name: string, ...rules: object[]): Promise<void> {
  await admin.create(CLUSTER_ROLES, { apiVersion: `${GROUP}/v1`, kind: 'ClusterRole', metadata: { name }, rules } as unknown as AnyObject);
  const subjects = [{ kind: 'User', apiGroup: GROUP, name }];
  const roleRef = { kind: 'ClusterRole', apiGroup: GROUP, name };
  await admin.create(CLUSTER_BINDINGS, {
    apiVersion: `${GROUP}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef,
    subjects,
  } as unknown as AnyObject);
}

interface Action {
  readonly verb: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly name?: string;
  readonly namespace?: string;
}

async function may(user: string, what: Action | string): Promise<boolean> {
  const asked = typeof what === 'string' ? { nonResourceAttributes: { verb: 'get', path: what } } : { resourceAttributes: what };
  const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', metadata: {}, spec: { user, ...asked } };
  return at(await admin.create(ACCESS, review as unknown as AnyObject), 'status', 'allowed') === true;
}

describe('rules', () => {
  test('fit verb, resource and name; creation and lists have no name that could fit', async () => {
    await granted('named', rule(['configmaps'], ['get', 'list', 'create', 'update'], { resourceNames: ['a'] }));
    expect(await may('named', { verb: 'get', resource: 'configmaps', name: 'a' })).toBe(true);
    expect(await may('named', { verb: 'get', resource: 'configmaps', name: 'b' })).toBe(false);
    expect(await may('named', { verb: 'delete', resource: 'configmaps', name: 'a' })).toBe(false);
    expect(await may('named', { verb: 'list', resource: 'configmaps' })).toBe(false);
    expect(await may('named', { verb: 'create', resource: 'configmaps' })).toBe(false);
  });

  test('wildcards stand for all resources, all subresources, and one subresource of all', async () => {
    await granted('scaler', rule(['*/scale'], ['get']));
    await granted('all', rule(['*'], ['get']));
    expect(await may('scaler', { verb: 'get', resource: 'deployments', subresource: 'scale' })).toBe(true);
    expect(await may('scaler', { verb: 'get', resource: 'deployments' })).toBe(false);
    expect(await may('all', { verb: 'get', resource: 'pods', subresource: 'log' })).toBe(true);
    expect(await may('all', { verb: 'watch', resource: 'pods' })).toBe(false);
  });

  test('paths fit whole or up to the star', async () => {
    await granted('paths', { nonResourceURLs: ['/debug/*', '/one'], verbs: ['get'] });
    expect(await Promise.all(['/debug/x', '/one', '/one/two', '/debug'].map(path => may('paths', path)))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  test('a binding of a namespace gives in it only, also what a ClusterRole says', async () => {
    const binding = {
      apiVersion: `${GROUP}/v1`,
      kind: 'RoleBinding',
      metadata: { namespace: 'default', name: 'local' },
      roleRef: { kind: 'ClusterRole', apiGroup: GROUP, name: 'view' },
      subjects: [{ kind: 'Group', apiGroup: GROUP, name: 'locals' }],
    };
    await admin.create(BINDINGS, binding as unknown as AnyObject);
    const local = plane.as('jane', 'locals');
    expect(await refusal(local.list(CONFIG_MAPS, { namespace: 'default' }))).toBeUndefined();
    expect(await refusal(local.list(CONFIG_MAPS, { namespace: 'kube-system' }))).toBe(
      'configmaps is forbidden: User "jane" cannot list resource "configmaps" in API group "" in the namespace "kube-system"',
    );
    expect(await refusal(local.list(CONFIG_MAPS))).toContain('at the cluster scope');
  });

  test('a change of roles counts at once', async () => {
    expect(await may('late', { verb: 'get', resource: 'secrets' })).toBe(false);
    await granted('late', rule(['secrets'], ['get']));
    expect(await may('late', { verb: 'get', resource: 'secrets' })).toBe(true);
    await admin.delete(CLUSTER_BINDINGS, { name: 'late' });
    expect(await may('late', { verb: 'get', resource: 'secrets' })).toBe(false);
  });
});

describe('nobody gives more than they have', () => {
  const role = (name: string, ...rules: object[]): AnyObject =>
    ({ apiVersion: `${GROUP}/v1`, kind: 'Role', metadata: { namespace: 'default', name }, rules }) as unknown as AnyObject;
  const binding = (name: string, to: string): AnyObject =>
    ({
      apiVersion: `${GROUP}/v1`,
      kind: 'RoleBinding',
      metadata: { namespace: 'default', name },
      roleRef: { kind: 'Role', apiGroup: GROUP, name: to },
      subjects: [{ kind: 'User', apiGroup: GROUP, name: 'x' }],
    }) as unknown as AnyObject;
  const rbac = (verbs: string[]) => ({ apiGroups: [GROUP], resources: ['roles', 'rolebindings'], verbs });

  test('writing a role needs its permissions, or escalate', async () => {
    await granted('writer', rbac(['create', 'update']), rule(['configmaps'], ['get']));
    await granted('escalator', rbac(['create', 'escalate']));
    expect(await refusal(plane.as('writer').create(ROLES, role('small', rule(['configmaps'], ['get']))))).toBeUndefined();
    expect(await refusal(plane.as('writer').create(ROLES, role('big', rule(['secrets'], ['get']))))).toContain(
      'is attempting to grant RBAC permissions not currently held',
    );
    expect(await refusal(plane.as('escalator').create(ROLES, role('big', rule(['secrets'], ['get']))))).toBeUndefined();
  });

  test('writing a binding needs the permissions of its role, or bind', async () => {
    await admin.create(ROLES, role('readers', rule(['pods'], ['get'])));
    await granted('binder', rbac(['create']), { apiGroups: [GROUP], resources: ['roles'], verbs: ['bind'], resourceNames: ['readers'] });
    await granted('poor', rbac(['create']));
    expect(await refusal(plane.as('poor').create(BINDINGS, binding('a', 'readers')))).toContain('not currently held');
    expect(await refusal(plane.as('binder').create(BINDINGS, binding('b', 'readers')))).toBeUndefined();
  });
});

test('a review of one’s own rules lists what a namespace gives and what every user has', async () => {
  await granted('lister', rule(['pods'], ['get'], { resourceNames: ['p'] }));
  const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', metadata: {}, spec: { namespace: 'default' } };
  const answer = await plane.as('lister').create(OWN_RULES, review as unknown as AnyObject);
  expect(at(answer, 'status', 'resourceRules')).toContainEqual({
    verbs: ['get'],
    apiGroups: [''],
    resources: ['pods'],
    resourceNames: ['p'],
  });
  expect(JSON.stringify(at(answer, 'status', 'nonResourceRules'))).toContain('/version');
});
