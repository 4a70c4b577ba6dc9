// Validation of CustomResourceDefinitions on create and update, with the paths of the reference's internal form
// (`spec.validation.openAPIV3Schema` when all versions share one schema).
import { dns1035Label, dns1123Subdomain, equal, type FieldError, field, isObject, listOf, objectOf, stringOf } from '../../kube/index.ts';
import { approvalOf, isProtectedGroup } from './approval.ts';
import { type Hoisted, hoisted, printedVersions, type Version, versionsOf } from './internal-form.ts';
import { isTrue, pointer, present, type RawSchema, schemaOf } from './raw-schema.ts';
import { validateDefaults } from './validate-defaults.ts';
import { type CheckRules, validateOpenApi } from './validate-openapi.ts';
import { validateColumns, validateConversion, validateNames, validateSelectableFields, validateSubresources } from './validate-parts.ts';
import { validateStructural } from './validate-structural.ts';

const { child, index, required, invalidValue, forbiddenField, notSupported } = field;
type Raw = Readonly<Record<string, unknown>>;

/** Makes the checker of one schema's rules; `finish` adds the faults of all its rules together. */
export interface RuleChecking {
  start(schema: RawSchema, path: string): { readonly check: CheckRules; finish(): FieldError[] };
}

/** All faults of a CRD except those of its metadata other than the name; `old` on update. */
export function validateCrd(crd: Raw, old: Raw | undefined, rules: RuleChecking): FieldError[] {
  const spec = objectOf(crd['spec']);
  return [
    ...(old ? [] : nameFaults(crd, spec)),
    ...validateSpec(spec, rules),
    ...(old ? immutableFaults(spec, old) : []),
    ...storedVersionFaults(objectOf(crd['status']), spec),
    ...approvalFaults(crd, spec, old),
    ...preserveFaults(spec, old),
  ];
}

function nameFaults(crd: Raw, spec: Raw): FieldError[] {
  const metadata = objectOf(crd['metadata']);
  const name = stringOf(metadata['name']);
  if (!name) return [];
  const plural = stringOf(objectOf(spec['names'])['plural']);
  const faults = dns1123Subdomain(name);
  if (name !== `${plural}.${stringOf(spec['group'])}`) faults.push('must be spec.names.plural+"."+spec.group');
  return faults.map(text => invalidValue('metadata.name', name, text));
}

/** What may not change once the names have been accepted. */
function immutableFaults(spec: Raw, old: Raw): FieldError[] {
  const oldSpec = objectOf(old['spec']);
  const established = listOf(objectOf(old['status'])['conditions']).some(
    c => objectOf(c)['type'] === 'Established' && objectOf(c)['status'] === 'True',
  );
  const names = [objectOf(spec['names']), objectOf(oldSpec['names'])] as const;
  const keep = (path: string, now: unknown, before: unknown): FieldError[] =>
    equal(now ?? null, before ?? null) ? [] : [invalidValue(path, now, 'field is immutable')];
  return [
    ...(established ? keep('spec.scope', spec['scope'], oldSpec['scope']) : []),
    ...(established ? keep('spec.names.kind', names[0]['kind'], names[1]['kind']) : []),
    ...keep('spec.group', spec['group'], oldSpec['group']),
    ...keep('spec.names.plural', names[0]['plural'], names[1]['plural']),
  ];
}

function validateSpec(spec: Raw, rules: RuleChecking): FieldError[] {
  const versions = versionsOf(spec);
  const up = hoisted(versions);
  const first = versions[0] ?? {};
  const shared = up.schema && versions.length > 0 ? openApiSchema(first) : undefined;
  const errors: FieldError[] = [...groupFaults(spec), ...scopeFaults(spec)];
  if (!shared)
    versions.forEach((v, i) => {
      if (!openApiSchema(v)) errors.push(required(child(index('spec.versions', i), 'schema.openAPIV3Schema')));
    });
  versions.forEach((v, i) => void errors.push(...versionFaults(v, index('spec.versions', i), up, rules)));
  errors.push(...versionListFaults(spec, versions));
  errors.push(...validateNames(objectOf(spec['names']), 'spec.names'));
  if (shared) errors.push(...schemaFaults(shared, 'spec.validation', statusEnabled(versions), rules));
  if (up.subresources) errors.push(...validateSubresources(first['subresources'], 'spec.subresources'));
  if (up.columns) errors.push(...validateColumns(first['additionalPrinterColumns'], 'spec.additionalPrinterColumns'));
  if (up.selectableFields) errors.push(...validateSelectableFields(first['selectableFields'], shared, 'spec.selectableFields'));
  return [...errors, ...validateConversion(spec['conversion'], 'spec.conversion')];
}

