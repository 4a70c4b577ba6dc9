// The shapes of the built-in kinds, from one table of facts: field names, wire numbers, types and merge semantics.
// Protobuf, strict decoding, strategic merge, server-side apply and OpenAPI all read this; nothing else knows a field list.
import { readFileSync } from 'node:fs';

export type Scalar = 'string' | 'bool' | 'int32' | 'int64' | 'double' | 'bytes';

export interface FieldType {
  /** Name in JSON. */
  readonly name: string;
  /** Number on the protobuf wire; 0 for apiVersion and kind, which travel in the envelope. */
  readonly number: number;
  /** The scalar type of the value (of an element, of a map's value), unless `message` is set. */
  readonly scalar?: Scalar;
  /** Name of the message type of the value (of an element, of a map's value): see `messageType`. */
  readonly message?: string;
  readonly shape: 'single' | 'list' | 'map';
  /** The message's fields lie in the parent's JSON. */
  readonly inline: boolean;
  readonly patchStrategy: readonly string[];
  readonly patchMergeKey?: string;
  readonly listType?: 'atomic' | 'set' | 'map';
  readonly listMapKeys?: readonly string[];
  readonly mapType?: 'atomic' | 'granular';
  /** Default that takes part in list-map keys (`protocol: TCP`). */
  readonly default?: unknown;
}

export interface MessageType {
  /** `api.apps.v1.Deployment` */
  readonly name: string;
  readonly fields: ReadonlyMap<string, FieldType>;
  /** `atomic`: applied and owned as a whole. */
  readonly mapType?: 'atomic' | 'granular';
}

type Row = readonly [name: string, number: number, type: string, inline?: string, semantics?: string];
interface Entry {
  readonly self?: string;
  readonly fields: readonly Row[];
}

let table: Record<string, Entry> | undefined;
const built = new Map<string, MessageType>();

/** The message of that name; undefined for scalars-in-disguise such as Quantity, which have a message here but a scalar in JSON: see `jsonForm`. */
export function messageType(name: string): MessageType | undefined {
  table ??= JSON.parse(readFileSync(new URL('./facts/types.json', import.meta.url), 'utf8')) as Record<string, Entry>;
  const known = built.get(name);
  if (known) return known;
  if (!Object.hasOwn(table, name)) return undefined;
  const entry = table[name];
  if (!entry) return undefined;
  const mapType = semanticsOf(entry.self).mapType;
  const type: MessageType = { name, fields: new Map(entry.fields.map(row => [row[0], fieldOf(row)])), ...(mapType ? { mapType } : {}) };
  built.set(name, type);
  return type;
}

/** How a message appears in JSON when it is not an object. */
export function jsonForm(
  message: string,
): 'quantity' | 'int-or-string' | 'time' | 'micro-time' | 'duration' | 'any' | 'fields' | 'verbs' | undefined {
  return JSON_FORMS.get(message);
}

const JSON_FORMS: ReadonlyMap<string, NonNullable<ReturnType<typeof jsonForm>>> = new Map([
  ['apimachinery.pkg.api.resource.Quantity', 'quantity'],
  ['apimachinery.pkg.util.intstr.IntOrString', 'int-or-string'],
  ['apimachinery.pkg.apis.meta.v1.Time', 'time'],
  ['apimachinery.pkg.apis.meta.v1.MicroTime', 'micro-time'],
  ['apimachinery.pkg.apis.meta.v1.Duration', 'duration'],
  ['apimachinery.pkg.runtime.RawExtension', 'any'],
  ['apimachinery.pkg.apis.meta.v1.FieldsV1', 'fields'],
  ['apimachinery.pkg.apis.meta.v1.Verbs', 'verbs'],
] as const);

const PACKAGES = new Map([
  ['', 'api.core'],
  ['apiextensions.k8s.io', 'apiextensions_apiserver.pkg.apis.apiextensions'],
  ['apiregistration.k8s.io', 'kube_aggregator.pkg.apis.apiregistration'],
  ['meta.k8s.io', 'apimachinery.pkg.apis.meta'],
  ['rbac.authorization.k8s.io', 'api.rbac'],
  ['flowcontrol.apiserver.k8s.io', 'api.flowcontrol'],
  ['audit.k8s.io', 'apiserver.pkg.apis.audit'],
]);
/** Kinds every group version knows, decoded from the meta package. */
const META_KINDS = new Set([
  'DeleteOptions',
  'CreateOptions',
  'UpdateOptions',
  'PatchOptions',
  'ListOptions',
  'GetOptions',
  'WatchEvent',
  'Status',
  'APIGroup',
  'APIGroupList',
  'APIResourceList',
  'APIVersions',
]);
const roots = new Map<string, MessageType | undefined>();
const STRING = { shape: 'single', scalar: 'string', number: 0, inline: false, patchStrategy: [] } as const;

/** The type of a built-in kind, with apiVersion and kind among its fields; undefined for custom resources and unknown kinds. */
export function builtinType(apiVersion: string, kind: string): MessageType | undefined {
  const id = `${apiVersion} ${kind}`;
  if (!roots.has(id)) roots.set(id, rootOf(apiVersion, kind));
  return roots.get(id);
}

function rootOf(apiVersion: string, kind: string): MessageType | undefined {
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : apiVersion.slice(0, slash);
  const version = slash < 0 ? apiVersion : apiVersion.slice(slash + 1);
  const domain = group.endsWith('.k8s.io') ? group.slice(0, -'.k8s.io'.length) : group;
  const own = messageType(`${PACKAGES.get(group) ?? `api.${domain}`}.${version}.${kind}`);
  const message = own ?? (META_KINDS.has(kind) ? messageType(`apimachinery.pkg.apis.meta.v1.${kind}`) : undefined);
  if (!message) return undefined;
  const fields = new Map<string, FieldType>([
    ['apiVersion', { ...STRING, name: 'apiVersion' }],
    ['kind', { ...STRING, name: 'kind' }],
  ]);
  for (const [name, type] of message.fields) fields.set(name, type);
  return { ...message, fields };
}

function fieldOf([name, number, type, inline, semantics]: Row): FieldType {
  const list = type.startsWith('repeated ');
  const map = type.startsWith('map<string,');
  const value = list ? type.slice('repeated '.length) : map ? type.slice('map<string,'.length, -1) : type;
  return {
    name,
    number,
    ...(value.includes('.') ? { message: value } : { scalar: value as Scalar }),
    shape: list ? 'list' : map ? 'map' : 'single',
    inline: inline === 'inline',
    ...semanticsOf(semantics),
  };
}

type Semantics = Pick<FieldType, 'patchStrategy' | 'patchMergeKey' | 'listType' | 'listMapKeys' | 'mapType' | 'default'>;

function semanticsOf(text = ''): Semantics {
  const word = (key: string): string | undefined => new RegExp(`(?:^| )${key}=(\\S+)`).exec(text)?.[1];
  const listType = word('list-type') as Semantics['listType'];
  const mapType = word('map-type') as Semantics['mapType'];
  const mergeKey = word('patch-merge-key');
  const preset = word('default');
  return {
    patchStrategy: word('patch-strategy')?.split(',') ?? [],
    ...(mergeKey ? { patchMergeKey: mergeKey } : {}),
    ...(listType ? { listType } : {}),
    ...(word('list-map-keys') ? { listMapKeys: word('list-map-keys')?.split(',') ?? [] } : {}),
    ...(mapType ? { mapType } : {}),
    ...(preset === undefined ? {} : { default: JSON.parse(preset) as unknown }),
  };
}
