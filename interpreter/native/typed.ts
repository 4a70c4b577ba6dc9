// Reads JSON as the typed structures of built-in kinds: unknown fields are dropped, nulls and empty texts are absent, quantities and
// times become canonical, and a value of the wrong type is an error. The native rules work on the result without asking twice.
import {
  builtinType,
  type FieldType,
  formatQuantity,
  isObject,
  jsonForm,
  type MessageType,
  messageType,
  quantityOfJson,
} from '../../kube/index.ts';

/** `wrap`: integers beyond 32 bits wrap, as objects held as maps are converted; `refuse`: as JSON text is decoded. */
export type Overflow = 'wrap' | 'refuse';

/** A value that does not fit the type; the message names the field. */
export class TypedError extends Error {
  override readonly name = 'TypedError';
}

const wrong = (field: string, want: string, value: unknown): TypedError =>
  new TypedError(`cannot read ${field} as ${want}: ${(JSON.stringify(value) ?? 'undefined').slice(0, 200)}`);

/** The object as its built-in kind; throws a TypedError. */
export function asBuiltin<T>(apiVersion: string, kind: string, object: unknown): T {
  const type = builtinType(apiVersion, kind);
  if (!type) throw new TypedError(`${apiVersion} ${kind} is no built-in kind`);
  try {
    return message(object, type, kind, 'wrap') as T;
  } catch (cause) {
    throw new TypedError(`failed to convert ${kind} from unstructured object: ${(cause as Error).message}`, { cause });
  }
}

/** The value as the message of that name (`api.apps.v1.DeploymentStatus`); throws a TypedError. */
export function asMessage<T>(name: string, value: unknown, overflow: Overflow = 'refuse'): T {
  const type = messageType(name);
  if (!type) throw new TypedError(`there is no message ${name}`);
  return message(value, type, name.slice(name.lastIndexOf('.') + 1), overflow) as T;
}

function message(value: unknown, type: MessageType, path: string, overflow: Overflow): Record<string, unknown> {
  if (!isObject(value)) throw wrong(path, 'an object', value);
  const out: Record<string, unknown> = { ...ALWAYS[type.name] };
  readFields(value, type, out, { path, overflow });
  return out;
}

interface Place {
  readonly path: string;
  readonly overflow: Overflow;
}

const OBJECT_META = 'apimachinery.pkg.apis.meta.v1.ObjectMeta';
const CONTAINER = { name: '' };
const CONDITION = { type: '', status: '' };

/** Fields that a typed structure writes even when they are empty; all others vanish. */
const ALWAYS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'api.core.v1.Container': CONTAINER,
  'api.core.v1.EphemeralContainerCommon': CONTAINER,
  'api.core.v1.EnvVar': { name: '' },
  'api.core.v1.Volume': { name: '' },
  'api.core.v1.VolumeMount': { name: '', mountPath: '' },
  'api.core.v1.ContainerPort': { containerPort: 0 },
  'api.core.v1.ConfigMapKeySelector': { key: '' },
  'api.core.v1.SecretKeySelector': { key: '' },
  'api.core.v1.PersistentVolumeClaimVolumeSource': { claimName: '' },
  'api.core.v1.HostPathVolumeSource': { path: '' },
  'api.core.v1.NodeSelectorRequirement': { key: '', operator: '' },
  'api.core.v1.NodeSelector': { nodeSelectorTerms: null },
  'api.core.v1.PodAffinityTerm': { topologyKey: '' },
  'api.core.v1.PortStatus': { port: 0, protocol: '' },
  'api.networking.v1.IngressPortStatus': { port: 0, protocol: '' },
  'api.core.v1.ContainerStateTerminated': { exitCode: 0 },
  'api.batch.v1.JobCondition': CONDITION,
  'api.apps.v1.DeploymentCondition': CONDITION,
  'api.apps.v1.DaemonSetCondition': CONDITION,
  'api.apps.v1.ReplicaSetCondition': CONDITION,
  'api.apps.v1.StatefulSetCondition': CONDITION,
};