const openApiSchema = (v: Version): RawSchema | undefined => schemaOf(objectOf(v['schema'])['openAPIV3Schema']);
const statusEnabled = (versions: readonly Version[]): boolean => versions.some(v => present(objectOf(v['subresources'])['status']));

function groupFaults(spec: Raw): FieldError[] {
  const group = stringOf(spec['group']);
  if (!group) return [required('spec.group')];
  const faults = dns1123Subdomain(group);
  if (faults.length > 0) return [invalidValue('spec.group', group, faults.join(','))];
  return group.includes('.') ? [] : [invalidValue('spec.group', group, 'should be a domain with at least one dot')];
}

function scopeFaults(spec: Raw): FieldError[] {
  const scope = stringOf(spec['scope']);
  if (!scope) return [required('spec.scope')];
  return scope === 'Cluster' || scope === 'Namespaced' ? [] : [notSupported('spec.scope', scope, ['Cluster', 'Namespaced'])];
}

function versionFaults(v: Version, path: string, up: Hoisted, rules: RuleChecking): FieldError[] {
  const name = stringOf(v['name']);
  const faults = dns1035Label(name);
  const schema = up.schema ? undefined : openApiSchema(v);
  return [
    ...(faults.length > 0 ? [invalidValue(child(path, 'name'), name, faults.join(','))] : []),
    ...deprecationFaults(v, child(path, 'deprecationWarning')),
    ...(schema ? schemaFaults(schema, child(path, 'schema'), statusEnabled([v]), rules) : []),
    ...(up.subresources ? [] : validateSubresources(v['subresources'], child(path, 'subresources'))),
    ...(up.columns ? [] : validateColumns(v['additionalPrinterColumns'], child(path, 'additionalPrinterColumns'))),
    ...(up.selectableFields ? [] : validateSelectableFields(v['selectableFields'], openApiSchema(v), child(path, 'selectableFields'))),
  ];
}

function deprecationFaults(v: Version, path: string): FieldError[] {
  const warning = pointer(v, 'deprecationWarning');
  if (warning === undefined) return [];
  const faults: string[] = [];
  if (v['deprecated'] !== true) faults.push('can only be set for deprecated versions');
  else {
    if (Buffer.byteLength(warning) > 256) faults.push('must be <= 256 characters long');
    if (warning.trim() === '') faults.push('must not be an empty string');
    const bad = [...warning].findIndex(c => /[\p{C}\u2028\u2029]/u.test(c) || (c !== ' ' && /\s/.test(c)));
    if (bad >= 0) faults.push(`must only contain printable UTF-8 characters; non-printable character found at index ${bad}`);
  }
  return faults.map(text => invalidValue(path, warning, text));
}

function versionListFaults(spec: Raw, versions: readonly Version[]): FieldError[] {
  const names = versions.map(v => stringOf(v['name']));
  const errors: FieldError[] = [];
  if (new Set(names).size < names.length)
    errors.push(invalidValue('spec.versions', printedVersions(spec), 'must contain unique version names'));
  if (versions.filter(v => v['storage'] === true).length !== 1)
    errors.push(invalidValue('spec.versions', printedVersions(spec), 'must have exactly one version marked as storage version'));
  const first = names[0] ?? '';
  const faults = first ? dns1035Label(first) : [];
  if (faults.length > 0) errors.push(invalidValue('spec.version', first, faults.join(',')));
  return errors;
}

