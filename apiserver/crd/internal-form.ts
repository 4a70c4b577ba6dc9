// The internal form of a CRD, which error texts quote: what all versions have in common stands above them, and values are
// printed with the names of the reference's own fields.
import { equal, isObject, listOf, objectOf, stringOf } from '../../kube/index.ts';
import { present } from './raw-schema.ts';

/** The parts of a version that move up when all versions agree on them. */
export interface Hoisted {
  readonly schema: boolean;
  readonly subresources: boolean;
  readonly columns: boolean;
  readonly selectableFields: boolean;
}

export type Version = Readonly<Record<string, unknown>>;

export const versionsOf = (spec: Readonly<Record<string, unknown>>): Version[] => listOf(spec['versions']).map(objectOf);

/** Which parts all versions have in common. */
export function hoisted(versions: readonly Version[]): Hoisted {
  const same = (key: string): boolean => versions.every(v => equal(v[key] ?? null, versions[0]?.[key] ?? null));
  return {
    schema: same('schema'),
    subresources: same('subresources'),
    columns: same('additionalPrinterColumns'),
    selectableFields: same('selectableFields'),
  };
}

/** `spec.versions` as error texts print it. */
export function printedVersions(spec: Readonly<Record<string, unknown>>): unknown {
  if (!Array.isArray(spec['versions'])) return null;
  const versions = versionsOf(spec);
  const up = hoisted(versions);
  return versions.map(v => ({
    Name: stringOf(v['name']),
    Served: v['served'] === true,
    Storage: v['storage'] === true,
    Deprecated: v['deprecated'] === true,
    DeprecationWarning: v['deprecationWarning'] ?? null,
    Schema: up.schema || !present(v['schema']) ? null : { OpenAPIV3Schema: printedSchema(objectOf(v['schema'])['openAPIV3Schema']) },
    Subresources: up.subresources || !present(v['subresources']) ? null : printedSubresources(objectOf(v['subresources'])),
    AdditionalPrinterColumns:
      up.columns || !Array.isArray(v['additionalPrinterColumns']) ? null : v['additionalPrinterColumns'].map(printedColumn),
    SelectableFields:
      up.selectableFields || !Array.isArray(v['selectableFields'])
        ? null
        : v['selectableFields'].map(f => ({ JSONPath: stringOf(objectOf(f)['jsonPath']) })),
  }));
}

function printedSubresources(s: Readonly<Record<string, unknown>>): unknown {
  const scale = objectOf(s['scale']);
  return {
    Status: present(s['status']) ? {} : null,
    Scale: present(s['scale'])
      ? {
          SpecReplicasPath: stringOf(scale['specReplicasPath']),
          StatusReplicasPath: stringOf(scale['statusReplicasPath']),
          LabelSelectorPath: scale['labelSelectorPath'] ?? null,
        }
      : null,
  };
}

function printedColumn(column: unknown): unknown {
  const c = objectOf(column);
  const text = (key: string): string => stringOf(c[key]);
  return {
    Name: text('name'),
    Type: text('type'),
    Format: text('format'),
    Description: text('description'),
    Priority: c['priority'] ?? 0,
    JSONPath: text('jsonPath'),
  };
}

type Printer = (value: unknown) => unknown;
const asIs: Printer = v => v ?? null;
const text: Printer = v => (typeof v === 'string' ? v : '');
const flag: Printer = v => v === true;
const list: Printer = v => (Array.isArray(v) ? v.map(printedSchema) : null);
const map: Printer = v =>
  isObject(v)
    ? Object.fromEntries(
        Object.entries(v)
          .sort(byName)
          .map(([k, s]) => [k, printedSchema(s)]),
      )
    : null;
const schema: Printer = v => (isObject(v) ? printedSchema(v) : null);
const schemaOrBool: Printer = v => (present(v) ? { Allows: v !== false, Schema: isObject(v) ? printedSchema(v) : null } : null);
const byName = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1);

const FIELDS: readonly (readonly [name: string, key: string, print: Printer])[] = [
  ['ID', 'id', text],
  ['Schema', '$schema', text],
  ['Ref', '$ref', asIs],
  ['Description', 'description', text],
  ['Type', 'type', text],
  ['Nullable', 'nullable', flag],
  ['Format', 'format', text],
  ['Title', 'title', text],
  ['Default', 'default', asIs],
  ['Maximum', 'maximum', asIs],
  ['ExclusiveMaximum', 'exclusiveMaximum', flag],
  ['Minimum', 'minimum', asIs],
  ['ExclusiveMinimum', 'exclusiveMinimum', flag],
  ['MaxLength', 'maxLength', asIs],
  ['MinLength', 'minLength', asIs],
  ['Pattern', 'pattern', text],
  ['MaxItems', 'maxItems', asIs],
  ['MinItems', 'minItems', asIs],
  ['UniqueItems', 'uniqueItems', flag],
  ['MultipleOf', 'multipleOf', asIs],
  ['Enum', 'enum', asIs],
  ['MaxProperties', 'maxProperties', asIs],
  ['MinProperties', 'minProperties', asIs],
  ['Required', 'required', asIs],
  ['Items', 'items', v => (present(v) ? { Schema: schema(v), JSONSchemas: list(v) } : null)],
  ['AllOf', 'allOf', list],
  ['OneOf', 'oneOf', list],
  ['AnyOf', 'anyOf', list],
  ['Not', 'not', schema],
  ['Properties', 'properties', map],
  ['AdditionalProperties', 'additionalProperties', schemaOrBool],
  ['PatternProperties', 'patternProperties', map],
  ['Dependencies', 'dependencies', asIs],
  ['AdditionalItems', 'additionalItems', schemaOrBool],
  ['Definitions', 'definitions', map],
  ['ExternalDocs', 'externalDocs', asIs],
  ['Example', 'example', asIs],
  ['XPreserveUnknownFields', 'x-kubernetes-preserve-unknown-fields', asIs],
  ['XEmbeddedResource', 'x-kubernetes-embedded-resource', flag],
  ['XIntOrString', 'x-kubernetes-int-or-string', flag],
  ['XListMapKeys', 'x-kubernetes-list-map-keys', asIs],
  ['XListType', 'x-kubernetes-list-type', asIs],
  ['XMapType', 'x-kubernetes-map-type', asIs],
  ['XValidations', 'x-kubernetes-validations', v => (Array.isArray(v) ? v.map(printedRule) : null)],
];

/** A schema as error texts print it. */
function printedSchema(raw: unknown): unknown {
  const s = objectOf(raw);
  return Object.fromEntries(FIELDS.map(([name, key, print]) => [name, print(s[key])]));
}

/** An entry of x-kubernetes-validations as error texts print it. */
export function printedRule(raw: unknown): unknown {
  const r = objectOf(raw);
  return {
    Rule: text(r['rule']),
    Message: text(r['message']),
    MessageExpression: text(r['messageExpression']),
    Reason: asIs(r['reason']),
    FieldPath: text(r['fieldPath']),
    OptionalOldSelf: asIs(r['optionalOldSelf']),
  };
}
