// What counts as a valid name, label, key or number, with the texts clients see. Every check returns messages; none means
// valid. Lengths are in bytes of UTF-8.
import { type FieldError, invalidValue, required, tooLong } from './field-error.ts';

/** A rule for texts: the faults of a text, in the order the API reports them. */
export type TextCheck = (text: string) => string[];

const DNS_LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const DNS_SUBDOMAIN = `${DNS_LABEL}(\\.${DNS_LABEL})*`;
const NAME_PART = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const ALPHANUMERIC_ENDS = 'and must start and end with an alphanumeric character';

const bytes = (text: string): number => Buffer.byteLength(text, 'utf8');

interface Shape {
  readonly pattern: string;
  readonly message: string;
  readonly examples?: readonly string[];
  readonly flags?: string;
}

/** `<message> (e.g. 'a',  or 'b', regex used for validation is '<pattern>')` */
function shapeMessage({ pattern, message, examples = [] }: Shape): string {
  const eg = examples.length ? `e.g. ${examples.map(e => `'${e}'`).join(',  or ')}, ` : '';
  return `${message} (${eg}regex used for validation is '${pattern}')`;
}

function shaped(shape: Shape & { readonly max?: number; readonly unit?: 'characters' | 'bytes' }): TextCheck {
  const matches = new RegExp(`^(?:${shape.pattern})$`, shape.flags);
  const message = shapeMessage(shape);
  const { max, unit = 'characters' } = shape;
  return text => {
    const faults = max !== undefined && isLonger(text, max) ? [`must be no more than ${max} ${unit}`] : [];
    if (!matches.test(text)) faults.push(message);
    return faults;
  };
}

/** Whether a text has more bytes; most need not be counted. */
const isLonger = (text: string, max: number): boolean => text.length * MAX_BYTES_A_UNIT > max && bytes(text) > max;
const MAX_BYTES_A_UNIT = 3;

const GOOD_MAX = 4096;

/** The same check for texts that come again and again: those that were good are not looked at anew. */
function remembering(check: TextCheck): TextCheck {
  const good = new Set<string>();
  return text => {
    if (good.has(text)) return [];
    const faults = check(text);
    if (faults.length > 0) return faults;
    if (good.size >= GOOD_MAX) good.clear();
    good.add(text);
    return faults;
  };
}

export const dns1123Subdomain = shaped({
  pattern: DNS_SUBDOMAIN,
  message: `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', ${ALPHANUMERIC_ENDS}`,
  examples: ['example.com'],
  max: 253,
});

export const dns1123SubdomainCaseless = shaped({
  pattern: DNS_SUBDOMAIN,
  flags: 'i',
  message: `an RFC 1123 subdomain must consist of alphanumeric characters, '-' or '.', ${ALPHANUMERIC_ENDS}`,
  examples: ['Example.com'],
  max: 253,
  unit: 'bytes',
});

export const dns1123SubdomainWithUnderscore = shaped({
  pattern: '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*',
  message: `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', ${ALPHANUMERIC_ENDS}`,
  examples: ['example.com'],
  max: 253,
});

export const wildcardDNS1123Subdomain = shaped({
  pattern: `\\*\\.${DNS_SUBDOMAIN}`,
  message:
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  examples: ['*.example.com'],
  max: 253,
});

const label = shaped({
  pattern: DNS_LABEL,
  message: `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', ${ALPHANUMERIC_ENDS}`,
  examples: ['my-name', '123-abc'],
});
const subdomainShape = new RegExp(`^(?:${DNS_SUBDOMAIN})$`);

export const dns1123Label: TextCheck = text => {
  const faults = isLonger(text, 63) ? ['must be no more than 63 characters'] : [];
  const misshapen = label(text);
  if (misshapen.length) faults.push(...(subdomainShape.test(text) ? ['must not contain dots'] : misshapen));
  return faults;
};

export const dns1035Label = shaped({
  pattern: '[a-z]([-a-z0-9]*[a-z0-9])?',
  message:
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  examples: ['my-name', 'abc-123'],
  max: 63,
});

export const labelValue = shaped({
  pattern: `(${NAME_PART})?`,
  message: `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', ${ALPHANUMERIC_ENDS}`,
  examples: ['MyValue', 'my_value', '12345'],
  max: 63,
  unit: 'bytes',
});

