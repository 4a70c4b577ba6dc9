// Ages as `kubectl get` prints them: two units while young, one when old.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY_HOURS = 24;
const YEAR_DAYS = 365;

const two = (large: number, largeUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`;

/** Clocks differ: an age up to two seconds below zero counts as none. */
function tooYoung(ms: number): string | undefined {
  const seconds = Math.trunc(ms / SECOND);
  if (seconds < -1) return '<invalid>';
  return seconds < 0 ? '0s' : undefined;
}

/** An age in milliseconds as table cells show it. */
export function humanAge(ms: number): string {
  const young = tooYoung(ms);
  if (young) return young;
  const seconds = Math.trunc(ms / SECOND);
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.trunc(ms / MINUTE);
  if (minutes < 10) return two(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.trunc(ms / HOUR);
  if (hours < 8) return two(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / DAY_HOURS);
  if (days < 8) return two(days, 'd', hours % DAY_HOURS, 'h');
  if (days < 2 * YEAR_DAYS) return `${days}d`;
  const years = Math.trunc(days / YEAR_DAYS);
  return years < 8 ? two(years, 'y', days % YEAR_DAYS, 'd') : `${years}y`;
}

/** An age in milliseconds in one unit. */
export function shortAge(ms: number): string {
  const young = tooYoung(ms);
  if (young) return young;
  const seconds = Math.trunc(ms / SECOND);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.trunc(ms / MINUTE);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.trunc(ms / HOUR);
  if (hours < DAY_HOURS) return `${hours}h`;
  const days = Math.trunc(hours / DAY_HOURS);
  return days < YEAR_DAYS ? `${days}d` : `${Math.trunc(days / YEAR_DAYS)}y`;
}
