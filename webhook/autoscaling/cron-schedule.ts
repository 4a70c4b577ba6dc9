// Cron expressions as admission understands them: five to seven fields (a seconds field in front, a year at the end), names,
// ranges, steps, `L`, `W`, `#`, and the usual @macros. Firing understands less; see the cronfederatedhpa controller.

const NAMES = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const MACROS = new Set([
  ...['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@hourly', '@always'],
  ...['@5minutes', '@10minutes', '@15minutes', '@30minutes', '@everysecond'],
]);
const MONTH_DAY = 3;
const WEEK_DAY = 5;
const BOUNDS: readonly (readonly [number, number])[] = [
  [0, 59],
  [0, 59],
  [0, 23],
  [0, 31],
  [1, 12],
  [0, 7],
  [0, 9999],
];

/** Whether `expression` is accepted. */
export function isValidCronSchedule(expression: string): boolean {
  const trimmed = expression.replace(/^[ \t]+|[ \t]+$/g, '');
  if (MACROS.has(trimmed.toLowerCase())) return true;
  const segments = withNumbers(trimmed.toUpperCase()).split(/\s+/);
  if (segments.length < 5 || segments.length > 7) return false;
  const withoutSeconds = segments.length === 5 || (segments.length === 6 && /\d{4}/.test(segments[5] ?? ''));
  const offset = withoutSeconds ? 1 : 0;
  return segments.every((segment, i) => isSegment(segment, i + offset));
}

function withNumbers(text: string): string {
  return text.replace(/[A-Z]{3}/g, word => {
    if (NAMES.includes(word)) return String(NAMES.indexOf(word));
    return MONTHS.includes(word) ? String(MONTHS.indexOf(word) + 1) : word;
  });
}

/** A wildcard settles a segment: what follows it is not looked at. */
function isSegment(segment: string, position: number): boolean {
  for (const item of segment.split(',')) {
    if (item === '*' || item === '?') return true;
    if (!isItem(item, position)) return false;
  }
  return true;
}

function isItem(item: string, position: number): boolean {
  if (position === MONTH_DAY && /[LW#]/.test(item)) return item === 'L' || /^[+-]?\d+W/.test(item);
  if (position === WEEK_DAY && /[LW#]/.test(item)) return /^[+-]?\d+L/.test(item) || /^[+-]?\d+#[+-]?\d+$/.test(item);
  const bounds = BOUNDS[position] ?? [0, 0];
  if (item.includes('/')) return isStep(item, bounds);
  if (item.includes('-')) return isRange(position === WEEK_DAY ? item.replace('7-', '0-') : item, bounds);
  return isWithin(numberOf(item), bounds);
}

function isStep(item: string, bounds: readonly [number, number]): boolean {
  const [range = '', stepText = ''] = item.split('/');
  const step = numberOf(stepText);
  if (step === undefined || step === 0) return false;
  if (range === '*' || range === '0') return true;
  const [startText = '', endText] = range.split('-');
  const start = numberOf(startText);
  if (start === undefined || start < bounds[0]) return false;
  if (endText === undefined) return true;
  const end = numberOf(endText);
  return end !== undefined && end >= start && end <= bounds[1];
}

function isRange(item: string, bounds: readonly [number, number]): boolean {
  const [startText = '', endText = ''] = item.split('-');
  const start = numberOf(startText);
  const end = numberOf(endText);
  return start !== undefined && end !== undefined && end >= start && isWithin(start, bounds) && isWithin(end, bounds);
}

function isWithin(value: number | undefined, [low, high]: readonly [number, number]): boolean {
  return value !== undefined && value >= low && value <= high;
}

function numberOf(text: string): number | undefined {
  return /^[+-]?\d+$/.test(text) ? Number(text) : undefined;
}