function readFields(value: Record<string, unknown>, type: MessageType, out: Record<string, unknown>, place: Place): void {
  for (const field of type.fields.values()) {
    if (field.inline && field.message) {
      const inner = messageType(field.message);
      if (inner) readFields(value, inner, out, place);
      continue;
    }
    if (!Object.hasOwn(value, field.name)) continue;
    const given = value[field.name];
    if (given === null || given === undefined) continue;
    const read = shaped(given, field, { path: `${place.path}.${field.name}`, overflow: place.overflow });
    if (read !== '' && !(read === 0 && type.name === OBJECT_META)) out[field.name] = read;
  }
}

function shaped(value: unknown, field: FieldType, place: Place): unknown {
  if (field.shape === 'list') {
    if (!Array.isArray(value)) throw wrong(place.path, 'a list', value);
    return value.map(item => (item === null ? zeroOf(field) : single(item, field, place)));
  }
  if (field.shape === 'map') {
    if (!isObject(value)) throw wrong(place.path, 'a map', value);
    const out: Record<string, unknown> = Object.create(null);
    for (const key of Object.keys(value)) out[key] = value[key] === null ? zeroOf(field) : single(value[key], field, place);
    return { ...out };
  }
  return single(value, field, place);
}

/** What stands for a null element of a list or map. */
function zeroOf(field: FieldType): unknown {
  if (field.message) return jsonForm(field.message) === 'quantity' ? '0' : jsonForm(field.message) === 'time' ? null : {};
  return field.scalar === 'bool' ? false : field.scalar === 'string' || field.scalar === 'bytes' ? '' : 0;
}

function single(value: unknown, field: FieldType, place: Place): unknown {
  if (!field.message) return scalar(value, field, place);
  switch (jsonForm(field.message)) {
    case 'quantity':
      return quantity(value, place.path);
    case 'time':
      return time(value, place.path);
    case 'int-or-string':
      if (typeof value !== 'string' && !Number.isInteger(value)) throw wrong(place.path, 'a number or a string', value);
      return value;
    case undefined: {
      const inner = messageType(field.message);
      return inner ? message(value, inner, place.path, place.overflow) : value;
    }
    default:
      return value;
  }
}

function scalar(value: unknown, field: FieldType, place: Place): unknown {
  switch (field.scalar) {
    case 'string':
    case 'bytes':
      if (typeof value !== 'string') throw wrong(place.path, 'a string', value);
      return value;
    case 'bool':
      if (typeof value !== 'boolean') throw wrong(place.path, 'a boolean', value);
      return value;
    case 'double':
      if (typeof value !== 'number') throw wrong(place.path, 'a number', value);
      return value;
    default:
      return integer(value, field.scalar === 'int32', place);
  }
}

function integer(value: unknown, narrow: boolean, place: Place): number {
  if (typeof value !== 'number' || !Number.isInteger(value)) throw wrong(place.path, 'an integer', value);
  if (!narrow || value === (value | 0)) return value;
  if (place.overflow === 'refuse') throw wrong(place.path, 'a 32-bit integer', value);
  return Number(BigInt.asIntN(32, BigInt(value)));
}

/** The canonical text of a quantity given as text or number. */
function quantity(value: unknown, path: string): string {
  if (typeof value !== 'string' && typeof value !== 'number') throw wrong(path, 'a quantity', value);
  return formatQuantity(quantityOfJson(value));
}

const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:[.,]\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

function time(value: unknown, path: string): string {
  if (typeof value !== 'string' || !RFC3339.test(value)) throw wrong(path, 'an RFC 3339 time', value);
  if (value.length === 20) return value;
  const ms = Date.parse(value.replace(',', '.'));
  if (Number.isNaN(ms)) throw wrong(path, 'an RFC 3339 time', value);
  return `${new Date(Math.floor(ms / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}
