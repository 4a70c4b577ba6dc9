// The canonical form of a built-in object: what decoding into the type and encoding it again leaves. Empty values of
// fields that are left out when empty vanish, fields that are always written appear with their zero value, quantities
// and times get their canonical spelling. Running it twice changes nothing.
//
// One plan a message type is compiled at first use; a ConfigMap then costs about a microsecond.
import { readFileSync } from 'node:fs';
import {
  builtinType,
  type FieldType,
  formatQuantity,
  isObject,
  jsonForm,
  type MessageType,
  messageType,
  parseQuantity,
  timestamp,
} from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import { noteEmptied } from './emptied.ts';

interface Step {
  readonly name: string;
  readonly always: boolean;
  readonly keepZero: boolean;
  readonly collection: boolean;
  readonly convert: ((value: unknown) => unknown) | undefined;
  readonly zero: () => unknown;
}

interface Plan {
  readonly steps: readonly Step[];
  readonly always: readonly Step[];
  readonly byName: ReadonlyMap<string, Step>;
}

let zeroValues: Record<string, readonly [always: string, optional: string]> | undefined;
const plans = new Map<string, Plan>();

const words = (text: string | undefined): Set<string> => new Set(text ? text.split(' ') : []);

function planOf(type: MessageType): Plan {
  const known = plans.get(type.name);
  if (known) return known;
  zeroValues ??= JSON.parse(readFileSync(new URL('../../kube/facts/zero-values.json', import.meta.url), 'utf8')) as typeof zeroValues;
  const steps: Step[] = [];
  const plan = { steps, always: [] as Step[], byName: new Map<string, Step>() };
  plans.set(type.name, plan);
  collectSteps(type, steps);
  for (const step of steps) {
    plan.byName.set(step.name, step);
    if (step.always) plan.always.push(step);
  }
  return plan;
}

/** Fields that may be absent and yet are always written: as null then. */
const ALWAYS_NULL = new Set([
  'MutatingWebhook.sideEffects',
  'ValidatingWebhook.sideEffects',
  'TypedLocalObjectReference.apiGroup',
  'TypedObjectReference.apiGroup',
  'AzureFilePersistentVolumeSource.secretNamespace',
  'ScaleIOVolumeSource.secretRef',
  'ScaleIOPersistentVolumeSource.secretRef',
  'GRPCAction.service',
  'HTTPIngressPath.pathType',
  'IngressClassParametersReference.scope',
  'TokenRequestSpec.boundObjectRef',
  'TokenRequestSpec.expirationSeconds',
  'LimitedPriorityLevelConfiguration.nominalConcurrencyShares',
  'CapacityRequestPolicy.default',
]);

function collectSteps(type: MessageType, steps: Step[]): void {
  const facts = zeroValues && Object.hasOwn(zeroValues, type.name) ? zeroValues[type.name] : undefined;
  const always = words(facts?.[0]);
  const optional = words(facts?.[1]);
  for (const field of type.fields.values()) {
    const inner = field.inline && field.message ? messageType(field.message) : undefined;
    if (inner) collectSteps(inner, steps);
    else if (ALWAYS_NULL.has(`${type.name.slice(type.name.lastIndexOf('.') + 1)}.${field.name}`))
      steps.push({ ...stepOf(field, true, true), zero: () => null });
    else steps.push(stepOf(field, always.has(field.name), optional.has(field.name)));
  }
}

function stepOf(field: FieldType, always: boolean, optional: boolean): Step {
  const form = field.message ? jsonForm(field.message) : undefined;
  return {
    name: field.name,
    always,
    keepZero: always || optional || (field.shape === 'single' && field.message !== undefined && form !== 'verbs'),
    collection: field.shape !== 'single' || form === 'verbs',
    convert: convertOf(field),
    zero: zeroOf(field),
  };
}

function zeroOf(field: FieldType): () => unknown {
  if (field.shape !== 'single') return () => null;
  if (field.message) {
    const form = jsonForm(field.message);
    if (form === 'quantity') return () => '0';
    if (form === 'int-or-string') return () => 0;
    if (form === 'duration') return () => '0s';
    if (form) return () => null;
    // Selectors of workloads are optional, yet always written.
    if (field.name === 'selector') return () => null;
    const type = messageType(field.message);
    return () => (type ? canonicalMessage({}, type) : {});
  }
  if (field.scalar === 'bytes') return () => null;
  if (field.scalar === 'string') return () => '';
  return field.scalar === 'bool' ? () => false : () => 0;
}

