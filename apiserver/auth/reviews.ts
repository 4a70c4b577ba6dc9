// Questions about identity and permission that are posted and answered, never stored (specification §5).
import { type AnyObject, badRequest, field, invalid, isObject, listOf, objectOf, stringOf, timestamp } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import type { Answering, RequestContext } from '../registry/index.ts';
import type { TokenAuthenticator } from './bearer.ts';
import type { AuthorizationAttributes, Authorizer } from './contract.ts';
import type { PolicyRule } from './policy-rule.ts';
import type { UserInfo } from './user.ts';

const AUTHENTICATION = 'authentication.k8s.io';
const AUTHORIZATION = 'authorization.k8s.io';

export interface ReviewOptions {
  readonly authorizer: Authorizer;
  /** Rules of a user in a namespace; without it (an authorizer of another kind) reviews of rules are incomplete. */
  readonly rulesFor?: ((user: UserInfo, namespace: string) => readonly PolicyRule[]) | undefined;
  readonly tokens: TokenAuthenticator;
  readonly audiences: readonly string[];
  readonly now: () => number;
}

/** The resources that `reviews` answers: plural to group. */
export const REVIEWS: ReadonlyMap<string, string> = new Map([
  ['selfsubjectreviews', AUTHENTICATION],
  ['tokenreviews', AUTHENTICATION],
  ['selfsubjectaccessreviews', AUTHORIZATION],
  ['subjectaccessreviews', AUTHORIZATION],
  ['localsubjectaccessreviews', AUTHORIZATION],
  ['selfsubjectrulesreviews', AUTHORIZATION],
]);

/** What answers a POST, by plural. */
export function reviews(o: ReviewOptions) {
  return {
    selfsubjectreviews: (c, r) => answered(r, { userInfo: userInfo(c.user) }, { creationTimestamp: timestamp(o.now()) }),
    tokenreviews: (_c, r) => reviewToken(o, r),
    selfsubjectaccessreviews: (c, r) => reviewAccess(o, 'SelfSubjectAccessReview', r, c.user),
    subjectaccessreviews: (_c, r) => reviewAccess(o, 'SubjectAccessReview', r, subjectOf(r)),
    localsubjectaccessreviews: (_c, r, namespace) => reviewLocalAccess(o, r, namespace),
    selfsubjectrulesreviews: (c, r) => reviewRules(o, c, r),
  } satisfies Record<string, Answering>;
}

function answered(review: MutableObject, status: object, meta: object = {}): AnyObject {
  return { ...review, metadata: { ...objectOf(review['metadata']), ...meta }, status } as unknown as AnyObject;
}

function userInfo(user: UserInfo): Record<string, unknown> {
  return {
    username: user.username,
    ...(user.uid ? { uid: user.uid } : {}),
    ...(user.groups.length > 0 ? { groups: [...user.groups] } : {}),
    ...(user.extra && Object.keys(user.extra).length > 0 ? { extra: user.extra } : {}),
  };
}

async function reviewToken(o: ReviewOptions, review: MutableObject): Promise<AnyObject> {
  const spec = objectOf(review['spec']);
  const token = stringOf(spec['token']);
  if (token === '') throw badRequest('token is required for TokenReview in authentication');
  const asked = listOf(spec['audiences']).map(stringOf);
  const found = await o.tokens.authenticateToken(token, asked.length > 0 ? asked : o.audiences);
  if (!found) return answered(review, { user: {}, error: 'invalid bearer token' });
  const { user } = found;
  const groups = user.groups.includes('system:authenticated') ? user.groups : [...user.groups, 'system:authenticated'];
  return answered(review, { authenticated: true, user: userInfo({ ...user, groups }), audiences: [...found.audiences] });
}

function subjectOf(review: MutableObject): UserInfo {
  const spec = objectOf(review['spec']);
  const extra = Object.entries(objectOf(spec['extra'])).map(([key, values]) => [key, listOf(values).map(stringOf)] as const);
  return {
    username: stringOf(spec['user']),
    ...(spec['uid'] ? { uid: stringOf(spec['uid']) } : {}),
    groups: listOf(spec['groups']).map(stringOf),
    ...(extra.length > 0 ? { extra: Object.fromEntries(extra) } : {}),
  };
}

