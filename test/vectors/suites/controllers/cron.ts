// When the rules of a CronFederatedHPA fire.
import { parseSchedule, timestamp, zoneOf } from '../../../../kube/index.ts';
import { isValidCronSchedule } from '../../../../webhook/index.ts';
import type { Suite } from '../../suite.ts';
import { compare } from './compare.ts';

interface In {
  readonly schedule: string;
  readonly timeZone?: string;
  readonly after: string;
}

interface Out {
  readonly valid: boolean;
  readonly startError?: string;
  readonly timeZoneError?: string;
}

export const suite: Suite = {
  check(c) {
    const input = c.in as unknown as In;
    const expected = c.out as Out;
    const got = run(input);
    return compare(got, expected);
  },
};

function run({ schedule, timeZone = '', after }: In): Out & { next?: (string | null)[] } {
  const valid = isValidCronSchedule(schedule);
  try {
    zoneOf(timeZone);
  } catch (error) {
    return { valid, timeZoneError: (error as Error).message };
  }
  try {
    const parsed = parseSchedule(schedule);
    const zone = zoneOf(timeZone);
    const next: (string | null)[] = [];
    let time: number | undefined = Date.parse(after);
    for (let i = 0; i < 4 && time !== undefined; i++) {
      time = parsed.next(time, zone);
      next.push(time === undefined ? null : timestamp(time));
    }
    return { valid, next };
  } catch (error) {
    return { valid, startError: (error as Error).message };
  }
}
