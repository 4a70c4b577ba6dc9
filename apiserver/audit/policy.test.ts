import { describe, expect, test } from 'vitest';
import { type AuditedRequest, auditPolicy, DEFAULT_POLICY } from './policy.ts';

const policy = (...rules: object[]) => auditPolicy({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules });
const resource = (plural: string, more: object = {}): AuditedRequest => ({
  verb: 'get',
  user: { username: 'jane', groups: ['dev'] },
  path: '/',
  resource: { group: '', plural, subresource: '', namespace: 'default', name: 'n', ...more },
});
const path = (text: string): AuditedRequest => ({ verb: 'get', user: { username: 'jane', groups: ['dev'] }, path: text });

describe('rules', () => {
  test('the first that fits decides, and without one nothing is logged', () => {
    const p = policy({ level: 'None', users: ['jane'], verbs: ['watch'] }, { level: 'Request', userGroups: ['dev'], verbs: ['get'] });
    expect(p.verdict({ ...resource('pods'), verb: 'watch' }).level).toBe('None');
    expect(p.verdict(resource('pods')).level).toBe('Request');
    expect(p.verdict({ ...resource('pods'), verb: 'list' }).level).toBe('None');
    expect(p.verdict({ verb: 'get', path: '/' }).level).toBe('None');
  });

  test('resources are named by group, name, subresource and wildcard', () => {
    const of = (group: string, resources: string[], more: object = {}) =>
      policy({ level: 'Metadata', resources: [{ group, resources, ...more }] });
    const logs = (p: ReturnType<typeof policy>, r: AuditedRequest): boolean => p.verdict(r).level !== 'None';
    expect(logs(of('', ['pods']), resource('pods'))).toBe(true);
    expect(logs(of('', ['pods']), resource('pods', { subresource: 'status' }))).toBe(false);
    expect(logs(of('', ['pods/status']), resource('pods', { subresource: 'status' }))).toBe(true);
    expect(logs(of('', ['*/status']), resource('pods', { subresource: 'status' }))).toBe(true);
    expect(logs(of('', ['pods/*']), resource('pods', { subresource: 'log' }))).toBe(true);
    expect(logs(of('apps', ['*']), resource('pods'))).toBe(false);
    expect(logs(of('', [], {}), resource('anything'))).toBe(true);
    expect(logs(of('', ['pods'], { resourceNames: ['other'] }), resource('pods'))).toBe(false);
    expect(logs(policy({ level: 'Metadata', namespaces: ['kube-system'] }), resource('pods'))).toBe(false);
  });

  test('paths are whole or begin with what stands before the star', () => {
    const p = policy({ level: 'Metadata', nonResourceURLs: ['/healthz', '/openapi/*'] });
    expect(['/healthz', '/healthz/etcd', '/openapi/v3'].map(text => p.verdict(path(text)).level)).toEqual(['Metadata', 'None', 'Metadata']);
    expect(p.verdict(resource('pods')).level).toBe('None');
  });

  test('stages and managed fields are left out as the policy and its rules say together', () => {
    const p = auditPolicy({
      apiVersion: 'audit.k8s.io/v1',
      kind: 'Policy',
      omitStages: ['RequestReceived'],
      omitManagedFields: true,
      rules: [
        { level: 'Metadata', verbs: ['get'], omitStages: ['Panic'] },
        { level: 'Request', omitManagedFields: false },
      ],
    });
    expect(p.verdict(resource('pods'))).toEqual({ level: 'Metadata', omitStages: ['RequestReceived', 'Panic'], omitManagedFields: true });
    expect(p.verdict({ ...resource('pods'), verb: 'update' }).omitManagedFields).toBe(false);
  });
});

test.each([
  [{ kind: 'Other' }, /kind: Policy/],
  [{ apiVersion: 'audit.k8s.io/v1', kind: 'Policy' }, /rules/],
  [{ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules: [{ level: 'All' }] }, /rules\[0\]\.level/],
  [{ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules: [{ level: 'None', omitStages: ['x'] }] }, /rules\[0\]\.omitStages/],
  [{ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules: [{ level: 'None', namespaces: ['a'], nonResourceURLs: ['/x'] }] }, /not both/],
  [{ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules: [{ level: 'None', nonResourceURLs: ['/x*y'] }] }, /wildcard/],
])('a policy that says nothing clear is refused: %j', (source, message) => expect(() => auditPolicy(source)).toThrow(message));

test('the preset never logs bodies, and leaves out reads of our own components', () => {
  expect(DEFAULT_POLICY.verdict(resource('secrets')).level).toBe('Metadata');
  const own = { ...resource('pods'), user: { username: 'system:karmada:x', groups: ['system:karmada:components'] } };
  expect(DEFAULT_POLICY.verdict(own).level).toBe('None');
  expect(DEFAULT_POLICY.verdict({ ...own, verb: 'update' }).level).toBe('Metadata');
  expect(DEFAULT_POLICY.verdict(path('/readyz/x')).level).toBe('None');
});
