// From flags and the files they name to what the API server is given: whom it believes, its audit log, its limits.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import {
  type ApiServerOptions,
  Audit,
  type AuditPolicy,
  auditPolicy,
  authenticationConfig,
  DEFAULT_POLICY,
  issuerOfFlags,
  LogFile,
  oidcTokens,
  standardOutput,
  staticTokens,
} from '../apiserver/index.ts';
import type { Clock, Logger } from '../kube/index.ts';
import type { SecurityFlags } from './flags/security.ts';

export type SecuritySettings = Pick<ApiServerOptions, 'tokens' | 'anonymousPaths' | 'audit' | 'limits'>;

const MEGABYTE = 1024 * 1024;

/** Throws an Error for a person where a file or a flag is wrong. */
export function securitySettings(f: SecurityFlags, o: { readonly clock: Clock; readonly log: Logger }): SecuritySettings {
  const issuer = issuerOfFlags(f, f.oidcCaFile ? contentOf(f.oidcCaFile, '--oidc-ca-file') : undefined);
  if (issuer && f.authenticationConfig)
    throw new Error('--authentication-config and --oidc-… exclude each other: put the provider into the file');
  const config = f.authenticationConfig
    ? fromYaml(f.authenticationConfig, '--authentication-config', authenticationConfig)
    : { issuers: issuer ? [issuer] : [] };
  const anonymousPaths = f.anonymousAuth ? config.anonymousPaths : [];
  return {
    tokens: [
      ...(f.tokenAuthFile ? [staticTokens(contentOf(f.tokenAuthFile, '--token-auth-file'))] : []),
      ...(config.issuers.length > 0 ? [oidcTokens(config.issuers, o)] : []),
    ],
    ...(anonymousPaths ? { anonymousPaths } : {}),
    ...(f.auditLogPath ? { audit: auditOf(f, o) } : {}),
    limits: { maxRequestsInflight: f.maxRequestsInflight, maxMutatingRequestsInflight: f.maxMutatingRequestsInflight },
  };
}

function auditOf(f: SecurityFlags, o: { readonly clock: Clock; readonly log: Logger }): Audit {
  const policy: AuditPolicy = f.auditPolicyFile ? fromYaml(f.auditPolicyFile, '--audit-policy-file', auditPolicy) : DEFAULT_POLICY;
  const sink =
    f.auditLogPath === '-'
      ? standardOutput
      : new LogFile({
          path: f.auditLogPath,
          maxBytes: f.auditLogMaxsize * MEGABYTE,
          maxAgeDays: f.auditLogMaxage,
          maxBackups: f.auditLogMaxbackup,
          compress: f.auditLogCompress,
          ...o,
        });
  return new Audit({ policy, sink, clock: o.clock });
}

function contentOf(file: string, flag: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`${flag} ${file}: ${(error as Error).message}`, { cause: error });
  }
}

function fromYaml<T>(file: string, flag: string, read: (source: unknown) => T): T {
  const content = contentOf(file, flag);
  try {
    return read(parse(content));
  } catch (error) {
    throw new Error(`${flag} ${file}: ${(error as Error).message.split('\n')[0]}`, { cause: error });
  }
}