/** Faults of one schema: structure and defaults first, then keywords, then rules. */
function schemaFaults(schema: RawSchema, parent: string, status: boolean, rules: RuleChecking): FieldError[] {
  const path = child(parent, 'openAPIV3Schema');
  const errors: FieldError[] =
    status && stringOf(schema['type']) !== 'object' && stringOf(schema['type']) !== ''
      ? [
          invalidValue(
            child(path, 'type'),
            schema['type'],
            'only "object" is allowed as the type at the root of the schema if the status subresource is enabled',
          ),
        ]
      : [];
  if (isTrue(schema, 'nullable')) errors.push(forbiddenField(child(path, 'nullable'), 'nullable cannot be true at the root'));
  const broken = unsupportedKeyword(schema);
  const structural = broken ? [] : validateStructural(schema, path);
  const faults = structural.length > 0 || broken ? structural : validateDefaults(schema, path);
  const sound = !broken && faults.length === 0;
  const checking = sound ? rules.start(schema, path) : undefined;
  errors.push(...faults, ...validateOpenApi(schema, path, checking?.check));
  if (broken && errors.length === 0) errors.push(invalidValue(path, '', broken));
  return [...errors, ...(checking?.finish() ?? [])];
}

const PRESERVE = 'x-kubernetes-preserve-unknown-fields';
const NEVER = ['id', '$schema', '$ref', 'additionalItems', 'patternProperties', 'definitions', 'dependencies'];

/** The first keyword that keeps a schema from being read as structural at all. */
function unsupportedKeyword(s: RawSchema): string | undefined {
  for (const key of NEVER) {
    const value = s[key];
    const set =
      key === 'id' || key === '$schema'
        ? value !== '' && present(value)
        : present(value) && !(isObject(value) && Object.keys(value).length === 0);
    if (set) return `OpenAPIV3Schema '${key.replace('$', '')}' is not supported`;
  }
  if (s[PRESERVE] === false) return `'${PRESERVE}' must be true or undefined`;
  if (Array.isArray(s['items']) && s['items'].length > 0) return "OpenAPIV3Schema 'items' must be a schema, but is an array";
  for (const inner of innerSchemas(s)) {
    const found = unsupportedKeyword(inner);
    if (found) return found;
  }
  return undefined;
}

function innerSchemas(s: RawSchema): RawSchema[] {
  const direct = ['items', 'additionalProperties', 'not'].map(key => schemaOf(s[key]));
  const lists = ['allOf', 'anyOf', 'oneOf'].flatMap(key => listOf(s[key]).map(schemaOf));
  return [...direct, ...lists, ...Object.values(objectOf(s['properties'])).map(schemaOf)].filter(x => x !== undefined);
}

function storedVersionFaults(status: Raw, spec: Raw): FieldError[] {
  const path = 'status.storedVersions';
  const stored = listOf(status['storedVersions']).map(stringOf);
  if (stored.length === 0) return [invalidValue(path, status['storedVersions'] ?? null, 'must have at least one stored version')];
  const open = new Set(stored);
  const errors: FieldError[] = [];
  for (const v of versionsOf(spec)) {
    const name = stringOf(v['name']);
    if (!open.delete(name) && v['storage'] === true) errors.push(invalidValue(path, stored, `must have the storage version ${name}`));
  }
  for (const name of open) {
    const why = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    errors.push(invalidValue(index(path, stored.indexOf(name)), name, why));
  }
  return errors;
}

function approvalFaults(crd: Raw, spec: Raw, old: Raw | undefined): FieldError[] {
  if (!isProtectedGroup(stringOf(spec['group']))) return [];
  const now = approvalOf(crd);
  if (old && approvalOf(old).state === now.state) return [];
  const path = field.mapKey('metadata.annotations', 'api-approved.kubernetes.io');
  if (now.state === 'missing') return [required(path, now.message)];
  return now.state === 'invalid' ? [invalidValue(path, now.annotation, now.message)] : [];
}

function preserveFaults(spec: Raw, old: Raw | undefined): FieldError[] {
  if (spec['preserveUnknownFields'] !== true || objectOf(old?.['spec'])['preserveUnknownFields'] === true) return [];
  const detail = 'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';
  return [invalidValue('spec.preserveUnknownFields', true, detail)];
}