function convertOf(field: FieldType): ((value: unknown) => unknown) | undefined {
  const one = convertOne(field);
  if (field.shape === 'list') return value => (Array.isArray(value) ? value.map(v => one(v ?? elementZero(field))) : value);
  if (field.shape === 'map') return value => (isObject(value) ? convertMap(value, field, one) : value);
  return field.message ? one : undefined;
}

function convertMap(value: MutableObject, field: FieldType, one: (v: unknown) => unknown): MutableObject {
  for (const key of Object.keys(value)) {
    if (key === '__proto__') continue;
    const item = value[key];
    if (item === null || typeof item !== 'string' || field.message) value[key] = one(item ?? elementZero(field));
  }
  return value;
}

function elementZero(field: FieldType): unknown {
  if (field.message) return jsonForm(field.message) ? null : {};
  if (field.scalar === 'string' || field.scalar === 'bytes') return '';
  return field.scalar === 'bool' ? false : 0;
}

function convertOne(field: FieldType): (value: unknown) => unknown {
  if (!field.message) return value => value;
  const form = jsonForm(field.message);
  if (form === 'quantity') return quantityText;
  if (form === 'time') return value => (typeof value === 'string' ? timeText(value) : value);
  if (form === 'micro-time') return value => (typeof value === 'string' ? microTimeText(value) : value);
  if (form) return value => value;
  const name = field.message;
  let type: MessageType | undefined;
  return value => {
    type ??= messageType(name);
    return type && isObject(value) ? canonicalMessage(value, type) : value;
  };
}

function quantityText(value: unknown): unknown {
  if (value === null) return '0';
  if (typeof value !== 'string' && typeof value !== 'number') return value;
  try {
    return formatQuantity(parseQuantity(String(value).trim()));
  } catch {
    return value;
  }
}

const MAX_TIMES = 1000;
const times = new Map<string, string>();

/** The same few times come again and again: in the metadata of one object, and in objects written at one moment. */
function timeText(value: string): string {
  const known = times.get(value);
  if (known !== undefined) return known;
  const ms = Date.parse(value);
  const text = Number.isNaN(ms) ? value : timestamp(ms);
  if (times.size >= MAX_TIMES) times.clear();
  times.set(value, text);
  return text;
}

function microTimeText(value: string): string {
  const [, fraction = ''] = /\.(\d+)/.exec(value) ?? [];
  const ms = Date.parse(value);
  if (Number.isNaN(ms)) return value;
  return `${timestamp(ms).slice(0, -1)}.${fraction.slice(0, 6).padEnd(6, '0')}Z`;
}

const isZero = (v: unknown): boolean => v === '' || v === 0 || v === false;
const isEmpty = (v: unknown): boolean => (Array.isArray(v) ? v.length === 0 : isObject(v) && Object.keys(v).length === 0);

function canonicalMessage(o: MutableObject, type: MessageType): MutableObject {
  const plan = planOf(type);
  for (const key of Object.keys(o)) {
    const step = plan.byName.get(key);
    if (!step) continue;
    const value = o[key];
    if (value === null || value === undefined) delete o[key];
    else if (step.collection && isEmpty(value)) {
      delete o[key];
      noteEmptied(o, key, value);
    } else if (!step.collection && !step.keepZero && isZero(value)) delete o[key];
    else if (step.convert) o[key] = step.convert(value);
  }
  for (const step of plan.always) if (o[step.name] === undefined) o[step.name] = step.zero();
  return o;
}

/** Brings the metadata of an object of any kind into its canonical form, in place. */
export function canonicalMetadata(object: MutableObject): void {
  const type = messageType('apimachinery.pkg.apis.meta.v1.ObjectMeta');
  if (type && isObject(object['metadata'])) canonicalMessage(object['metadata'], type);
}

/** Brings an object of a built-in kind into its canonical form, in place; other kinds are left alone. */
export function canonical(object: MutableObject, apiVersion: string, kind: string): void {
  const type = builtinType(apiVersion, kind);
  if (type) canonicalMessage(object, type);
}
