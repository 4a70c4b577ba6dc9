// Plugins with a stopwatch: what each took over all clusters of one cycle. Measuring costs about as much as a cheap plugin itself, so only a share of
// the cycles is measured.
import type { SchedulerPlugin } from './plugin.ts';

export type ExtensionPoint = 'Filter' | 'Score';

export interface TimedPlugins {
  readonly plugins: readonly SchedulerPlugin[];
  /** Milliseconds by plugin since the last call for that point. */
  taken(point: ExtensionPoint): ReadonlyMap<string, number>;
}

/** The same plugins, with the same answers; `now` in milliseconds. */
export function timedPlugins(plugins: readonly SchedulerPlugin[], now: () => number): TimedPlugins {
  const sums = { Filter: new Map<string, number>(), Score: new Map<string, number>() };
  const timed =
    <A, R>(point: ExtensionPoint, name: string, f: (argument: A) => R) =>
    (argument: A): R => {
      const since = now();
      try {
        return f(argument);
      } finally {
        sums[point].set(name, (sums[point].get(name) ?? 0) + now() - since);
      }
    };
  return {
    plugins: plugins.map((plugin): SchedulerPlugin => {
      const { name, filter, score } = plugin;
      return {
        name,
        ...(filter ? { filter: c => timed('Filter', name, timed('Filter', name, filter.bind(plugin))(c)) } : {}),
        ...(score ? { score: c => timed('Score', name, timed('Score', name, score.bind(plugin))(c)) } : {}),
      };
    }),
    taken(point) {
      const taken = sums[point];
      sums[point] = new Map();
      return taken;
    },
  };
}
