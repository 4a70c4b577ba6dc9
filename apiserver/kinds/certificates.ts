// CertificateSigningRequest: who asks is written by the server, approval and issue have paths of their own.
import { equal } from '../../kube/index.ts';
import { child, duplicate, IMMUTABLE, index, invalidValue, notSupported, required, tooLong } from './checks.ts';
import type { KindDefinition } from './define.ts';
import { dnsLabel, dnsSubdomain } from './names.ts';
import { type Faults, has, items, number, type Obj, strings, sub, text } from './read.ts';

const USAGES = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];

export const certificateSigningRequest: KindDefinition = {
  scope: 'Cluster',
  name: 'segment',
  status: true,
  subresources: ['approval', 'status'],
  update: ['full', 'meta'],
  spec(faults, o) {
    const spec = sub(o, 'spec');
    request(faults, spec['request'] ?? null);
    usages(faults, strings(spec, 'usages'));
    signerName(faults, 'spec.signerName', text(spec, 'signerName'));
    if (has(spec, 'expirationSeconds') && number(spec, 'expirationSeconds') < 600)
      faults.push(
        invalidValue(
          'spec.expirationSeconds',
          number(spec, 'expirationSeconds'),
          'may not specify a duration less than 600 seconds (10 minutes)',
        ),
      );
    conditions(faults, items(sub(o, 'status'), 'conditions'));
  },
  prepareUpdate(o, old, subresource) {
    if (subresource === '' || subresource === 'approval' || subresource === 'status') o['spec'] = structuredClone(old['spec']);
    if (subresource === 'approval') {
      const status = { ...(old['status'] as Obj), conditions: sub(o, 'status')['conditions'] };
      o['status'] = status.conditions === undefined ? old['status'] : status;
    }
  },
  changes(faults, o, old) {
    if (!equal(sub(o, 'status')['certificate'], sub(old, 'status')['certificate']))
      faults.push(invalidValue('status.certificate', '', IMMUTABLE));
  },
};

function request(faults: Faults, base64: unknown): void {
  const pem = Buffer.from(typeof base64 === 'string' ? base64 : '', 'base64').toString('utf8');
  const type = /-----BEGIN ([^-]+)-----/.exec(pem)?.[1];
  if (type !== 'CERTIFICATE REQUEST' || !/-----END CERTIFICATE REQUEST-----/.test(pem))
    faults.push(invalidValue('spec.request', base64, 'PEM block type must be CERTIFICATE REQUEST'));
}

function usages(faults: Faults, list: readonly string[]): void {
  if (list.length === 0) faults.push(required('spec.usages'));
  const seen = new Set<string>();
  list.forEach((u, i) => {
    const at = index('spec.usages', i);
    if (!USAGES.includes(u)) faults.push(notSupported(at, u, USAGES));
    if (seen.has(u)) faults.push(duplicate(at, u));
    seen.add(u);
  });
}

/** `domain/path`, each of its parts sound. */
export function signerName(faults: Faults, path: string, name: string): void {
  if (name === '') {
    faults.push(required(path));
    return;
  }
  const segments = name.split('/');
  if (segments.length !== 2) {
    faults.push(invalidValue(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'"));
    return;
  }
  const [domain = '', tail = ''] = segments;
  const domainLabels = domain.split('.');
  if (domainLabels.length < 2) faults.push(invalidValue(path, domain, 'should be a domain with at least two segments separated by dots'));
  for (const label of domainLabels)
    for (const e of dnsLabel(label)) faults.push(invalidValue(path, domain, `validating label ${JSON.stringify(label)}: ${e}`));
  for (const label of tail.split('.'))
    for (const e of dnsSubdomain(label)) faults.push(invalidValue(path, tail, `validating label ${JSON.stringify(label)}: ${e}`));
  if (Buffer.byteLength(name) > 571) faults.push(tooLong(path, 571));
}

function conditions(faults: Faults, list: readonly Obj[]): void {
  const seen = new Set<string>();
  list.forEach((c, i) => {
    const at = index('status.conditions', i);
    const type = text(c, 'type');
    if (type === '') faults.push(required(child(at, 'type')));
    const status = text(c, 'status');
    if (status === '') faults.push(required(child(at, 'status')));
    else if (['Approved', 'Denied', 'Failed'].includes(type) && status !== 'True')
      faults.push(notSupported(child(at, 'status'), status, ['True']));
    if (seen.has(type)) faults.push(duplicate(child(at, 'type'), type));
    seen.add(type);
  });
  if (seen.has('Approved') && seen.has('Denied'))
    faults.push(invalidValue('status.conditions', 'Denied', 'Approved and Denied conditions are mutually exclusive'));
}
