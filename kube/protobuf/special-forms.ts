// Messages that are no object in JSON: quantities, times, unions, raw JSON, wrapped lists. One entry a form, both directions.
import { isObject, listOf } from '../json.ts';
import { formatQuantity, parseQuantity } from '../quantity.ts';
import { jsonForm, type MessageType, messageType } from '../types.ts';
import { formatDuration, parseDuration } from './duration.ts';
import { WireFault } from './wire.ts';

/** A message as fields by JSON name, as the plain codec sees it. */
export type Plain = Record<string, unknown>;

export interface SpecialForm {
  readonly type: MessageType;
  toJson(plain: Plain): unknown;
  fromJson(value: unknown): Plain;
}

const text = new TextDecoder();
const zeroPad = (value: number, width: number): string => String(value).padStart(width, '0');

function timeToJson({ seconds, nanos }: Plain, micro: boolean): string | null {
  if (seconds === undefined && nanos === undefined) return null;
  const date = new Date(Number(seconds ?? 0) * 1000);
  if (Number.isNaN(date.getTime())) throw new WireFault('time out of range');
  const base = date.toISOString().slice(0, -'.000Z'.length);
  return micro ? `${base}.${zeroPad(Math.floor(Number(nanos ?? 0) / 1000), 6)}Z` : `${base}Z`;
}

function timeFromJson(value: unknown, micro: boolean): Plain {
  if (typeof value !== 'string') return {};
  const ms = Date.parse(value);
  if (Number.isNaN(ms)) return {};
  const fraction = /\.(\d+)/.exec(value)?.[1] ?? '';
  return { seconds: Math.floor(ms / 1000), nanos: micro ? Number(fraction.slice(0, 6).padEnd(6, '0')) * 1000 : 0 };
}

function rawToJson(raw: unknown): unknown {
  if (typeof raw !== 'string' || raw === '') return null;
  const bytes = Buffer.from(raw, 'base64');
  try {
    return JSON.parse(text.decode(bytes)) as unknown;
  } catch (cause) {
    throw new WireFault('raw content is not JSON', { cause });
  }
}

/** Field sets that are no JSON own nothing. */
function fieldsToJson(raw: unknown): unknown {
  try {
    return rawToJson(raw) ?? {};
  } catch {
    return {};
  }
}

const rawFromJson = (value: unknown): string => Buffer.from(JSON.stringify(value ?? null)).toString('base64');

type Conversion = Omit<SpecialForm, 'type'>;

const list = (field: string): Conversion => ({ toJson: p => listOf(p[field]), fromJson: v => ({ [field]: listOf(v) }) });
const raw = (field: string): Conversion => ({
  toJson: p => rawToJson(p[field]),
  fromJson: v => (v === null || v === undefined ? {} : { [field]: rawFromJson(v) }),
});

const FORMS: Record<string, Conversion> = {
  quantity: {
    toJson: p => quantityText(p['string']),
    fromJson: v => ({ string: v === null || v === undefined ? '0' : formatQuantity(parseQuantity(String(v))) }),
  },
  'int-or-string': {
    toJson: p => (p['type'] === 1 ? (p['strVal'] ?? '') : (p['intVal'] ?? 0)),
    fromJson: v => (typeof v === 'string' ? { type: 1, intVal: 0, strVal: v } : { type: 0, intVal: v ?? 0, strVal: '' }),
  },
  time: { toJson: p => timeToJson(p, false), fromJson: v => timeFromJson(v, false) },
  'micro-time': { toJson: p => timeToJson(p, true), fromJson: v => timeFromJson(v, true) },
  duration: {
    toJson: p => formatDuration(p['duration']),
    fromJson: v => ({ duration: typeof v === 'string' ? parseDuration(v) : 0 }),
  },
  any: raw('raw'),
  fields: { ...raw('Raw'), toJson: p => fieldsToJson(p['Raw']) },
  verbs: list('items'),
};

const BY_NAME: readonly (readonly [RegExp, Conversion])[] = [
  [/\.ExtraValue$/, list('items')],
  [/apiextensions\.v1\.JSON$/, raw('raw')],
  [
    /\.JSONSchemaPropsOrArray$/,
    {
      toJson: p => p['jSONSchemas'] ?? p['schema'] ?? null,
      fromJson: v => (Array.isArray(v) ? { jSONSchemas: v } : isObject(v) ? { schema: v } : {}),
    },
  ],
  [
    /\.JSONSchemaPropsOrBool$/,
    {
      toJson: p => p['schema'] ?? p['allows'] ?? false,
      fromJson: v => (isObject(v) ? { allows: true, schema: v } : { allows: v === true }),
    },
  ],
  [
    /\.JSONSchemaPropsOrStringArray$/,
    {
      toJson: p => p['property'] ?? p['schema'] ?? null,
      fromJson: v => (Array.isArray(v) ? { property: v } : isObject(v) ? { schema: v } : {}),
    },
  ],
];

function quantityText(value: unknown): string {
  try {
    return formatQuantity(parseQuantity(typeof value === 'string' ? value : ''));
  } catch (cause) {
    throw new WireFault("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'", { cause });
  }
}

const known = new Map<string, SpecialForm | undefined>();

/** The form of a message that is no object in JSON; undefined for ordinary messages. */
export function specialForm(message: string): SpecialForm | undefined {
  if (!known.has(message)) known.set(message, findForm(message));
  return known.get(message);
}

function findForm(message: string): SpecialForm | undefined {
  const form = jsonForm(message);
  const conversion = form ? FORMS[form] : BY_NAME.find(([pattern]) => pattern.test(message))?.[1];
  const type = messageType(message);
  return conversion && type ? { ...conversion, type } : undefined;
}
