// The fields of a CustomResourceDefinition with the names of their types in the reference: what decoding and its errors need.

export type Shape = 'string' | 'bool' | 'int32' | 'int64' | 'float64' | 'any' | Named | ListOf | MapOf | SchemaOr;
export interface Named {
  readonly name: string;
  readonly fields?: () => Record<string, Shape>;
  /** Fields that are always there: an absent one has its zero value. */
  readonly always?: readonly string[];
  /** Fields for which zero is not the same as absent. */
  readonly optional?: readonly string[];
  /** A named text type. */
  readonly text?: true;
}
export interface ListOf {
  readonly list: Shape;
}
export interface MapOf {
  readonly map: Shape;
}
/** A schema, or a bool (`bool`), or a list of schemas (`list`). */
export interface SchemaOr {
  readonly or: 'bool' | 'list';
}

/** Shapes refer to each other, so fields are listed when first asked for, and once. */
function struct(
  name: string,
  make: () => Record<string, Shape>,
  o: { readonly always?: readonly string[]; readonly optional?: readonly string[] } = {},
): Named {
  let fields: Record<string, Shape> | undefined;
  return { name, fields: () => (fields ??= make()), ...o };
}
const text = (name: string): Named => ({ name, text: true });
const list = (shape: Shape): ListOf => ({ list: shape });

const RULE = struct(
  'ValidationRule',
  () => ({
    rule: 'string',
    message: 'string',
    messageExpression: 'string',
    reason: text('FieldValueErrorReason'),
    fieldPath: 'string',
    optionalOldSelf: 'bool',
  }),
  { always: ['rule'], optional: ['reason', 'optionalOldSelf'] },
);

const NUMBERS = ['maximum', 'minimum', 'multipleOf'];
const COUNTS = ['maxLength', 'minLength', 'maxItems', 'minItems', 'maxProperties', 'minProperties'];

export const SCHEMA: Named = struct(
  'JSONSchemaProps',
  () => ({
    ...Object.fromEntries(['id', '$schema', '$ref', 'description', 'type', 'format', 'title', 'pattern'].map(k => [k, 'string' as const])),
    ...Object.fromEntries(['exclusiveMaximum', 'exclusiveMinimum', 'uniqueItems', 'nullable'].map(k => [k, 'bool' as const])),
    ...Object.fromEntries(NUMBERS.map(k => [k, 'float64' as const])),
    ...Object.fromEntries(COUNTS.map(k => [k, 'int64' as const])),
    ...Object.fromEntries(['allOf', 'anyOf', 'oneOf'].map(k => [k, list(SCHEMA)])),
    ...Object.fromEntries(['properties', 'patternProperties', 'definitions'].map(k => [k, { map: SCHEMA }])),
    ...Object.fromEntries(['additionalProperties', 'additionalItems'].map(k => [k, { or: 'bool' as const }])),
    ...Object.fromEntries(
      ['preserve-unknown-fields', 'embedded-resource', 'int-or-string'].map(k => [`x-kubernetes-${k}`, 'bool' as const]),
    ),
    ...Object.fromEntries(['list-type', 'map-type'].map(k => [`x-kubernetes-${k}`, 'string' as const])),
    required: list('string'),
    items: { or: 'list' },
    not: SCHEMA,
    'x-kubernetes-list-map-keys': list('string'),
    'x-kubernetes-validations': list(RULE),
    default: 'any',
    enum: 'any',
    example: 'any',
    externalDocs: 'any',
    dependencies: 'any',
  }),
  {
    optional: [
      ...NUMBERS,
      ...COUNTS,
      '$ref',
      'not',
      'items',
      'default',
      'example',
      'additionalProperties',
      'additionalItems',
      'x-kubernetes-preserve-unknown-fields',
      'x-kubernetes-list-type',
      'x-kubernetes-map-type',
    ],
  },
);

const SERVICE = struct('ServiceReference', () => ({ namespace: 'string', name: 'string', path: 'string', port: 'int32' }), {
  always: ['namespace', 'name'],
  optional: ['path', 'port'],
});
const CLIENT = struct('WebhookClientConfig', () => ({ url: 'string', service: SERVICE, caBundle: 'any' }), {
  optional: ['url', 'service'],
});
const SCALE = struct(
  'CustomResourceSubresourceScale',
  () => ({
    specReplicasPath: 'string',
    statusReplicasPath: 'string',
    labelSelectorPath: 'string',
  }),
  { always: ['specReplicasPath', 'statusReplicasPath'], optional: ['labelSelectorPath'] },
);
const COLUMN = struct(
  'CustomResourceColumnDefinition',
  () => ({
    name: 'string',
    type: 'string',
    format: 'string',
    description: 'string',
    priority: 'int32',
    jsonPath: 'string',
  }),
  { always: ['name', 'type', 'jsonPath'] },
);
const VERSION = struct(
  'CustomResourceDefinitionVersion',
  () => ({
    name: 'string',
    served: 'bool',
    storage: 'bool',
    deprecated: 'bool',
    deprecationWarning: 'string',
    schema: struct('CustomResourceValidation', () => ({ openAPIV3Schema: SCHEMA }), { optional: ['openAPIV3Schema'] }),
    subresources: struct(
      'CustomResourceSubresources',
      () => ({ status: struct('CustomResourceSubresourceStatus', () => ({})), scale: SCALE }),
      {
        optional: ['status', 'scale'],
      },
    ),
    additionalPrinterColumns: list(COLUMN),
    selectableFields: list(struct('SelectableField', () => ({ jsonPath: 'string' }), { always: ['jsonPath'] })),
  }),
  { always: ['name', 'served', 'storage'], optional: ['deprecationWarning', 'schema', 'subresources'] },
);
const NAMES = struct(
  'CustomResourceDefinitionNames',
  () => ({
    plural: 'string',
    singular: 'string',
    shortNames: list('string'),
    kind: 'string',
    listKind: 'string',
    categories: list('string'),
  }),
  { always: ['plural', 'kind'] },
);
const SPEC = struct(
  'CustomResourceDefinitionSpec',
  () => ({
    group: 'string',
    names: NAMES,
    scope: text('ResourceScope'),
    versions: list(VERSION),
    conversion: struct(
      'CustomResourceConversion',
      () => ({
        strategy: text('ConversionStrategyType'),
        webhook: struct('WebhookConversion', () => ({ clientConfig: CLIENT, conversionReviewVersions: list('string') }), {
          optional: ['clientConfig', 'conversionReviewVersions'],
        }),
      }),
      { always: ['strategy'], optional: ['webhook'] },
    ),
    preserveUnknownFields: 'bool',
  }),
  { always: ['group', 'names', 'scope', 'versions'], optional: ['conversion'] },
);
/** The type of a CRD below its metadata. */
export const CRD: Named = struct('CustomResourceDefinition', () => ({ spec: SPEC }), { always: ['spec'] });
