// Whether a certificate request is one that an agent makes (specification §8.13): the right organisation and name, nothing else in it, and no more usages than needed.
import 'reflect-metadata';
import { Name, Pkcs10CertificateRequest } from '@peculiar/x509';
import { type AnyObject, at, listOf, stringOf } from '../../kube/index.ts';

const SIGNER = 'kubernetes.io/kube-apiserver-client';
const ORGANIZATION = 'system:karmada:agents';
const NAME_PREFIX = 'system:karmada:agent:';
const USAGES = ['digital signature', 'client auth'];
const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17';

/** What an agent's request asks for; undefined for any other request. */
export function agentRequest(csr: AnyObject): { readonly commonName: string } | undefined {
  if (at(csr, 'spec', 'signerName') !== SIGNER || !hasAgentUsages(listOf(at(csr, 'spec', 'usages')).map(stringOf))) return undefined;
  const request = parsed(stringOf(at(csr, 'spec', 'request')));
  if (!request) return undefined;
  const subject = new Name(request.subject);
  const organizations = subject.getField('O');
  const [commonName = '', ...more] = subject.getField('CN');
  if (organizations.length !== 1 || organizations[0] !== ORGANIZATION || more.length > 0) return undefined;
  if (!commonName.startsWith(NAME_PREFIX)) return undefined;
  return request.extensions.some(({ type }) => type === SUBJECT_ALTERNATIVE_NAME) ? undefined : { commonName };
}

function hasAgentUsages(usages: readonly string[]): boolean {
  const rest = new Set(usages);
  rest.delete('key encipherment');
  return rest.size === USAGES.length && USAGES.every(usage => rest.has(usage));
}

function parsed(base64: string): Pkcs10CertificateRequest | undefined {
  try {
    return new Pkcs10CertificateRequest(Buffer.from(base64, 'base64').toString('utf8'));
  } catch {
    // Whatever is not a certificate request is not an agent's.
    return undefined;
  }
}
