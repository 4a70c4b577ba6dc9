// The authorizer of policies: `authorizer.group('apps').resource('deployments').check('get').allowed()`.
import type { AuthorizationAttributes, Decision } from '../auth/contract.ts';
import type { UserInfo } from '../auth/user.ts';
import { type Implementation, text } from './functions.ts';
import { noOverload, Opaque } from './values.ts';

/** Answers at once; policies cannot wait for a decision. */
export type Authorize = (a: AuthorizationAttributes) => Decision;

type ResourceQuestion = NonNullable<AuthorizationAttributes['resource']>;
interface Question {
  readonly user: UserInfo;
  readonly path: string;
  readonly resource?: ResourceQuestion;
}

const AUTHORIZER = 'kubernetes.authorization.Authorizer';
const PATH = 'kubernetes.authorization.PathCheck';
const GROUP = 'kubernetes.authorization.GroupCheck';
const RESOURCE = 'kubernetes.authorization.ResourceCheck';
const DECISION = 'kubernetes.authorization.Decision';
const never = (): boolean => false;
const value = <T>(type: string, v: T): Opaque<T> => new Opaque<T>(type, v, never);
const NOTHING: ResourceQuestion = { group: '', version: '*', plural: '', subresource: '', namespace: '', name: '' };

/** The variable `authorizer` for a user. */
export const authorizerValue = (user: UserInfo): Opaque<Question> => value<Question>(AUTHORIZER, { user, path: '' });

/** The variable `authorizer.requestResource`. */
export const requestResource = (user: UserInfo, resource: ResourceQuestion): Opaque<Question> =>
  value<Question>(RESOURCE, { user, path: '', resource });

function question(v: unknown, ...types: string[]): Question {
  if (!(v instanceof Opaque) || !types.includes(v.type)) throw noOverload();
  return v.value as Question;
}

const decision = (v: unknown): Decision => {
  if (!(v instanceof Opaque) || v.type !== DECISION) throw noOverload();
  return v.value as Decision;
};

const narrow =
  (key: keyof ResourceQuestion): Implementation =>
  (v, name) => {
    const q = question(v, RESOURCE);
    return value(RESOURCE, { ...q, resource: { ...NOTHING, ...q.resource, [key]: text(name) } });
  };

/** The functions of the library, over one way of asking. */
export function authorizerFunctions(authorize: Authorize): ReadonlyMap<string, Implementation> {
  return new Map<string, Implementation>([
    ['path', (v, path) => value(PATH, { ...question(v, AUTHORIZER), path: text(path) })],
    ['group', (v, group) => value(GROUP, { ...question(v, AUTHORIZER), resource: { ...NOTHING, group: text(group) } })],
    ['serviceAccount', (_v, namespace, name) => authorizerValue(serviceAccount(text(namespace), text(name)))],
    [
      'resource',
      (v, plural) => {
        const q = question(v, GROUP);
        return value(RESOURCE, { ...q, resource: { ...NOTHING, ...q.resource, plural: text(plural) } });
      },
    ],
    ['subresource', narrow('subresource')],
    ['namespace', narrow('namespace')],
    ['name', narrow('name')],
    ['fieldSelector', v => v],
    ['labelSelector', v => v],
    ['check', (v, verb) => value(DECISION, authorize({ ...question(v, PATH, RESOURCE), verb: text(verb) }))],
    ['allowed', v => decision(v).allowed],
    ['reason', v => decision(v).reason],
    ['errored', v => decision(v) === undefined],
    ['error', v => (decision(v) === undefined ? 'no decision' : '')],
  ]);
}

function serviceAccount(namespace: string, name: string): UserInfo {
  return {
    username: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  };
}
