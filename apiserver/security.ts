// Identity and permission put together: whom the server believes, what they may, what it answers about both, and the loops that
// keep tokens and roles as they should be.
import type { Clock, Logger, Runnable } from '../kube/index.ts';
import { certificateApproval, certificateSigning } from './admission/certificate-plugins.ts';
import type { AdmissionPlugin } from './admission/plugin.ts';
import { anyOf, bearerAuthenticator, forServer, type TokenAuthenticator } from './auth/bearer.ts';
import { bootstrapTokens } from './auth/bootstrap-tokens.ts';
import type { Authenticator, Authorizer } from './auth/contract.ts';
import { escalationCheck } from './auth/escalation.ts';
import { openidPaths } from './auth/openid-paths.ts';
import type { KeyPair } from './auth/pki.ts';
import { RbacAuthorizer } from './auth/rbac.ts';
import { REVIEWS, reviews } from './auth/reviews.ts';
import { type CoreLookup, DEFAULT_ISSUER, ServiceAccountTokens } from './auth/service-account-tokens.ts';
import { signerAuthorizer } from './auth/signer-authorizer.ts';
import type { SigningKey } from './auth/signing-key.ts';
import { tokenRequest } from './auth/token-request.ts';
import type { PathHandler } from './http/server-parts.ts';
import {
  bootstrapSignerLoop,
  clusterRoleAggregationLoop,
  csrCleanerLoop,
  csrSigningLoop,
  serviceAccountTokenLoop,
  tokenCleanerLoop,
  ttlAfterFinishedLoop,
} from './loops/index.ts';
import type { KindProvider } from './registry/builtin.ts';
import type { Answering, Catalog, Core, Served, Subresource } from './registry/index.ts';

/** Keys the server works with; without them it issues nothing. */
export interface ServerKeys {
  /** Signs service-account tokens. */
  readonly serviceAccount: SigningKey;
  /** PEM of the CA that clients verify the server with. */
  readonly caCert: string;
  /** Signs certificate requests; without it nobody does. */
  readonly signer?: KeyPair;
}

export interface SecurityOptions {
  readonly catalog: Catalog;
  readonly clock: Clock;
  readonly authenticators: readonly Authenticator[];
  readonly tokens?: readonly TokenAuthenticator[] | undefined;
  readonly keys?: ServerKeys | undefined;
  /** RBAC over the server's own objects without one. */
  readonly authorizer?: Authorizer | undefined;
}

export interface Security {
  readonly authenticators: readonly Authenticator[];
  readonly paths: readonly PathHandler[];
  /** The provider of kinds, with what posts about identity are answered by. */
  kinds(base: KindProvider): KindProvider;
  /** Once the built-in resources are served. */
  authorizer(): Authorizer;
  admission(): readonly AdmissionPlugin[];
  loops(core: Core, log: Logger): readonly Runnable[];
}

export function security(o: SecurityOptions): Security {
  const lookup: CoreLookup = (plural, namespace, name) => o.catalog.find('', 'v1', plural)?.collection.get(namespace, name)?.object;
  const accounts = o.keys && new ServiceAccountTokens({ key: o.keys.serviceAccount, clock: o.clock, lookup });
  const audiences = accounts?.audiences ?? [DEFAULT_ISSUER];
  const own = [...(o.tokens ?? []), bootstrapTokens({ lookup, clock: o.clock })].map(t => forServer(t, audiences));
  const tokens = anyOf([...own, ...(accounts ? [accounts] : [])]);
  const rbac = once(() => rbacOver(o.catalog));
  const authorizer = (): Authorizer => o.authorizer ?? rbac();
  const answers = once(() =>
    reviews({
      authorizer: authorizer(),
      rulesFor: (user, namespace) => rbac().rulesFor(user, namespace),
      tokens,
      audiences,
      now: () => o.clock.now(),
    }),
  );
  const request = accounts && tokenRequest({ tokens: accounts, lookup, now: () => o.clock.now() });
  return {
    authenticators: [...o.authenticators, bearerAuthenticator(tokens, audiences)],
    paths: accounts ? [openidPaths(accounts)] : [],
    kinds: base => ({
      ...base,
      subresource: (group, name): Subresource | undefined =>
        group === '' && name === 'serviceaccounts/token' ? request : base.subresource(group, name),
      answering: (group, plural): Answering | undefined =>
        REVIEWS.get(plural) === group
          ? (c, body, namespace) => answers()[plural as keyof ReturnType<typeof answers>](c, body, namespace)
          : undefined,
    }),
    authorizer,
    admission: () => {
      const signers = signerAuthorizer(authorizer());
      return [escalationCheck({ rbac: rbac(), authorizer: authorizer() }), certificateApproval(signers), certificateSigning(signers)];
    },
    loops: (core, log) => [
      ...(accounts && o.keys ? [serviceAccountTokenLoop({ core, log, tokens: accounts, caCert: o.keys.caCert })] : []),
      ...(o.keys?.signer ? [csrSigningLoop({ core, log, signer: o.keys.signer })] : []),
      ...[csrCleanerLoop, ttlAfterFinishedLoop, bootstrapSignerLoop, tokenCleanerLoop, clusterRoleAggregationLoop].map(loop =>
        loop({ core, log }),
      ),
    ],
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function rbacOver(catalog: Catalog): RbacAuthorizer {
  const collection = (plural: string): Served['collection'] => {
    const served = catalog.find('rbac.authorization.k8s.io', 'v1', plural);
    if (!served) throw new Error(`${plural} is not served`);
    return served.collection;
  };
  return new RbacAuthorizer({
    roles: collection('roles'),
    roleBindings: collection('rolebindings'),
    clusterRoles: collection('clusterroles'),
    clusterRoleBindings: collection('clusterrolebindings'),
  });
}
