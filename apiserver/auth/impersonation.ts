// Acting as somebody else (specification §6). A caller may do so in one of several modes, tried in turn:
//
//   serviceaccount, user-info   the newer verbs: impersonate:<mode> on whom, impersonate-on:<mode>:<verb> on what
//   legacy                      `impersonate` on each user, group, extra value and uid
//
// The mode that last worked for a caller is tried first, and the refusal of the first mode tried is what the caller reads.
import { badRequest, forbidden, isStatusError, StatusError } from '../../kube/index.ts';
import type { AuthorizationAttributes, Authorizer } from './contract.ts';
import { serviceAccountGroups, serviceAccountName } from './service-account-tokens.ts';
import { ANONYMOUS, type UserInfo } from './user.ts';

const AUTHENTICATION = 'authentication.k8s.io';
const MAX_REMEMBERED = 4096;

/** What the request itself wants, as it will be asked of the authorizer. */
export type RequestedAction = Omit<AuthorizationAttributes, 'user'>;

/** Whom the headers name; undefined where they name nobody. */
export interface ImpersonationTarget {
  readonly username: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** Reads Impersonate-User, -Group, -Uid and -Extra-<key>; repeated headers stay apart. */
export function impersonationTarget(rawHeaders: readonly string[]): ImpersonationTarget | undefined {
  const groups: string[] = [];
  const extra = new Map<string, string[]>();
  let [username, uid] = ['', ''];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase();
    const value = rawHeaders[i + 1] ?? '';
    if (name === 'impersonate-user') username ||= value;
    else if (name === 'impersonate-uid') uid ||= value;
    else if (name === 'impersonate-group') groups.push(value);
    else if (name.startsWith('impersonate-extra-')) {
      const key = unescaped(name.slice('impersonate-extra-'.length));
      extra.set(key, [...(extra.get(key) ?? []), value]);
    }
  }
  if (username !== '') return { username, uid, groups, extra: Object.fromEntries(extra) };
  if (uid === '' && groups.length === 0 && extra.size === 0) return undefined;
  const text = `&user.DefaultInfo{Name:"", UID:${JSON.stringify(uid)}, Groups:${goStrings(groups)}, Extra:${goExtra(extra)}}`;
  throw badRequest(`requested ${text} without impersonating a user name`);
}

