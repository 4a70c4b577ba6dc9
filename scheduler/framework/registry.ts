// Which plugins take part: the flag --plugins over those we have and those handed in (specification §2.5).
import type { SchedulerPlugin } from './plugin.ts';

/** Ours and the given ones, by name; the same name twice is an error. */
export function mergePlugins(ours: readonly SchedulerPlugin[], given: readonly SchedulerPlugin[]): SchedulerPlugin[] {
  const names = new Set(ours.map(p => p.name));
  for (const { name } of given) {
    if (names.has(name)) throw new Error(`a plugin named ${name} already exists`);
    names.add(name);
  }
  return [...ours, ...given];
}

/** `*` starts with all; then a name adds and `-name` removes, in order; unknown names are ignored. */
export function enabledPlugins(plugins: readonly SchedulerPlugin[], flag: readonly string[] = ['*']): SchedulerPlugin[] {
  const known = new Set(plugins.map(p => p.name));
  const enabled = new Set(flag.includes('*') ? known : []);
  for (const entry of flag) {
    if (known.has(entry)) enabled.add(entry);
    else if (entry.startsWith('-')) enabled.delete(entry.replace(/^-+/, ''));
  }
  return plugins.filter(p => enabled.has(p.name));
}
