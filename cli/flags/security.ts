// Flags of the API server about who is believed, what is logged, and how much is done at once, under kube-apiserver's names.
import type { OidcFlags } from '../../apiserver/index.ts';
import { type Flag, flagsOf } from '../../kube/index.ts';

export interface SecurityFlags extends OidcFlags {
  readonly anonymousAuth: boolean;
  readonly tokenAuthFile: string;
  readonly authenticationConfig: string;
  readonly oidcCaFile: string;
  readonly auditPolicyFile: string;
  readonly auditLogPath: string;
  readonly auditLogMaxsize: number;
  readonly auditLogMaxage: number;
  readonly auditLogMaxbackup: number;
  readonly auditLogCompress: boolean;
  readonly maxRequestsInflight: number;
  readonly maxMutatingRequestsInflight: number;
}

const flag = flagsOf<SecurityFlags>();

export const securityFlags: readonly Flag[] = [
  flag('anonymousAuth', 'boolean', true, 'take requests without credentials as system:anonymous, who may read health and version'),
  flag('tokenAuthFile', 'text', '', 'CSV file of bearer tokens: token,user,uid[,"group1,group2"]'),
  flag(
    'authenticationConfig',
    'text',
    '',
    'AuthenticationConfiguration file: identity providers and anonymous requests; instead of --oidc-…',
  ),
  flag('oidcIssuerUrl', 'text', '', 'https URL of an OpenID Connect provider whose tokens are taken'),
  flag('oidcClientId', 'text', '', 'the audience that its tokens must be for'),
  flag('oidcUsernameClaim', 'text', 'sub', 'the claim that names the user'),
  flag('oidcUsernamePrefix', 'text', '', 'put before the name; - for nothing (default: the issuer and #, nothing for email)'),
  flag('oidcGroupsClaim', 'text', '', 'the claim that names the groups'),
  flag('oidcGroupsPrefix', 'text', '', 'put before each group'),
  flag('oidcRequiredClaim', 'list', [], 'claims that must be so, as claim=value'),
  flag('oidcSigningAlgs', 'list', ['RS256'], 'signatures that are taken'),
  flag('oidcCaFile', 'text', '', "PEM file of who signs the provider's certificate (default: the system's trust)"),
  flag('auditPolicyFile', 'text', '', 'audit.k8s.io/v1 Policy: what the audit log tells (default: who did what, without bodies)'),
  flag('auditLogPath', 'text', '', 'file of the audit log, one JSON line an event; - for the standard output (default: no audit log)'),
  flag('auditLogMaxsize', 'number', 100, 'megabytes after which the file is put aside'),
  flag('auditLogMaxage', 'number', 0, 'days that files put aside are kept; 0 for ever'),
  flag('auditLogMaxbackup', 'number', 0, 'how many files put aside are kept; 0 all'),
  flag('auditLogCompress', 'boolean', false, 'compress files put aside'),
  flag('maxRequestsInflight', 'number', 400, 'reads answered at once, others wait; 0 for no limit'),
  flag('maxMutatingRequestsInflight', 'number', 200, 'writes answered at once, others wait; 0 for no limit'),
];
