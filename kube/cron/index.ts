// The door of cron schedules.
export { parseSchedule, type Schedule } from './schedule.ts';
export { type Zone, zoneOf } from './zone.ts';
