// How the plane reaches a member: the endpoint of its Cluster, the CA and token of its Secret (specification §6.1).
import type { Cluster } from '../crds/index.ts';
import { type AnyObject, at, type Clock, type HttpClient, httpClient, StatusError, stringOf } from '../kube/index.ts';

/** How fast one member is asked: `--cluster-api-qps` and `--cluster-api-burst`. */
export interface MemberLimits {
  readonly qps: number;
  readonly burst: number;
}

const LIMITS: MemberLimits = { qps: 1000, burst: 2000 };

/** Throws where the Cluster or its Secret lacks something, in the reference's words. */
export function connectMember(
  cluster: Cluster,
  secret: AnyObject | undefined,
  o: { readonly clock: Clock; readonly userAgent: string } & Partial<MemberLimits>,
): HttpClient {
  const name = cluster.metadata.name ?? '';
  const { apiEndpoint, insecureSkipTLSVerification, proxyURL } = cluster.spec;
  if (!apiEndpoint) throw fault(`the api endpoint of cluster ${name} is empty`);
  if (!cluster.spec.secretRef || !secret) throw fault(`cluster ${name} does not have a secret`);
  const token = decoded(secret, 'token');
  if (!token) throw fault(`the secret for cluster ${name} is missing a non-empty value for "token"`);
  const ca = decoded(secret, 'caBundle');
  if (!ca && !insecureSkipTLSVerification) throw fault(`the secret for cluster ${name} is missing a non-empty value for "caBundle"`);
  return httpClient({
    connection: {
      server: apiEndpoint.replace(/\/$/, ''),
      token: () => token,
      ...(ca && !insecureSkipTLSVerification ? { ca } : {}),
      ...(insecureSkipTLSVerification ? { insecureSkipTlsVerify: true } : {}),
      ...(proxyURL ? { proxy: proxyURL } : {}),
      ...(cluster.spec.proxyHeader ? { proxyHeaders: cluster.spec.proxyHeader } : {}),
    },
    userAgent: o.userAgent,
    clock: o.clock,
    qps: o.qps ?? LIMITS.qps,
    burst: o.burst ?? LIMITS.burst,
  });
}

const fault = (message: string): StatusError => new StatusError({ code: 400, reason: 'BadRequest', message });

const decoded = (secret: AnyObject, key: string): string => Buffer.from(stringOf(at(secret, 'data', key)), 'base64').toString();
