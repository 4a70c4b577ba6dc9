// When a CronJob is due: pure arithmetic over its schedule.
import { parseSchedule, timeMillis, type Zone, zoneOf } from '../../../kube/index.ts';
import type { CronJob } from '../../kinds.ts';

/** More missed times than this are not looked at one by one. */
const MANY = 100;

export interface Due {
  /** The last time that has come and was not served. */
  readonly missed?: number;
  /** How many times were missed. */
  readonly count: number;
  readonly next?: number;
}

/** Throws where the schedule or the zone means nothing. */
export function dueTimes(job: CronJob, nowMs: number): Due {
  const { text, zone } = scheduleOf(job);
  const schedule = parseSchedule(text);
  const { startingDeadlineSeconds: deadline } = job.spec;
  const last = timeMillis(job.status?.lastScheduleTime) ?? timeMillis(job.metadata.creationTimestamp) ?? nowMs;
  // Times that are too late to be served are not looked for.
  let from = deadline === undefined ? last : Math.max(last, nowMs - deadline * 1000);
  let missed: number | undefined;
  let count = 0;
  for (let time = schedule.next(from, zone); time !== undefined && time <= nowMs; time = schedule.next(from, zone)) {
    missed = time;
    count++;
    from = count === MANY ? skipAhead(time, nowMs) : time;
  }
  const next = schedule.next(nowMs, zone);
  return { ...(missed === undefined ? {} : { missed }), count, ...(next === undefined ? {} : { next }) };
}

/** After a long sleep only the last hour or so is walked through. */
const skipAhead = (time: number, nowMs: number): number => Math.max(time, nowMs - 2 * 3_600_000);

/** `TZ=Zone` before the fields, or spec.timeZone. */
function scheduleOf(job: CronJob): { readonly text: string; readonly zone: Zone } {
  const match = /^(?:CRON_)?TZ=(\S+)\s+(.*)$/.exec(job.spec.schedule);
  return { text: match?.[2] ?? job.spec.schedule, zone: zoneOf(job.spec.timeZone ?? match?.[1] ?? '') };
}
