// Admission of certificate requests: nobody asks for a certificate of the masters group through the client signer.
import { type Clock, forbidden, isObject, listOf, objectOf, timestamp } from '../../kube/index.ts';
import type { AdmissionPlugin, Attributes } from './plugin.ts';

const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';

/** What a plugin asks about a user and a signer. */
export interface SignerAuthorizer {
  /** May the user do `verb` on the signer, or on all signers of its domain. */
  allowed(a: Attributes, verb: 'approve' | 'sign', signer: string, signal?: AbortSignal): Promise<boolean>;
}

const isRequest = (a: Attributes): boolean =>
  a.resource.group === 'certificates.k8s.io' && a.resource.plural === 'certificatesigningrequests';

const signerOf = (o: Readonly<Record<string, unknown>> | undefined): string =>
  String((o?.['spec'] as Record<string, unknown> | undefined)?.['signerName'] ?? '');

function guard(
  name: string,
  verb: 'approve' | 'sign',
  o: { readonly subresource: string; readonly authorizer: SignerAuthorizer },
): AdmissionPlugin {
  return {
    name,
    async validate(a, signal) {
      if (!isRequest(a) || a.operation !== 'UPDATE' || a.subresource !== o.subresource) return;
      if (verb === 'sign' && same(a, 'certificate')) return;
      const signer = signerOf(a.oldObject);
      if (await o.authorizer.allowed(a, verb, signer, signal)) return;
      throw forbidden(
        { group: a.resource.group, plural: a.resource.plural, name: a.name },
        `user not permitted to ${verb} requests with signerName ${JSON.stringify(signer)}`,
      );
    },
  };
}

function same(a: Attributes, key: string): boolean {
  const of = (o: Readonly<Record<string, unknown>> | undefined): unknown => (o?.['status'] as Record<string, unknown> | undefined)?.[key];
  return of(a.object) === of(a.oldObject);
}

/** Approving needs `approve` on the signer. */
export const certificateApproval = (authorizer: SignerAuthorizer): AdmissionPlugin =>
  guard('CertificateApproval', 'approve', { subresource: 'approval', authorizer });

/** Issuing needs `sign` on the signer. */
export const certificateSigning = (authorizer: SignerAuthorizer): AdmissionPlugin =>
  guard('CertificateSigning', 'sign', { subresource: 'status', authorizer });

/** Writes into a new request who asks, whatever the client sent, and into conditions without times when they were set. */
export function certificateRequester(clock: Clock): AdmissionPlugin {
  return {
    name: 'CertificateRequester',
    mutate(a) {
      if (isRequest(a) && a.operation === 'UPDATE' && a.subresource !== '') stampConditions(a, timestamp(clock.now()));
      if (!isRequest(a) || a.operation !== 'CREATE' || a.subresource !== '' || !a.object) return;
      const spec = { ...(a.object['spec'] as Record<string, unknown> | undefined) };
      for (const key of ['username', 'uid', 'groups', 'extra']) delete spec[key];
      spec['username'] = a.user.username;
      if (a.user.uid) spec['uid'] = a.user.uid;
      if (a.user.groups.length > 0) spec['groups'] = [...a.user.groups];
      if (a.user.extra && Object.keys(a.user.extra).length > 0) spec['extra'] = structuredClone(a.user.extra);
      a.object['spec'] = spec;
    },
  };
}

function stampConditions(a: Attributes, now: string): void {
  const before = listOf(objectOf(a.oldObject?.['status'])['conditions']).filter(isObject);
  for (const c of listOf(objectOf(a.object?.['status'])['conditions']).filter(isObject)) {
    const same = before.find(o => o['type'] === c['type'] && o['status'] === c['status']);
    c['lastUpdateTime'] ??= now;
    c['lastTransitionTime'] ??= same?.['lastTransitionTime'] ?? now;
  }
}

/** Requests to the client signer may not name the group system:masters. */
export function certificateSubjectRestriction(): AdmissionPlugin {
  return {
    name: 'CertificateSubjectRestriction',
    validate(a) {
      if (!isRequest(a) || a.operation !== 'CREATE' || a.subresource !== '' || signerOf(a.object) !== CLIENT_SIGNER) return;
      const request = String((a.object?.['spec'] as Record<string, unknown> | undefined)?.['request'] ?? '');
      const pem = Buffer.from(request, 'base64').toString('utf8');
      const body = /-----BEGIN CERTIFICATE REQUEST-----([\s\S]*?)-----END/.exec(pem)?.[1]?.replace(/\s/g, '') ?? '';
      if (!organizations(Buffer.from(body, 'base64')).includes('system:masters')) return;
      throw forbidden(
        { group: a.resource.group, plural: a.resource.plural, name: a.name },
        `use of ${CLIENT_SIGNER} signer with system:masters group is not allowed`,
      );
    },
  };
}

const ORGANIZATION = Buffer.from([0x06, 0x03, 0x55, 0x04, 0x0a]);

/** Values of the organization attribute (2.5.4.10) of a request's subject. */
function organizations(der: Buffer): string[] {
  const out: string[] = [];
  for (let at = der.indexOf(ORGANIZATION); at >= 0; at = der.indexOf(ORGANIZATION, at + 1)) {
    const start = at + ORGANIZATION.length;
    const length = der[start + 1] ?? 0;
    if (length < 0x80) out.push(der.subarray(start + 2, start + 2 + length).toString('utf8'));
  }
  return out;
}
