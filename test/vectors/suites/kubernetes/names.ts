// Names, labels, keys, addresses.

import type { FieldError, TextCheck } from '../../../../kube/index.ts';
import * as kube from '../../../../kube/index.ts';
import { agree, differ, type Suite } from '../../suite.ts';

const at =
  (check: TextCheck) =>
  (text: string): FieldError[] =>
    kube.faultsAt(check, text, 'f');
const inField =
  (check: (text: string, path: string) => FieldError[]) =>
  (text: string): FieldError[] =>
    check(text, 'f');

const TEXTS: Record<string, (text: string) => readonly (string | FieldError)[]> = {
  dns1123Subdomain: kube.dns1123Subdomain,
  dns1123SubdomainCaseless: kube.dns1123SubdomainCaseless,
  dns1123SubdomainWithUnderscore: kube.dns1123SubdomainWithUnderscore,
  wildcardDNS1123Subdomain: kube.wildcardDNS1123Subdomain,
  dns1123Label: kube.dns1123Label,
  dns1035Label: kube.dns1035Label,
  portName: kube.portName,
  cIdentifier: kube.cIdentifier,
  pathSegmentName: kube.pathSegmentName,
  envVarName: kube.envVarName,
  relaxedEnvVarName: kube.relaxedEnvVarName,
  percent: kube.percent,
  decimalInteger: kube.decimalInteger,
  labelKey: kube.qualifiedName,
  labelValue: kube.labelValue,
  httpHeaderName: kube.httpHeaderName,
  configMapKey: kube.configMapKey,
  labelName: at(kube.qualifiedName),
  finalizerName: at(kube.qualifiedName),
  domainPrefixedPath: inField(kube.validateDomainPrefixedPath),
  domainPrefixedKey: inField(kube.validateDomainPrefixedKey),
  fieldManager: inField(kube.validateFieldManager),
  ip: inField(kube.validateAddress),
  cidr: inField(kube.validatePrefix),
  ipLegacy: inField(kube.validateAddressLegacy),
  cidrLegacy: inField(kube.validatePrefixLegacy),
  fullyQualifiedName: inField(kube.validateFullyQualifiedName),
  fullyQualifiedDomainName: inField(kube.validateFullyQualifiedDomainName),
};

interface Input {
  readonly check: string;
  readonly s: string;
  readonly map: Record<string, string>;
  readonly n: number;
  readonly key: string;
  readonly valueLength: number;
}

function answer(c: Input): Record<string, unknown> {
  const text = TEXTS[c.check];
  if (text) return { errors: texts(text(c.s)) };
  switch (c.check) {
    case 'labels':
      return { errors: texts(kube.validateLabels(c.map, 'metadata.labels')) };
    case 'annotations':
      return { errors: texts(kube.validateAnnotations(c.map, 'metadata.annotations')) };
    case 'annotationsSize':
      return { errors: texts(kube.validateAnnotations({ [c.key]: 'x'.repeat(c.valueLength) }, 'metadata.annotations')) };
    case 'generateName':
      return generated(c.s);
    default:
      return { groupID: kube.posixId(c.n), port: kube.portNumber(c.n), range1to5: kube.inRange(c.n, 1, 5), userID: kube.posixId(c.n) };
  }
}

function generated(base: string): Record<string, unknown> {
  const letters = new Set<string>();
  for (let i = 0; i < 27; i++) letters.add(kube.generateName(base, () => i / 27).slice(-1));
  const prefix = kube.generatedPrefix(base);
  return { prefix, suffixAlphabet: [...letters].join(''), suffixLength: kube.generateName(base, () => 0).length - prefix.length };
}

const texts = (errors: readonly (string | FieldError)[]): string[] => errors.map(e => (typeof e === 'string' ? e : e.text));

/** Maps are walked in no order. */
function sorted(out: Record<string, unknown>): Record<string, unknown> {
  return Array.isArray(out['errors']) ? { ...out, errors: [...out['errors']].sort() } : out;
}

export const suite: Suite = {
  check(c) {
    const got = answer(c.in as unknown as Input);
    return kube.equal(sorted(got), sorted(c.out as Record<string, unknown>)) ? agree : differ(got, c.out);
  },
};
