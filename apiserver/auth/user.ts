// Who asks: what authentication found out and authorisation, admission and audit judge by.

export interface UserInfo {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export const ANONYMOUS: UserInfo = { username: 'system:anonymous', groups: ['system:unauthenticated'] };
/** The group of our own components. */
export const COMPONENTS_GROUP = 'system:karmada:components';
export const SUPERUSERS = 'system:masters';

/** The server as a client of itself. */
export const SERVER_USER = 'system:karmada:apiserver';

/** The identity of a component of ours that calls in process: it passes authorisation like anybody else. */
export function componentUser(component: string): UserInfo {
  return { username: `system:karmada:${component}`, groups: [SUPERUSERS, COMPONENTS_GROUP, 'system:authenticated'] };
}
