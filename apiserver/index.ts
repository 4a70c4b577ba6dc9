// The door of the API server.

export { builtinAdmission } from './admission/builtin.ts';
export { type KarmadaAdmissionOptions, karmadaAdmission } from './admission/karmada.ts';
export type { AdmissionPlugin, Attributes } from './admission/plugin.ts';
export { type ServiceAllocationOptions, serviceAllocation } from './admission/service-allocation.ts';
export { Audit, type AuditPolicy, auditPolicy, DEFAULT_POLICY, LogFile, type LogFileOptions, standardOutput } from './audit/index.ts';
export { authenticationConfig, issuerOfFlags, type OidcFlags } from './auth/authentication-config.ts';
export { anyOf, type TokenAuthenticator, type TokenIdentity } from './auth/bearer.ts';
export { ensureRbac } from './auth/bootstrap-rbac.ts';
export { certificateAuthenticator } from './auth/certificate.ts';
export type { Authenticator, Authorizer } from './auth/contract.ts';
export { oidcTokens } from './auth/oidc.ts';
export { type KeyPair, type LeafRequest, Pki } from './auth/pki.ts';
export { SigningKey } from './auth/signing-key.ts';
export { staticTokens } from './auth/static-tokens.ts';
export { componentUser, type UserInfo } from './auth/user.ts';
export { CORE_NAMESPACES, ensure, ensureDefinitions, ensureNamespaces } from './bootstrap.ts';
export { ComputedCollection, type Computing } from './cache/index.ts';
export type { Extensions } from './custom-resources.ts';
export { ensureFreshObjects, type FreshObjects } from './fresh-objects.ts';
export { type HealthCheck, healthPaths, type VersionInfo, versionPath } from './http/health.ts';
export type { InFlightLimits } from './http/in-flight.ts';
export { metricsPath } from './http/metrics-path.ts';
export type { Listening, ListenOptions } from './http/server.ts';
export type { PathHandler } from './http/server-parts.ts';
export { implant } from './implant.ts';
export { bindingConversions, clusterKind, clusterResource } from './karmada-kinds.ts';
export { csrApprovingLoop, defaultServiceAccountLoop, type LoopOptions, resourceQuotaLoop, rootCaLoop } from './loops/index.ts';
export { podSubresources } from './pod-subresources.ts';
export {
  type Connecting,
  type Connection,
  type Core,
  discoverCatalog,
  NEVER_WRITTEN,
  type Served,
  type Subresource,
} from './registry/index.ts';
export type { ServerKeys } from './security.ts';
export { type ApiServer, type ApiServerOptions, apiServer } from './server.ts';
export * from './store/index.ts';
