// Wall-clock time in a named time zone.

export interface Wall {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  /** 0 = Sunday. */
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
}

export interface Zone {
  wall(ms: number): Wall;
  /** Midnight of that day; months and days beyond their end run on. */
  utc(date: { readonly year: number; readonly month: number; readonly day: number }): number;
}

/** The zone of that name; '' and `Local` are UTC, the time of the process. Throws where there is none. */
export function zoneOf(name: string): Zone {
  if (name === '' || name === 'Local' || name === 'UTC') return zone(() => 0);
  let format: Intl.DateTimeFormat;
  try {
    const part = 'numeric';
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: part,
      month: part,
      day: part,
      hour: part,
      minute: part,
      second: part,
      era: 'short',
    });
  } catch (error) {
    throw new Error(`unknown time zone ${name}`, { cause: error });
  }
  return zone(ms => offsetMs(format, ms));
}

function offsetMs(format: Intl.DateTimeFormat, ms: number): number {
  const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type as string, Number(value)]));
  const part = (type: string): number => parts.get(type) ?? 0;
  const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return wall - Math.floor(ms / 1000) * 1000;
}

function zone(offsetAt: (ms: number) => number): Zone {
  return {
    wall(ms) {
      const date = new Date(ms + offsetAt(ms));
      return {
        year: date.getUTCFullYear(),
        month: date.getUTCMonth() + 1,
        day: date.getUTCDate(),
        weekday: date.getUTCDay(),
        hour: date.getUTCHours(),
        minute: date.getUTCMinutes(),
      };
    },
    utc({ year, month, day }) {
      const wall = Date.UTC(year, month - 1, day);
      const first = offsetAt(wall);
      const second = offsetAt(wall - first);
      return wall - (second === first ? first : second);
    },
  };
}
