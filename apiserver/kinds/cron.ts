// Faults of cron schedules, told as the reference's parser does.
interface Field {
  readonly min: number;
  readonly max: number;
  readonly names?: Readonly<Record<string, number>>;
}

const named = (words: string, from: number): Record<string, number> =>
  Object.fromEntries(words.split(' ').map((word, i) => [word, i + from]));

const FIELDS: readonly Field[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: named('jan feb mar apr may jun jul aug sep oct nov dec', 1) },
  { min: 0, max: 6, names: named('sun mon tue wed thu fri sat', 0) },
];

const DESCRIPTORS = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']);

/** What is wrong with a schedule; undefined when it is sound. */
export function cronFault(schedule: string): string | undefined {
  const spec = schedule.replace(/^(CRON_)?TZ=\S*\s+/, '');
  if (spec === '') return 'empty spec string';
  if (spec.startsWith('@')) return descriptorFault(spec);
  const parts = spec.split(/\s+/).filter(p => p !== '');
  if (parts.length !== 5) return `expected exactly 5 fields, found ${parts.length}: [${parts.join(' ')}]`;
  for (const [i, part] of parts.entries()) {
    const fault = FIELDS[i] ? listFault(part, FIELDS[i]) : undefined;
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function descriptorFault(spec: string): string | undefined {
  if (DESCRIPTORS.has(spec)) return undefined;
  if (!spec.startsWith('@every ')) return `unrecognized descriptor: ${spec}`;
  const duration = spec.slice('@every '.length);
  return /^[+-]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))*$|^0$/.test(duration)
    ? undefined
    : `failed to parse duration ${spec}: time: invalid duration ${JSON.stringify(duration)}`;
}

function listFault(text: string, field: Field): string | undefined {
  for (const expression of text.split(',').filter(e => e !== '')) {
    const fault = rangeFault(expression, field);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function rangeFault(expression: string, field: Field): string | undefined {
  const slashes = expression.split('/');
  const ends = (slashes[0] ?? '').split('-');
  const star = ends[0] === '*' || ends[0] === '?';
  let [start, end] = [field.min, field.max];
  if (!star) {
    const low = fieldValue(ends[0] ?? '', field);
    if (typeof low === 'string') return low;
    start = low;
    end = low;
    if (ends.length === 2) {
      const high = fieldValue(ends[1] ?? '', field);
      if (typeof high === 'string') return high;
      end = high;
    } else if (ends.length > 2) return `too many hyphens: ${expression}`;
  }
  const step = stepOf(slashes, expression);
  if (typeof step === 'string') return step;
  if (slashes.length === 2 && ends.length === 1) end = field.max;
  if (start < field.min) return `beginning of range (${start}) below minimum (${field.min}): ${expression}`;
  if (end > field.max) return `end of range (${end}) above maximum (${field.max}): ${expression}`;
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${expression}`;
  return step === 0 ? `step of range should be a positive number: ${expression}` : undefined;
}

function stepOf(slashes: readonly string[], expression: string): number | string {
  if (slashes.length === 1) return 1;
  return slashes.length === 2 ? integer(slashes[1] ?? '') : `too many slashes: ${expression}`;
}

function fieldValue(text: string, field: Field): number | string {
  const name = text.toLowerCase();
  if (field.names && Object.hasOwn(field.names, name)) return field.names[name] ?? 0;
  return integer(text);
}

function integer(text: string): number | string {
  if (!/^[+-]?\d+$/.test(text)) return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
  const n = Number(text);
  return n < 0 ? `negative number (${n}) not allowed: ${text}` : n;
}
