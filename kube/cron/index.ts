// The door of cron schedules.
export { parseSchedule } from './schedule.ts';
export { type Zone, zoneOf } from './zone.ts';
