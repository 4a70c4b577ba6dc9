// Names of time zones as the reference loads them: exact spelling, no offsets, nothing that looks like a path.

/** Why a zone cannot be loaded; undefined for a good one. */
export function faultOfTimeZone(name: string): string | undefined {
  if (name === '' || name === 'UTC' || name === 'Local') return undefined;
  if (name.includes('..') || name.startsWith('/') || name.includes('\\')) return 'time: invalid location name';
  return isZone(name) ? undefined : `unknown time zone ${name}`;
}

function isZone(name: string): boolean {
  if (/^[+-]/.test(name)) return false;
  try {
    const resolved = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
    return resolved === name || resolved.toLowerCase() !== name.toLowerCase();
  } catch {
    return false;
  }
}
