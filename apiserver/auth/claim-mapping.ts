// From the claims of a token to a user: by named claims with prefixes, or by CEL expressions over `claims` (KEP-3331). A claim that
// is not as it must be is a ClaimFault: the token is not taken.
import { compileExpression, type Expression } from '../cel/expression.ts';
import { toJson } from '../cel/to-json.ts';
import { BOOL, DYN, listType, mapType, STRING, type Type } from '../cel/types.ts';
import { CelError, fromJson } from '../cel/values.ts';
import type { UserInfo } from './user.ts';

export type Claims = Readonly<Record<string, unknown>>;

/** One value of the user: a claim with a prefix, or an expression. */
export type ClaimSource = { readonly claim: string; readonly prefix: string } | { readonly expression: Expression };

export interface ClaimMapping {
  readonly username: ClaimSource;
  readonly groups?: ClaimSource | undefined;
  readonly uid?: ClaimSource | undefined;
  readonly extra: readonly { readonly key: string; readonly expression: Expression }[];
}

/** What must hold of the claims, or of the user made from them. */
export type Rule = { readonly claim: string; readonly value: string } | { readonly expression: Expression; readonly message: string };

/** Why a token is not taken; the message never shows the token. */
export class ClaimFault extends Error {
  override readonly name = 'ClaimFault';
}

const USER: Type = {
  name: 'object',
  params: [],
  fields: new Map<string, Type>([
    ['username', STRING],
    ['uid', STRING],
    ['groups', listType(STRING)],
    ['extra', mapType(STRING, listType(STRING))],
  ]),
};
const BUDGET = 1_000_000;

/** An expression over `claims`; throws a CompileError. */
export const claimsExpression = (source: string): Expression => compileExpression(source, new Map([['claims', mapType(STRING, DYN)]]));
/** An expression over `user`; throws a CompileError. */
export const userExpression = (source: string): Expression => compileExpression(source, new Map([['user', USER]]));

/** Whether an expression gives what it is used for, as far as its type tells. */
export const givesBoolean = (e: Expression): boolean => e.type.name === BOOL.name || e.type.name === DYN.name;

function run(expression: Expression, name: string, value: unknown): unknown {
  try {
    return toJson(expression.run({ variables: new Map([[name, fromJson(value)]]), budget: { left: BUDGET } }));
  } catch (error) {
    if (error instanceof CelError) throw new ClaimFault(`${expression.source}: ${error.message}`);
    throw error;
  }
}

/** Throws a ClaimFault where a rule does not hold. */
export function checkRules(rules: readonly Rule[], name: 'claims' | 'user', value: Claims): void {
  for (const rule of rules) {
    if ('claim' in rule) {
      if (value[rule.claim] !== rule.value) throw new ClaimFault(`the claim ${rule.claim} is not as required`);
    } else if (run(rule.expression, name, value) !== true) throw new ClaimFault(rule.message || `${rule.expression.source} does not hold`);
  }
}

export function userOfClaims(mapping: ClaimMapping, claims: Claims): UserInfo {
  const username = usernameOf(mapping.username, claims);
  const uid = mapping.uid && textOf(mapping.uid, claims, 'uid');
  const extra = mapping.extra.map(({ key, expression }) => [key, texts(run(expression, 'claims', claims), key)] as const);
  const { jti } = claims;
  const credential = typeof jti === 'string' && jti !== '' ? [['authentication.kubernetes.io/credential-id', [`JTI=${jti}`]] as const] : [];
  const told = [...extra.filter(([, values]) => values.length > 0), ...credential];
  return {
    username,
    ...(uid ? { uid } : {}),
    groups: groupsOf(mapping.groups, claims),
    ...(told.length > 0 ? { extra: Object.fromEntries(told) } : {}),
  };
}

function usernameOf(source: ClaimSource, claims: Claims): string {
  // An address that the provider did not verify could be anybody's.
  if ('claim' in source && source.claim === 'email' && claims['email_verified'] !== undefined && claims['email_verified'] !== true)
    throw new ClaimFault('the email address is not verified');
  const username = textOf(source, claims, 'username');
  if (username === '') throw new ClaimFault('the token gives no username');
  return username;
}

function textOf(source: ClaimSource, claims: Claims, what: string): string {
  const value = 'claim' in source ? claims[source.claim] : run(source.expression, 'claims', claims);
  if (typeof value !== 'string')
    throw new ClaimFault(`${what}: ${'claim' in source ? `the claim ${source.claim}` : source.expression.source} is no text`);
  return value === '' ? '' : 'claim' in source ? source.prefix + value : value;
}

function groupsOf(source: ClaimSource | undefined, claims: Claims): string[] {
  if (!source) return [];
  if ('expression' in source) return texts(run(source.expression, 'claims', claims), 'groups');
  return texts(claims[source.claim], `the claim ${source.claim}`).map(g => source.prefix + g);
}

/** One text, several, or none. */
function texts(value: unknown, what: string): string[] {
  const list = value === undefined || value === null || value === '' ? [] : Array.isArray(value) ? value : [value];
  if (!list.every(v => typeof v === 'string')) throw new ClaimFault(`${what} must be a text or a list of texts`);
  return list.filter(v => v !== '');
}
