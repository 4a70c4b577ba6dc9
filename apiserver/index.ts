// The door of the API server.

export { builtinAdmission } from './admission/builtin.ts';
export { karmadaAdmission } from './admission/karmada.ts';
export type { AdmissionPlugin, Attributes } from './admission/plugin.ts';
export { serviceAllocation } from './admission/service-allocation.ts';
export { Audit, type AuditPolicy, auditPolicy, DEFAULT_POLICY, LogFile, standardOutput } from './audit/index.ts';
export { authenticationConfig, issuerOfFlags, type OidcFlags } from './auth/authentication-config.ts';

export { ensureRbac } from './auth/bootstrap-rbac.ts';
export { certificateAuthenticator } from './auth/certificate.ts';

export { oidcTokens } from './auth/oidc.ts';
export { type KeyPair, Pki } from './auth/pki.ts';
export { SigningKey } from './auth/signing-key.ts';
export { staticTokens } from './auth/static-tokens.ts';
export { componentUser } from './auth/user.ts';
export { CORE_NAMESPACES, ensure, ensureDefinitions, ensureNamespaces } from './bootstrap.ts';
export { ComputedCollection } from './cache/index.ts';
export type { Extensions } from './custom-resources.ts';
export { ensureFreshObjects, type FreshObjects } from './fresh-objects.ts';
export { type HealthCheck, healthPaths, versionPath } from './http/health.ts';
export { metricsPath } from './http/metrics-path.ts';
export type { Listening, ListenOptions } from './http/server.ts';
export { implant } from './implant.ts';
export { bindingConversions, clusterKind, clusterResource } from './karmada-kinds.ts';
export { csrApprovingLoop, defaultServiceAccountLoop, resourceQuotaLoop, rootCaLoop } from './loops/index.ts';
export { ensureOwnNetwork } from './own-network.ts';
export {
  type Connection,
  type Core,
  discoverCatalog,
  NEVER_WRITTEN,
  type Served,
  type Subresource,
} from './registry/index.ts';

export { type ApiServer, type ApiServerOptions, apiServer } from './server.ts';
export * from './store/index.ts';