const NAME_SHAPE: Shape = {
  pattern: NAME_PART,
  message: `must consist of alphanumeric characters, '-', '_' or '.', ${ALPHANUMERIC_ENDS}`,
  examples: ['MyName', 'my.name', '123-abc'],
};
const namePart = shaped({ ...NAME_SHAPE, max: 63, unit: 'bytes' });

/** `name` or `prefix/name`: keys of labels, annotations, resources, finalizers, conditions. */
export const qualifiedName: TextCheck = remembering(text => {
  const parts = text.split('/');
  if (parts.length > 2) {
    return [
      `${shapeMessage({ ...NAME_SHAPE, message: `a valid label key ${NAME_SHAPE.message}` })} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const faults: string[] = [];
  const [prefix = ''] = parts;
  if (parts.length === 2) {
    if (prefix === '') faults.push('prefix part must be non-empty');
    else faults.push(...dns1123Subdomain(prefix).map(fault => `prefix part ${fault}`));
  }
  const name = parts[parts.length - 1] ?? '';
  if (name === '') faults.push('name part must be non-empty');
  faults.push(...namePart(name).map(fault => `name part ${fault}`));
  return faults;
});

const pathLike =
  (check: TextCheck): TextCheck =>
  text => {
    const faults = check(text);
    if (text === '.') return [...faults, "must not be '.'"];
    if (text === '..') return [...faults, "must not be '..'"];
    return text.startsWith('..') ? [...faults, "must not start with '..'"] : faults;
  };

/** Keys of ConfigMaps and Secrets. */
export const configMapKey = pathLike(
  shaped({
    pattern: '[-._a-zA-Z0-9]+',
    message: "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
    examples: ['key.name', 'KEY_NAME', 'key-name'],
    max: 253,
  }),
);

export const envVarName = pathLike(
  shaped({
    pattern: '[-._a-zA-Z][-._a-zA-Z0-9]*',
    message:
      "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit",
    examples: ['my.env-name', 'MY_ENV.NAME', 'MyEnvName1'],
  }),
);

export const relaxedEnvVarName: TextCheck = text => {
  if (text === '') return ['environment variable name must be non-empty'];
  return /^[\x20-\x3c\x3e-\x7e]*$/.test(text)
    ? []
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
};

export const cIdentifier = shaped({
  pattern: '[A-Za-z_][A-Za-z0-9_]*',
  message: "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
  examples: ['my_name', 'MY_NAME', 'MyName'],
});

export const httpHeaderName = shaped({
  pattern: '[-A-Za-z0-9]+',
  message: "a valid HTTP header must consist of alphanumeric characters or '-'",
  examples: ['X-Header-Name'],
});

export const percent = shaped({
  pattern: '[0-9]+%',
  message: "a valid percent string must be a numeric string followed by an ending '%'",
  examples: ['1%', '93%'],
});

export const decimalInteger: TextCheck = text => {
  if (text === '') return ['must be non-empty'];
  return /^(0|-?[1-9][0-9]*)$/.test(text) ? [] : ['must be a valid decimal integer in canonical form'];
};

/** Names that travel as one segment of a URL. */
export const pathSegmentName: TextCheck = text => {
  if (text === '.' || text === '..') return [`may not be '${text}'`];
  return ['/', '%'].filter(c => text.includes(c)).map(c => `may not contain '${c}'`);
};

/** Names of container and service ports (IANA service names). */
export const portName: TextCheck = text => [
  ...(bytes(text) > 15 ? ['must be no more than 15 characters'] : []),
  ...(/^[-a-z0-9]+$/.test(text) ? [] : ['must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)']),
  ...(/[a-z]/.test(text) ? [] : ['must contain at least one letter (a-z)']),
  ...(text.includes('--') ? ['must not contain consecutive hyphens'] : []),
  ...(text.startsWith('-') || text.endsWith('-') ? ['must not begin or end with a hyphen'] : []),
];

/** A whole number between two bounds. */
export function inRange(n: number, low: number, high: number): string[] {
  return n >= low && n <= high ? [] : [`must be between ${low} and ${high}, inclusive`];
}

export const portNumber = (n: number): string[] => inRange(n, 1, 65535);
/** A Unix user or group id. */
export const posixId = (n: number): string[] => inRange(n, 0, 2147483647);

/** Each fault of a text as a field error. */
export function faultsAt(check: TextCheck, text: string, path: string): FieldError[] {
  return check(text).map(fault => invalidValue(path, text, fault));
}

/** metadata.labels: keys and values. */
export function validateLabels(labels: Readonly<Record<string, string>>, path: string): FieldError[] {
  return Object.entries(labels).flatMap(([key, value]) => [...faultsAt(qualifiedName, key, path), ...faultsAt(labelValue, value, path)]);
}

const ANNOTATIONS_MAX = 256 * 1024;

/** metadata.annotations: keys, whose upper case is forgiven, and the size of all together. */
export function validateAnnotations(annotations: Readonly<Record<string, string>>, path: string): FieldError[] {
  const entries = Object.entries(annotations);
  const errors = entries.flatMap(([key]) => qualifiedName(key.toLowerCase()).map(fault => invalidValue(path, key, fault)));
  const size = entries.reduce((sum, [key, value]) => sum + bytes(key) + bytes(value), 0);
  return size > ANNOTATIONS_MAX ? [...errors, tooLong(path, ANNOTATIONS_MAX)] : errors;
}

/** `acme.io/foo`: a key with a prefix. */
export function validateDomainPrefixedKey(key: string, path: string): FieldError[] {
  if (key === '') return [required(path)];
  const errors = faultsAt(qualifiedName, key, path);
  const slash = key.indexOf('/');
  return slash > 0 || errors.length ? errors : [invalidValue(path, key, 'must be a domain-prefixed key (such as "acme.io/foo")')];
}

const URL_PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
const urlPath = new RegExp(`^(?:${URL_PATH})$`);

/** `acme.io/foo/bar`: a domain and a path. */
export function validateDomainPrefixedPath(text: string, path: string): FieldError[] {
  if (text === '') return [required(path)];
  const slash = text.indexOf('/');
  if (slash <= 0 || slash === text.length - 1) return [invalidValue(path, text, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  const rest = text.slice(slash + 1);
  const errors = faultsAt(dns1123Subdomain, text.slice(0, slash), path);
  if (urlPath.test(rest)) return errors;
  return [...errors, invalidValue(path, rest, shapeMessage({ message: 'Invalid path', pattern: URL_PATH }))];
}

/** A DNS name of at least three segments, as names of webhooks. */
export function validateFullyQualifiedName(name: string, path: string): FieldError[] {
  if (name === '') return [required(path)];
  const faults = dns1123Subdomain(name);
  if (faults.length) return [invalidValue(path, name, faults.join(','))];
  return name.split('.').length < 3 ? [invalidValue(path, name, 'should be a domain with at least three segments separated by dots')] : [];
}

/** A DNS name of at least two segments; a final dot is forgiven. */
export function validateFullyQualifiedDomainName(text: string, path: string): FieldError[] {
  if (text === '') return [required(path)];
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  const faults = dns1123Subdomain(name);
  if (faults.length) return [invalidValue(path, name, faults.join(','))];
  const labels = name.split('.');
  if (labels.length < 2) return [invalidValue(path, name, 'should be a domain with at least two segments separated by dots')];
  return labels.flatMap(part => faultsAt(dns1123Label, part, path));
}

const FIELD_MANAGER_MAX = 128;

/** The fieldManager parameter: short and printable. */
export function validateFieldManager(manager: string, path: string): FieldError[] {
  const errors = bytes(manager) > FIELD_MANAGER_MAX ? [tooLong(path, FIELD_MANAGER_MAX)] : [];
  let position = 0;
  for (const c of manager) {
    if (!/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(c)) {
      const code = (c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
      errors.push(invalidValue(path, manager, `invalid character U+${code} (at position ${position})`));
    }
    position += bytes(c);
  }
  return errors;
}

const GENERATED_SUFFIX = 5;
const GENERATED_MAX = 63;
const SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** A name made of metadata.generateName: cut so that the whole fits a DNS label, plus a random suffix. */
export function generateName(base: string, random: () => number): string {
  let name = generatedPrefix(base);
  for (let i = 0; i < GENERATED_SUFFIX; i++) name += SUFFIX_ALPHABET[Math.floor(random() * SUFFIX_ALPHABET.length)];
  return name;
}

/** The part of a generateName that is kept. */
export function generatedPrefix(base: string): string {
  return Buffer.from(base, 'utf8')
    .subarray(0, GENERATED_MAX - GENERATED_SUFFIX)
    .toString('utf8');
}
