// Whether an object would be accepted where the reference reads it as a typed built-in kind: image, command and args overriders fail on an object whose
// known fields have values of a wrong type, whatever those fields are.
import { builtinType, type FieldType, isObject, jsonForm, type MessageType, messageType, quantityOfJson } from '../../kube/index.ts';

const API_VERSIONS: Readonly<Record<string, string>> = {
  Pod: 'v1',
  ReplicaSet: 'apps/v1',
  Deployment: 'apps/v1',
  DaemonSet: 'apps/v1',
  StatefulSet: 'apps/v1',
  Job: 'batch/v1',
};

/** Where the pod spec of a workload kind lies; undefined for kinds without containers. */
export function podSpecPath(kind: string): readonly string[] | undefined {
  if (!Object.hasOwn(API_VERSIONS, kind)) return undefined;
  return kind === 'Pod' ? ['spec'] : ['spec', 'template', 'spec'];
}

/** Throws, naming the first field of a wrong type. */
export function requireTyped(object: Readonly<Record<string, unknown>>, kind: string): void {
  const type = builtinType(API_VERSIONS[kind] ?? 'v1', kind);
  if (!type) return;
  const fault = messageFault(object, type, '');
  if (fault) throw new Error(`failed to convert ${kind} from unstructured object: ${fault}`);
}

function messageFault(value: unknown, type: MessageType, path: string): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (!isObject(value)) return `cannot restore ${path || 'the object'} from: ${typeName(value)}`;
  for (const field of type.fields.values()) {
    if (field.inline && field.message) {
      const inner = messageType(field.message);
      const fault = inner && messageFault(value, inner, path);
      if (fault) return fault;
    } else if (Object.hasOwn(value, field.name)) {
      const fault = fieldFault(value[field.name], field, `${path}.${field.name}`);
      if (fault) return fault;
    }
  }
  return undefined;
}

function fieldFault(value: unknown, field: FieldType, path: string): string | undefined {
  if (value === null) return undefined;
  if (field.shape === 'single') return valueFault(value, field, path);
  if (field.shape === 'list' && Array.isArray(value)) return first(value, item => valueFault(item, field, path));
  if (field.shape === 'map' && isObject(value)) return first(Object.values(value), item => valueFault(item, field, path));
  return `cannot restore ${field.shape} ${path} from ${typeName(value)}`;
}

function first(values: readonly unknown[], fault: (value: unknown) => string | undefined): string | undefined {
  for (const value of values) {
    const found = fault(value);
    if (found) return found;
  }
  return undefined;
}

function valueFault(value: unknown, field: FieldType, path: string): string | undefined {
  if (value === null) return undefined;
  if (!field.message) return scalarFault(value, field.scalar ?? 'string', path);
  const form = jsonForm(field.message);
  if (form) return formFault(value, form, path);
  const type = messageType(field.message);
  return type ? messageFault(value, type, path) : undefined;
}

function scalarFault(value: unknown, scalar: string, path: string): string | undefined {
  const fits =
    scalar === 'string' || scalar === 'bytes'
      ? typeof value === 'string'
      : scalar === 'bool'
        ? typeof value === 'boolean'
        : typeof value === 'number' && (scalar === 'double' || Number.isInteger(value));
  return fits ? undefined : `cannot convert ${typeName(value)} to ${scalar} (${path})`;
}

function formFault(value: unknown, form: string, path: string): string | undefined {
  const fault = `unrecognized type: ${typeName(value)} (${path})`;
  switch (form) {
    case 'quantity':
      try {
        quantityOfJson(value);
        return undefined;
      } catch {
        return fault;
      }
    case 'int-or-string':
      return typeof value === 'string' || (typeof value === 'number' && Number.isInteger(value)) ? undefined : fault;
    case 'time':
    case 'micro-time':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(value) ? undefined : fault;
    case 'duration':
      return typeof value === 'string' ? undefined : fault;
    default:
      return undefined;
  }
}

function typeName(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (isObject(value)) return 'map[string]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
