// Who else is believed: identity providers, from the flags of kube-apiserver's names or from an AuthenticationConfiguration file
// (apiserver.config.k8s.io), and whether requests without credentials are anybody's.
import { isObject, listOf, objectOf, stringOf } from '../../kube/index.ts';
import { CompileError } from '../cel/parser.ts';
import { type ClaimSource, claimsExpression, givesBoolean, type Rule, userExpression } from './claim-mapping.ts';
import { ASYMMETRIC, type JwtIssuer } from './oidc.ts';

type Raw = Readonly<Record<string, unknown>>;
type Expression = ReturnType<typeof claimsExpression>;

export interface AuthenticationConfig {
  readonly issuers: readonly JwtIssuer[];
  /** Paths on which a request without credentials is anonymous; elsewhere it is refused. Undefined: everywhere. */
  readonly anonymousPaths?: readonly string[] | undefined;
}

const VERSIONS = ['v1', 'v1beta1', 'v1alpha1'].map(v => `apiserver.config.k8s.io/${v}`);

/** Reads the configuration object; throws an Error that names the field that is wrong. */
export function authenticationConfig(source: unknown): AuthenticationConfig {
  if (!isObject(source) || source['kind'] !== 'AuthenticationConfiguration' || !VERSIONS.includes(stringOf(source['apiVersion'])))
    throw new Error(`an authentication configuration has apiVersion: ${VERSIONS[0]} and kind: AuthenticationConfiguration`);
  const issuers = listOf(source['jwt']).map((raw, i) => issuerOf(objectOf(raw), `jwt[${i}]`));
  const seen = new Set<string>();
  issuers.forEach(({ url }, i) => {
    if (seen.has(url)) throw new Error(`jwt[${i}].issuer.url: ${url} is there twice`);
    seen.add(url);
  });
  const anonymous = source['anonymous'];
  if (!isObject(anonymous)) return { issuers };
  if (anonymous['enabled'] !== true) return { issuers, anonymousPaths: [] };
  const paths = listOf(anonymous['conditions']).map(c => stringOf(objectOf(c)['path']));
  return { issuers, ...(paths.length > 0 ? { anonymousPaths: paths } : {}) };
}

function issuerOf(raw: Raw, path: string): JwtIssuer {
  const issuer = objectOf(raw['issuer']);
  const mappings = objectOf(raw['claimMappings']);
  const audiences = listOf(issuer['audiences']).map(stringOf).filter(Boolean);
  if (audiences.length === 0) throw new Error(`${path}.issuer.audiences: name at least one`);
  const username = sourceOf(objectOf(mappings['username']), `${path}.claimMappings.username`, true);
  if (!username) throw new Error(`${path}.claimMappings.username: name a claim or an expression`);
  return {
    url: httpsUrl(stringOf(issuer['url']), `${path}.issuer.url`),
    ...(issuer['discoveryURL'] ? { discoveryUrl: httpsUrl(stringOf(issuer['discoveryURL']), `${path}.issuer.discoveryURL`) } : {}),
    ...(issuer['certificateAuthority'] ? { ca: stringOf(issuer['certificateAuthority']) } : {}),
    audiences,
    algorithms: ASYMMETRIC,
    claimRules: rulesOf(raw['claimValidationRules'], `${path}.claimValidationRules`, claimsExpression),
    mapping: {
      username,
      groups: sourceOf(objectOf(mappings['groups']), `${path}.claimMappings.groups`, true),
      uid: sourceOf(objectOf(mappings['uid']), `${path}.claimMappings.uid`, false),
      extra: listOf(mappings['extra']).map((item, i) => {
        const at = `${path}.claimMappings.extra[${i}]`;
        const key = stringOf(objectOf(item)['key']);
        if (!/^[a-z0-9.-]+\/[a-z0-9._/-]+$/.test(key)) throw new Error(`${at}.key: ${key} must be a lower-case path below a domain`);
        return { key, expression: compiled(claimsExpression, stringOf(objectOf(item)['valueExpression']), `${at}.valueExpression`) };
      }),
    },
    userRules: rulesOf(raw['userValidationRules'], `${path}.userValidationRules`, userExpression),
  };
}

