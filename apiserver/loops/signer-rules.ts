// What the signers of Kubernetes demand of a request before they sign it.
import type { RequestedSubject } from '../auth/certificate-request.ts';

const NODES = 'system:nodes';
const NODE_PREFIX = 'system:node:';

/** Why a signer refuses the request; undefined where it does not. */
export function signerFault(signer: string, subject: RequestedSubject, usages: readonly string[]): string | undefined {
  if (signer === 'kubernetes.io/kube-apiserver-client') return clientFault(usages);
  if (signer === 'kubernetes.io/kube-apiserver-client-kubelet') return kubeletClientFault(subject, usages);
  if (signer === 'kubernetes.io/kubelet-serving') return kubeletServingFault(subject, usages);
  return undefined;
}

function clientFault(usages: readonly string[]): string | undefined {
  const other = usages.find(u => !['digital signature', 'key encipherment', 'client auth'].includes(u));
  if (other !== undefined) return `invalid usage for client certificate: ${other}`;
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth';
}

export function kubeletClientFault(subject: RequestedSubject, usages: readonly string[]): string | undefined {
  const { names } = subject;
  if (!onlyNodes(subject)) return 'subject organization is not system:nodes';
  if (names.dns.length > 0) return 'DNS subjectAltNames are not allowed';
  if (names.email.length > 0) return 'Email subjectAltNames are not allowed';
  if (names.ip.length > 0) return 'IP subjectAltNames are not allowed';
  if (names.url.length > 0) return 'URI subjectAltNames are not allowed';
  return nodeName(subject) ?? usageFault(usages, 'client auth');
}

function kubeletServingFault(subject: RequestedSubject, usages: readonly string[]): string | undefined {
  const { names } = subject;
  if (!onlyNodes(subject)) return 'subject organization is not system:nodes';
  if (names.dns.length === 0 && names.ip.length === 0) return 'DNS or IP subjectAltName is required';
  if (names.email.length > 0) return 'Email subjectAltNames are not allowed';
  if (names.url.length > 0) return 'URI subjectAltNames are not allowed';
  return usageFault(usages, 'server auth') ?? nodeName(subject);
}

const onlyNodes = ({ organizations }: RequestedSubject): boolean => organizations.length === 1 && organizations[0] === NODES;

const nodeName = ({ commonName }: RequestedSubject): string | undefined =>
  commonName.startsWith(NODE_PREFIX) ? undefined : `subject common name does not begin with ${NODE_PREFIX}`;

/** Digital signature and `own`, with or without key encipherment: keys that are not RSA encipher nothing. */
function usageFault(usages: readonly string[], own: string): string | undefined {
  const all = ['digital signature', 'key encipherment', own].sort();
  const asked = new Set(usages);
  const least = all.filter(u => u !== 'key encipherment');
  const fits = least.every(u => asked.has(u)) && [...asked].every(u => all.includes(u));
  return fits ? undefined : `usages did not match [${all.join(' ')}]`;
}
