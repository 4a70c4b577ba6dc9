// The common case of decoding: a value that is what its type says already. Such a value decodes to itself, without notes or faults,
// and a walk over it with checks made once per type tells so; everything else is left to `decodeTyped`, which knows the texts.
import { isObject } from '../json.ts';
import { parseQuantity } from '../quantity.ts';
import { jsonForm, type MessageType, messageType } from '../types.ts';
import { canonicalDuration, canonicalMicroTime, canonicalTime } from './scalar.ts';
import { type FlatField, fieldsByName, isCanonicalBase64, isRaw } from './typed.ts';

/** Whether a value that is neither null nor absent stays as it is. */
type Check = (value: unknown) => boolean;

const INT32 = 2 ** 31;
const structs = new Map<string, Check>();

/** Whether `value` decodes to itself. Its numbers must have been written plainly: see `glance`. */
export function isPlainlyTyped(value: unknown, type: MessageType): boolean {
  return structCheck(type)(value);
}

function structCheck(type: MessageType): Check {
  const id = type.fields.has('apiVersion') ? `${type.name} root` : type.name;
  const known = structs.get(id);
  if (known) return known;
  const fields = fieldsByName(type);
  const checks = new Map<string, Check>();
  const check: Check = value => {
    if (!isObject(value)) return false;
    for (const key of Object.keys(value)) {
      const inner = value[key];
      let rule = checks.get(key);
      if (!rule) {
        const field = fields.get(key);
        if (!field) return false;
        rule = fieldCheck(field);
        checks.set(key, rule);
      }
      if (inner !== null && !rule(inner)) return false;
    }
    return true;
  };
  structs.set(id, check);
  return check;
}

function fieldCheck(field: FlatField): Check {
  const value = valueCheck(field);
  if (field.shape === 'list') return list(value);
  if (field.shape === 'map') return map(value);
  return value;
}

const list =
  (check: Check): Check =>
  value =>
    Array.isArray(value) && value.every(item => item === null || check(item));

const map =
  (check: Check): Check =>
  value =>
    isObject(value) && Object.keys(value).every(key => isText(key) && (value[key] === null || check(value[key])));

function valueCheck(field: FlatField): Check {
  const { message } = field;
  if (!message) return SCALARS[field.scalar ?? 'string'];
  const form = jsonForm(message);
  if (form) return FORMS[form];
  if (isRaw(message)) return () => true;
  if (/\.(ExtraValue|Verbs)$/.test(message)) return list(SCALARS.string);
  const type = messageType(message);
  return type ? structCheck(type) : isObject;
}

const isText: Check = value => typeof value === 'string' && (value as unknown as { isWellFormed(): boolean }).isWellFormed();

const SCALARS: Readonly<Record<NonNullable<FlatField['scalar']>, Check>> = {
  string: isText,
  bool: value => typeof value === 'boolean',
  int32: value => Number.isInteger(value) && (value as number) >= -INT32 && (value as number) < INT32,
  int64: value => Number.isSafeInteger(value),
  double: value => Number.isFinite(value),
  bytes: value => typeof value === 'string' && isCanonicalBase64(value),
};

/** A text that its reader would write again in the same way. */
const unchanged =
  (canonical: (text: string) => unknown): Check =>
  value => {
    if (typeof value !== 'string') return false;
    try {
      return canonical(value) === value;
    } catch {
      return false;
    }
  };

const isQuantity = unchanged(text => parseQuantity(text) && text);

const FORMS: Readonly<Record<NonNullable<ReturnType<typeof jsonForm>>, Check>> = {
  quantity: isQuantity,
  'int-or-string': value => isText(value) || SCALARS.int32(value),
  time: unchanged(canonicalTime),
  'micro-time': unchanged(canonicalMicroTime),
  duration: unchanged(canonicalDuration),
  any: () => true,
  fields: () => true,
  verbs: list(isText),
};