function httpsUrl(text: string, path: string): string {
  if (!text.startsWith('https://') || !URL.canParse(text)) throw new Error(`${path}: ${JSON.stringify(text)} must be an https URL`);
  const { username, search, hash } = new URL(text);
  if (username || search || hash) throw new Error(`${path}: ${text} must have no user, query or fragment`);
  return text;
}

/** `prefixed`: a claim must say its prefix, so that nobody is named like somebody of another source by accident. */
function sourceOf(raw: Raw, path: string, prefixed: boolean): ClaimSource | undefined {
  const [claim, expression] = [stringOf(raw['claim']), stringOf(raw['expression'])];
  if (claim && expression) throw new Error(`${path}: a claim or an expression, not both`);
  if (expression) return { expression: compiled(claimsExpression, expression, `${path}.expression`) };
  if (!claim) return undefined;
  if (prefixed && typeof raw['prefix'] !== 'string') throw new Error(`${path}.prefix: must be set, to "" where there is none`);
  return { claim, prefix: stringOf(raw['prefix']) };
}

function rulesOf(list: unknown, path: string, compile: (source: string) => Expression): Rule[] {
  return listOf(list).map((item, i) => {
    const raw = objectOf(item);
    if (raw['claim']) return { claim: stringOf(raw['claim']), value: stringOf(raw['requiredValue']) };
    const expression = compiled(compile, stringOf(raw['expression']), `${path}[${i}].expression`);
    if (!givesBoolean(expression)) throw new Error(`${path}[${i}].expression: must evaluate to bool`);
    return { expression, message: stringOf(raw['message']) };
  });
}

function compiled(compile: (source: string) => Expression, source: string, path: string): Expression {
  if (source === '') throw new Error(`${path}: must not be empty`);
  try {
    return compile(source);
  } catch (error) {
    if (error instanceof CompileError) throw new Error(`${path}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** kube-apiserver's --oidc-… flags. */
export interface OidcFlags {
  readonly oidcIssuerUrl: string;
  readonly oidcClientId: string;
  readonly oidcUsernameClaim: string;
  readonly oidcUsernamePrefix: string;
  readonly oidcGroupsClaim: string;
  readonly oidcGroupsPrefix: string;
  readonly oidcRequiredClaim: readonly string[];
  readonly oidcSigningAlgs: readonly string[];
}

/** The issuer of the flags; `ca` is the content of --oidc-ca-file. Throws an Error that names the flag that is wrong. */
export function issuerOfFlags(f: OidcFlags, ca?: string): JwtIssuer | undefined {
  if (!f.oidcIssuerUrl && !f.oidcClientId) return undefined;
  if (!f.oidcIssuerUrl || !f.oidcClientId) throw new Error('--oidc-issuer-url and --oidc-client-id go together');
  const wrong = f.oidcSigningAlgs.find(a => !(ASYMMETRIC as readonly string[]).includes(a));
  if (wrong !== undefined || f.oidcSigningAlgs.length === 0) throw new Error(`--oidc-signing-algs: of ${ASYMMETRIC.join(', ')}`);
  const unset = f.oidcUsernameClaim === 'email' ? '' : `${f.oidcIssuerUrl}#`;
  const prefix = f.oidcUsernamePrefix === '-' ? '' : f.oidcUsernamePrefix || unset;
  return {
    url: httpsUrl(f.oidcIssuerUrl, '--oidc-issuer-url'),
    ...(ca ? { ca } : {}),
    audiences: [f.oidcClientId],
    algorithms: f.oidcSigningAlgs,
    claimRules: f.oidcRequiredClaim.map(pair => {
      const [, claim, value] = /^([^=]+)=(.*)$/.exec(pair) ?? [];
      if (claim === undefined || value === undefined) throw new Error(`--oidc-required-claim: ${pair}: write claim=value`);
      return { claim, value };
    }),
    mapping: {
      username: { claim: f.oidcUsernameClaim, prefix },
      ...(f.oidcGroupsClaim ? { groups: { claim: f.oidcGroupsClaim, prefix: f.oidcGroupsPrefix } } : {}),
      extra: [],
    },
    userRules: [],
  };
}
