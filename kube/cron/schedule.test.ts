import { describe, expect, it } from 'vitest';
import { parseSchedule } from './schedule.ts';
import { zoneOf } from './zone.ts';

const next = (schedule: string, after: string, zone = 'UTC'): string | undefined => {
  const time = parseSchedule(schedule).next(Date.parse(after), zoneOf(zone));
  return time === undefined ? undefined : new Date(time).toISOString();
};

describe('cron rules', () => {
  it('match days by either field where both are restricted', () => {
    expect(next('0 0 13 * 5', '2026-02-01T00:00:00Z')).toBe('2026-02-06T00:00:00.000Z');
  });

  it('run in their own time zone, through a change to summer time', () => {
    expect(next('30 9 * * *', '2026-03-28T20:00:00Z', 'Europe/London')).toBe('2026-03-29T08:30:00.000Z');
  });

  it('give up on a day that never comes', () => {
    expect(next('0 0 31 2 *', '2026-01-01T00:00:00Z')).toBeUndefined();
  });

  it.each([
    ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
    ['0 24 * * *', 'end of range (24) above maximum (23): 24'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['0 0 L * *', 'failed to parse int from L'],
    ['@always', 'unrecognized descriptor: @always'],
  ])('refuse %s', (schedule, text) => {
    expect(() => parseSchedule(schedule)).toThrow(text);
  });

  it('refuse a zone that does not exist', () => {
    expect(() => zoneOf('Bogus/Zone')).toThrow('unknown time zone Bogus/Zone');
  });
});
