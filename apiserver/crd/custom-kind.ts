// What a CustomResourceDefinition says about one of its versions, compiled: the rules of the kind for the registry, its table
// columns, subresources, selectable fields and conversion.
import { isObject, listOf, objectOf, stringOf } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import { ruleRunner } from '../cel/run-rules.ts';
import type { KindRules } from '../registry/rules.ts';
import { applyDefaults } from './defaults.ts';
import { versionsOf } from './internal-form.ts';
import { prune } from './prune.ts';
import { type ScalePaths, scaleFaults } from './scale-faults.ts';
import { compileSchema, type Schema } from './schema.ts';
import { isSettled } from './settled.ts';
import { type RunRules, validateChange, validateNew } from './validate-object.ts';
import { compareVersions } from './version-order.ts';

type Raw = Readonly<Record<string, unknown>>;

export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
  readonly jsonPath: string;
}

export interface CustomKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly listKind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly scope: 'Namespaced' | 'Cluster';
  readonly served: boolean;
  readonly storage: boolean;
  readonly schema: Schema;
  /** `openAPIV3Schema` as written. */
  readonly rawSchema: Raw;
  /** Removes unknown fields in place; their paths are the unknown-field faults of a request. */
  prune(object: MutableObject): string[];
  /** Whether neither defaults nor pruning would change an object, its metadata aside. */
  isSettled(object: Readonly<Record<string, unknown>>): boolean;
  /** Defaults, preparation and validation; validation leaves metadata to the caller. */
  readonly rules: KindRules;
  readonly columns: readonly PrinterColumn[];
  readonly subresources: { readonly status: boolean; readonly scale: ScalePaths | undefined };
  /** Paths of fields a list may be selected by, beside name and namespace. */
  readonly selectableFields: readonly (readonly string[])[];
  readonly conversion: 'None' | 'Webhook';
  /** Text of the Warning header of a deprecated version. */
  readonly deprecationWarning: string | undefined;
}

/** The version of a CRD, compiled; undefined when the CRD has no such version. */
export function customKind(crd: Raw, versionName: string): CustomKind | undefined {
  const spec = objectOf(crd['spec']);
  const version = versionsOf(spec).find(v => v['name'] === versionName);
  if (!version) return undefined;
  const names = objectOf(spec['names']);
  const rawSchema = objectOf(objectOf(version['schema'])['openAPIV3Schema']);
  const schema = compileSchema(rawSchema);
  const subresources = objectOf(version['subresources']);
  const scale = isObject(subresources['scale']) ? scalePaths(subresources['scale']) : undefined;
  const status = isObject(subresources['status']);
  const texts = (key: string): string[] => listOf(names[key]).map(stringOf);
  const kind = stringOf(names['kind']);
  return {
    group: stringOf(spec['group']),
    version: versionName,
    kind,
    listKind: stringOf(names['listKind']) || `${kind}List`,
    plural: stringOf(names['plural']),
    singular: stringOf(names['singular']) || kind.toLowerCase(),
    shortNames: texts('shortNames'),
    categories: texts('categories'),
    scope: spec['scope'] === 'Namespaced' ? 'Namespaced' : 'Cluster',
    served: version['served'] === true,
    storage: version['storage'] === true,
    schema,
    rawSchema,
    prune: object => prune(object, schema),
    isSettled: object => isSettled(object, schema),
    rules: kindRules(schema, status, scale),
    columns: columnsOf(version['additionalPrinterColumns']),
    subresources: { status, scale },
    selectableFields: listOf(version['selectableFields']).map(f => pathOf(stringOf(objectOf(f)['jsonPath']))),
    conversion: objectOf(spec['conversion'])['strategy'] === 'Webhook' ? 'Webhook' : 'None',
    deprecationWarning: deprecation(spec, version, kind),
  };
}

/** Simple JSON paths have no other form than `.a.b`. */
const pathOf = (jsonPath: string): string[] => jsonPath.replace(/^\./, '').split('.');

function scalePaths(raw: Raw): ScalePaths {
  const selector = stringOf(raw['labelSelectorPath']);
  return {
    specReplicas: pathOf(stringOf(raw['specReplicasPath'])),
    statusReplicas: pathOf(stringOf(raw['statusReplicasPath'])),
    ...(selector ? { labelSelector: pathOf(selector) } : {}),
  };
}

const AGE: PrinterColumn = {
  name: 'Age',
  type: 'date',
  format: '',
  description: 'Time since creation.',
  priority: 0,
  jsonPath: '.metadata.creationTimestamp',
};

function columnsOf(raw: unknown): PrinterColumn[] {
  const columns = listOf(raw).map(c => {
    const o = objectOf(c);
    const text = (key: string): string => stringOf(o[key]);
    const priority = typeof o['priority'] === 'number' ? o['priority'] : 0;
    return {
      name: text('name'),
      type: text('type'),
      format: text('format'),
      description: text('description'),
      priority,
      jsonPath: text('jsonPath'),
    };
  });
  return columns.length > 0 ? columns : [AGE];
}

function deprecation(spec: Raw, version: Raw, kind: string): string | undefined {
  if (version['deprecated'] !== true) return undefined;
  const given = stringOf(version['deprecationWarning']);
  if (given) return given;
  const group = stringOf(spec['group']);
  const name = stringOf(version['name']);
  const newer = versionsOf(spec)
    .filter(v => v['served'] === true && v['deprecated'] !== true && compareVersions(stringOf(v['name']), name) > 0)
    .map(v => stringOf(v['name']))
    .sort((a, b) => compareVersions(b, a))[0];
  return `${group}/${name} ${kind} is deprecated${newer ? `; use ${group}/${newer} ${kind}` : ''}`;
}

function kindRules(schema: Schema, status: boolean, scale: ScalePaths | undefined): KindRules {
  const rules: RunRules | undefined = ruleRunner(schema);
  return {
    defaults: object => applyDefaults(object, schema),
    prepareCreate(object) {
      if (status) delete object['status'];
    },
    prepareUpdate(object, old, subresource) {
      if (subresource === 'status') keepAllButStatus(object, old);
      else if (status) restore(object, old, 'status');
    },
    validate: object => validateNew(object, schema, rules, scaleFaults(object, scale)),
    validateUpdate: (object, old) => validateChange(object, old, schema, rules, scaleFaults(object, scale)),
  };
}

function restore(object: MutableObject, old: Readonly<MutableObject>, key: string): void {
  if (old[key] === undefined) delete object[key];
  else object[key] = old[key];
}

/** A write to /status changes status and managedFields, nothing else. */
function keepAllButStatus(object: MutableObject, old: Readonly<MutableObject>): void {
  const managedFields = objectOf(object['metadata'])['managedFields'];
  const version = objectOf(object['metadata'])['resourceVersion'];
  for (const key of Object.keys(object)) if (key !== 'status') delete object[key];
  for (const key of Object.keys(old)) if (key !== 'status') object[key] = old[key];
  const metadata: MutableObject = { ...objectOf(old['metadata']) };
  if (managedFields !== undefined) metadata['managedFields'] = managedFields;
  if (version !== undefined) metadata['resourceVersion'] = version;
  object['metadata'] = metadata;
}
