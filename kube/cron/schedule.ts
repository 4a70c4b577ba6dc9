// Cron rules as they are run (specification §8.8): five fields with names, ranges and steps, or a descriptor, in a time zone. Stricter than admission: no `L`, `W`,
// `#`, no seconds or years. An hour that daylight saving skips does not fire; one that it repeats fires as the wall clock shows it.
import { parseDuration } from '../duration.ts';
import type { Zone } from './zone.ts';

/** The next time after `afterMs`; undefined where there is none within five years. */
export interface Schedule {
  next(afterMs: number, zone: Zone): number | undefined;
}

interface Field {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const FIELDS: readonly Field[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: MONTHS },
  { min: 0, max: 6, names: DAYS },
];

const DESCRIPTORS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** Reads a rule; throws with what is wrong about it. */
export function parseSchedule(text: string): Schedule {
  if (text.startsWith('@every ')) return every(text.slice('@every '.length));
  if (text.startsWith('@') && !Object.hasOwn(DESCRIPTORS, text)) throw new Error(`unrecognized descriptor: ${text}`);
  const fields = (DESCRIPTORS[text] ?? text).split(/\s+/).filter(field => field !== '');
  if (fields.length !== FIELDS.length) throw new Error(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`);
  const sets = FIELDS.map((field, i) => parseField(fields[i] ?? '', field));
  const [minutes, hours, days, months, weekdays] = sets as [Allowed, Allowed, Allowed, Allowed, Allowed];
  return { next: (afterMs, zone) => nextTime({ minutes, hours, days, months, weekdays }, afterMs, zone) };
}

function every(text: string): Schedule {
  const step = Math.max(1000, Math.floor(Number(parseDuration(text) / 1_000_000_000n)) * 1000);
  return { next: afterMs => Math.floor(afterMs / 1000) * 1000 + step };
}

interface Allowed {
  readonly values: ReadonlySet<number>;
  /** Written as `*`: does not restrict the day. */
  readonly star: boolean;
}

function parseField(text: string, field: Field): Allowed {
  const values = new Set<number>();
  let star = false;
  for (const part of text.split(',').filter(p => p !== '')) {
    const range = parseRange(part, field);
    for (let n = range.from; n <= range.to; n += range.step) values.add(n);
    star ||= range.star;
  }
  return { values, star };
}

function parseRange(text: string, field: Field) {
  const [span = '', stepText, ...slashes] = text.split('/');
  const [low = '', high, ...hyphens] = span.split('-');
  if (hyphens.length > 0) throw new Error(`too many hyphens: ${text}`);
  if (slashes.length > 0) throw new Error(`too many slashes: ${text}`);
  const any = low === '*' || low === '?';
  const from = any ? field.min : numberOf(low, field);
  const single = any ? field.max : high === undefined ? from : numberOf(high, field);
  const step = stepText === undefined ? 1 : integer(stepText);
  const to = stepText !== undefined && !any && high === undefined ? field.max : single;
  if (from < field.min) throw new Error(`beginning of range (${from}) below minimum (${field.min}): ${text}`);
  if (to > field.max) throw new Error(`end of range (${to}) above maximum (${field.max}): ${text}`);
  if (from > to) throw new Error(`beginning of range (${from}) beyond end of range (${to}): ${text}`);
  if (step === 0) throw new Error(`step of range should be a positive number: ${text}`);
  return { from, to, step, star: any && step === 1 };
}

function numberOf(text: string, { names, min }: Field): number {
  const index = names?.indexOf(text.toLowerCase()) ?? -1;
  return index >= 0 ? index + min : integer(text);
}

function integer(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new Error(`failed to parse int from ${text}: strconv.Atoi: parsing "${text}": invalid syntax`);
  const value = Number(text);
  if (value < 0) throw new Error(`negative number (${value}) not allowed: ${text}`);
  return value;
}

interface Rule {
  readonly minutes: Allowed;
  readonly hours: Allowed;
  readonly days: Allowed;
  readonly months: Allowed;
  readonly weekdays: Allowed;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const YEARS = 5;

function nextTime(rule: Rule, afterMs: number, zone: Zone): number | undefined {
  let time = Math.floor(afterMs / MINUTE) * MINUTE + MINUTE;
  const lastYear = zone.wall(time).year + YEARS;
  for (;;) {
    const wall = zone.wall(time);
    if (wall.year > lastYear) return undefined;
    if (!rule.months.values.has(wall.month)) time = zone.utc({ year: wall.year, month: wall.month + 1, day: 1 });
    else if (!dayMatches(rule, wall.day, wall.weekday)) time = nextDay(zone, wall);
    else if (!rule.hours.values.has(wall.hour)) time += HOUR - wall.minute * MINUTE;
    else if (!rule.minutes.values.has(wall.minute)) time += MINUTE;
    else return time;
  }
}

function dayMatches({ days, weekdays }: Rule, day: number, weekday: number): boolean {
  const byDay = days.values.has(day);
  const byWeekday = weekdays.values.has(weekday);
  return days.star || weekdays.star ? byDay && byWeekday : byDay || byWeekday;
}

/** Midnight, or the first hour after it where there is no midnight. */
function nextDay(zone: Zone, { year, month, day }: { readonly year: number; readonly month: number; readonly day: number }): number {
  const time = zone.utc({ year, month, day: day + 1 });
  const { hour } = zone.wall(time);
  if (hour === 0) return time;
  return hour > 12 ? time + (24 - hour) * HOUR : time - hour * HOUR;
}