async function reviewLocalAccess(o: ReviewOptions, review: MutableObject, namespace: string): Promise<AnyObject> {
  const attributes = objectOf(objectOf(review['spec'])['resourceAttributes']);
  const faults = [];
  if (objectOf(review['spec'])['nonResourceAttributes'] !== undefined)
    faults.push(field.invalidValue('spec.nonResourceAttributes', review['spec'], 'disallowed on this kind of request'));
  if (faults.length === 0 && stringOf(attributes['namespace']) !== namespace)
    faults.push(
      field.invalidValue(
        'spec.resourceAttributes.namespace',
        stringOf(attributes['namespace']),
        `must match metadata.namespace: ${namespace}`,
      ),
    );
  if (faults.length > 0) throw invalid({ group: AUTHORIZATION, kind: 'LocalSubjectAccessReview', name: '' }, faults);
  return reviewAccess(o, 'LocalSubjectAccessReview', review, subjectOf(review));
}

async function reviewAccess(o: ReviewOptions, kind: string, review: MutableObject, user: UserInfo): Promise<AnyObject> {
  checkAccess(kind, objectOf(review['spec']));
  const decision = await o.authorizer.authorize({ user, ...actionIn(objectOf(review['spec'])) });
  return answered(review, { allowed: decision.allowed, ...(decision.reason ? { reason: decision.reason } : {}) });
}

function checkAccess(kind: string, spec: Record<string, unknown>): void {
  const both = isObject(spec['resourceAttributes']) && isObject(spec['nonResourceAttributes']);
  const neither = !isObject(spec['resourceAttributes']) && !isObject(spec['nonResourceAttributes']);
  const errors = [
    ...(both
      ? [
          field.invalidValue(
            'spec.nonResourceAttributes',
            spec['nonResourceAttributes'],
            'cannot be specified in combination with resourceAttributes',
          ),
        ]
      : []),
    ...(neither
      ? [
          field.invalidValue(
            'spec.resourceAttributes',
            null,
            'exactly one of nonResourceAttributes or resourceAttributes must be specified',
          ),
        ]
      : []),
    ...(kind !== 'SelfSubjectAccessReview' && stringOf(spec['user']) === '' && listOf(spec['groups']).length === 0
      ? [field.invalidValue('spec.user', '', 'at least one of user or group must be specified')]
      : []),
  ];
  if (errors.length > 0) throw invalid({ group: AUTHORIZATION, kind, name: '' }, errors);
}

function actionIn(spec: Record<string, unknown>): Omit<AuthorizationAttributes, 'user'> {
  const path = spec['nonResourceAttributes'];
  if (isObject(path)) return { verb: stringOf(path['verb']), path: stringOf(path['path']) };
  const r = objectOf(spec['resourceAttributes']);
  return {
    verb: stringOf(r['verb']),
    path: '',
    resource: {
      group: stringOf(r['group']),
      version: stringOf(r['version']),
      plural: stringOf(r['resource']),
      subresource: stringOf(r['subresource']),
      namespace: stringOf(r['namespace']),
      name: stringOf(r['name']),
    },
  };
}

function reviewRules(o: ReviewOptions, c: RequestContext, review: MutableObject): AnyObject {
  const namespace = stringOf(objectOf(review['spec'])['namespace']);
  if (namespace === '') throw badRequest('no namespace on request');
  const rules = o.rulesFor?.(c.user, namespace) ?? [];
  const given = (name: string, list: readonly string[]): object => (list.length > 0 ? { [name]: [...list] } : {});
  return {
    ...answered(review, {
      resourceRules: rules
        .filter(r => r.resources.length > 0)
        .map(r => ({
          verbs: [...r.verbs],
          ...given('apiGroups', r.apiGroups),
          ...given('resources', r.resources),
          ...given('resourceNames', r.resourceNames),
        })),
      nonResourceRules: rules
        .filter(r => r.nonResourceURLs.length > 0)
        .map(r => ({ verbs: [...r.verbs], nonResourceURLs: [...r.nonResourceURLs] })),
      incomplete: o.rulesFor === undefined,
    }),
    spec: {},
  };
}
