// CertificateSigningRequest: who asks is written by the server, approval and issue have paths of their own.
import { X509Certificate } from 'node:crypto';
import { equal } from '../../kube/index.ts';
import { child, duplicate, forbiddenField, index, invalidValue, notSupported, required, tooLong } from './checks.ts';
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
  name: 'none',
  status: true,
  subresources: ['approval', 'status'],
  update: ['full', 'changes', 'meta'],
  spec(faults, o) {
    const spec = sub(o, 'spec');
    request(faults, spec['request'] ?? null);
    usages(faults, strings(spec, 'usages'));
    if (text(spec, 'signerName') === LEGACY_SIGNER)
      faults.push(invalidValue('spec.signerName', LEGACY_SIGNER, 'the legacy signerName is not allowed via this API version'));
    else signerName(faults, 'spec.signerName', text(spec, 'signerName'));
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
      if (status.conditions === undefined) delete status.conditions;
      o['status'] = status;
    }
  },
  changes(faults, o, old, subresource) {
    keptConditions(faults, { now: o, before: old, mayApprove: subresource === 'approval' });
    certificateChange(faults, { now: o, before: old, maySet: subresource === 'status' });
  },
};

/** Only earlier versions of the API took it. */
const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown';

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
function signerName(faults: Faults, path: string, name: string): void {
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

const DECISIONS = ['Approved', 'Denied'];
const LASTING = [...DECISIONS, 'Failed'];

function conditions(faults: Faults, list: readonly Obj[]): void {
  const seen = new Set<string>();
  list.forEach((c, i) => {
    const at = index('status.conditions', i);
    const type = text(c, 'type');
    if (type === '') faults.push(required(child(at, 'type')));
    const status = text(c, 'status');
    const statuses = LASTING.includes(type) ? ['True'] : ['False', 'True', 'Unknown'];
    if (status === '') faults.push(required(child(at, 'status')));
    else if (!statuses.includes(status)) faults.push(notSupported(child(at, 'status'), status, statuses));
    if (DECISIONS.includes(type) && DECISIONS.some(other => other !== type && seen.has(other)))
      faults.push(invalidValue(child(at, 'type'), type, 'Approved and Denied conditions are mutually exclusive'));
    if (seen.has(type)) faults.push(duplicate(child(at, 'type'), type));
    seen.add(type);
  });
}

/** A decision stays, and only the path of approvals makes one. */
function keptConditions(faults: Faults, o: { readonly now: Obj; readonly before: Obj; readonly mayApprove: boolean }): void {
  const path = 'status.conditions';
  const of = (object: Obj, type: string): Obj[] => items(sub(object, 'status'), 'conditions').filter(c => text(c, 'type') === type);
  for (const type of LASTING)
    if (of(o.now, type).length < of(o.before, type).length)
      faults.push(forbiddenField(path, `updates may not remove a condition of type ${JSON.stringify(type)}`));
  if (o.mayApprove) return;
  for (const type of DECISIONS) {
    const [now, before] = [of(o.now, type), of(o.before, type)];
    if (now.length > before.length) faults.push(forbiddenField(path, `updates may not add a condition of type ${JSON.stringify(type)}`));
    else if (now.length === before.length && !equal(now, before))
      faults.push(forbiddenField(path, `updates may not modify a condition of type ${JSON.stringify(type)}`));
  }
}

function certificateChange(faults: Faults, o: { readonly now: Obj; readonly before: Obj; readonly maySet: boolean }): void {
  const path = 'status.certificate';
  const [now, before] = [text(sub(o.now, 'status'), 'certificate'), text(sub(o.before, 'status'), 'certificate')];
  if (now === before) return;
  const fault = certificateFault(now);
  if (fault && !certificateFault(before)) faults.push(invalidValue(path, '<certificate data>', fault));
  if (!o.maySet) faults.push(forbiddenField(path, 'updates may not set certificate content'));
  else if (before !== '') faults.push(forbiddenField(path, 'updates may not modify existing certificate content'));
}

const PEM_BLOCK = /-----BEGIN ([^-]+)-----\r?\n([\s\S]*?)-----END \1-----/g;

/** What is wrong with an issued certificate; undefined where nothing is, or nothing is issued. */
function certificateFault(base64: string): string | undefined {
  if (base64 === '') return undefined;
  const blocks = [...Buffer.from(base64, 'base64').toString('latin1').matchAll(PEM_BLOCK)];
  if (blocks.length === 0) return 'must contain at least one CERTIFICATE PEM block';
  for (const [whole, type = '', body = ''] of blocks) {
    if (type !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`;
    if (body.includes(':')) return 'no PEM block headers are permitted';
    try {
      new X509Certificate(whole);
    } catch {
      return 'x509: malformed certificate';
    }
  }
  return undefined;
}