function unescaped(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

const goStrings = (list: readonly string[]): string =>
  list.length === 0 ? '[]string(nil)' : `[]string{${list.map(t => JSON.stringify(t)).join(', ')}}`;

function goExtra(extra: ReadonlyMap<string, readonly string[]>): string {
  if (extra.size === 0) return 'map[string][]string(nil)';
  const entries = [...extra].sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[string][]string{${entries.map(([key, values]) => `${JSON.stringify(key)}:${goStrings(values)}`).join(', ')}}`;
}

type ModeName = 'serviceaccount' | 'user-info' | 'legacy';

interface Question {
  readonly caller: UserInfo;
  readonly target: ImpersonationTarget;
  readonly action: RequestedAction;
}

/** Decides who a request with impersonation headers is judged as. */
export class Impersonation {
  readonly #authorizer: Authorizer;
  readonly #lastMode = new Map<string, ModeName>();

  constructor(authorizer: Authorizer) {
    this.#authorizer = authorizer;
  }

  /** The user to act as; throws Forbidden where the caller may not. */
  async actAs(q: Question): Promise<UserInfo> {
    const last = this.#lastMode.get(q.caller.username);
    const own: ModeName = serviceAccountName(q.target.username) ? 'serviceaccount' : 'user-info';
    const modes = [...new Set<ModeName>([...(last && (last === own || last === 'legacy') ? [last] : []), own, 'legacy'])];
    let refusal: StatusError | undefined;
    for (const mode of modes) {
      const refused = await this.#refusal(mode, q);
      if (!refused) {
        this.#remember(q.caller.username, mode);
        return actingUser(q.target);
      }
      refusal ??= refused;
    }
    throw refusal ?? forbidden({ group: '', plural: 'users', name: q.target.username }, 'impersonation is not possible');
  }

  #remember(caller: string, mode: ModeName): void {
    if (this.#lastMode.size >= MAX_REMEMBERED && !this.#lastMode.has(caller)) this.#lastMode.clear();
    this.#lastMode.set(caller, mode);
  }

  async #refusal(mode: ModeName, q: Question): Promise<StatusError | undefined> {
    try {
      if (mode !== 'legacy') await this.#demand(q.caller, { ...q.action, verb: `impersonate-on:${mode}:${q.action.verb}` });
      for (const asked of demands(mode, q.target)) await this.#demand(q.caller, asked);
      return undefined;
    } catch (error) {
      if (isStatusError(error, 'Forbidden')) return error;
      throw error;
    }
  }

  async #demand(user: UserInfo, action: RequestedAction): Promise<void> {
    const decision = await this.#authorizer.authorize({ user, ...action });
    if (!decision.allowed) throw refusedAction(user, action, decision.reason);
  }
}

/** What a mode asks about whom: one question a user, group, extra value and uid. */
function demands(mode: ModeName, t: ImpersonationTarget): RequestedAction[] {
  const verb = mode === 'legacy' ? 'impersonate' : `impersonate:${mode}`;
  const core = mode === 'legacy' ? '' : AUTHENTICATION;
  const ask = (x: { group: string; plural: string; name: string; subresource?: string; namespace?: string }): RequestedAction => ({
    verb,
    path: '',
    resource: { version: 'v1', subresource: '', namespace: '', ...x },
  });
  const account = mode === 'user-info' ? undefined : serviceAccountName(t.username);
  const who = account
    ? ask({ group: core, plural: 'serviceaccounts', ...account })
    : ask({ group: core, plural: 'users', name: t.username });
  return [
    who,
    ...t.groups.map(name => ask({ group: core, plural: 'groups', name })),
    ...Object.entries(t.extra).flatMap(([key, values]) =>
      values.map(name => ask({ group: AUTHENTICATION, plural: 'userextras', subresource: key, name })),
    ),
    ...(t.uid === '' ? [] : [ask({ group: AUTHENTICATION, plural: 'uids', name: t.uid })]),
  ];
}

function actingUser(t: ImpersonationTarget): UserInfo {
  const account = serviceAccountName(t.username);
  const groups = t.groups.length === 0 && account ? serviceAccountGroups(account.namespace) : [...t.groups];
  const anonymous = t.username === ANONYMOUS.username;
  const [authenticated, unauthenticated] = ['system:authenticated', 'system:unauthenticated'];
  if (anonymous && !groups.includes(unauthenticated)) groups.push(unauthenticated);
  if (!anonymous && !groups.includes(authenticated) && !groups.includes(unauthenticated)) groups.push(authenticated);
  return {
    username: t.username,
    ...(t.uid === '' ? {} : { uid: t.uid }),
    groups,
    ...(Object.keys(t.extra).length > 0 ? { extra: t.extra } : {}),
  };
}

/** The 403 of any action, about a resource or a path. */
export function refusedAction(user: UserInfo, a: RequestedAction, reason: string): StatusError {
  const who = `User ${JSON.stringify(user.username)} cannot ${a.verb}`;
  const because = reason ? `: ${reason}` : '';
  if (!a.resource) {
    return new StatusError({
      code: 403,
      reason: 'Forbidden',
      message: `forbidden: ${who} path ${JSON.stringify(a.path)}${because}`,
      details: {},
    });
  }
  const { group, plural, subresource, namespace, name } = a.resource;
  const what = subresource ? `${plural}/${subresource}` : plural;
  const where = namespace ? `in the namespace "${namespace}"` : 'at the cluster scope';
  return forbidden({ group, plural, name }, `${who} resource "${what}" in API group "${group}" ${where}${because}`);
}
