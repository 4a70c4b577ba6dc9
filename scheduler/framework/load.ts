// Plugins of others: modules named by path among the entries of --plugins. A module exports a plugin, or a list of them, as its
// default. What they do wrong is a failure of the cycle that names them, never a crash.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { errorText } from '../../kube/index.ts';
import { plainFailure } from '../failure.ts';
import type { Cluster } from '../types.ts';
import { nameOf } from '../types.ts';
import type { SchedulerPlugin, SchedulingContext } from './plugin.ts';

/** An entry that is a path: names have neither slashes nor endings. */
export const isPluginPath = (entry: string): boolean => !entry.startsWith('-') && (/[\\/]/.test(entry) || /\.(?:m?js|ts)$/.test(entry));

export interface Loaded {
  readonly plugins: readonly SchedulerPlugin[];
  /** The flag with the names of the plugins in place of the paths. */
  readonly names: readonly string[];
}

/** The plugins of all paths in the flag; throws an Error that names the path where one is of no use. */
export async function loadPlugins(flag: readonly string[]): Promise<Loaded> {
  const plugins: SchedulerPlugin[] = [];
  const names: string[] = [];
  for (const entry of flag) {
    const loaded = isPluginPath(entry) ? await load(entry) : undefined;
    plugins.push(...(loaded ?? []));
    names.push(...(loaded?.map(p => p.name) ?? [entry]));
  }
  return { plugins, names };
}

async function load(path: string): Promise<SchedulerPlugin[]> {
  let module: { readonly default?: unknown };
  try {
    module = (await import(pathToFileURL(resolve(path)).href)) as { readonly default?: unknown };
  } catch (error) {
    throw new Error(`plugin ${path} cannot be loaded: ${errorText(error)}`, { cause: error });
  }
  const exported = Array.isArray(module.default) ? module.default : [module.default];
  return exported.map(plugin => {
    if (!isPlugin(plugin)) throw new Error(`plugin ${path}: its default export is no plugin: a name, and filter or score, are needed`);
    return guarded(plugin);
  });
}

function isPlugin(value: unknown): value is SchedulerPlugin {
  if (typeof value !== 'object' || value === null) return false;
  const { name, filter, score } = value as Partial<SchedulerPlugin>;
  const functions = [filter, score].filter(f => f !== undefined);
  return typeof name === 'string' && /^[A-Za-z][\w-]*$/.test(name) && functions.length > 0 && functions.every(f => typeof f === 'function');
}

/** The plugin with its mistakes turned into failures. */
function guarded(plugin: SchedulerPlugin): SchedulerPlugin {
  const { name, filter, score } = plugin;
  const careful = <T>(what: string, f: () => T): T => {
    try {
      return f();
    } catch (error) {
      throw plainFailure(`plugin ${name} failed to ${what}: ${errorText(error)}`);
    }
  };
  return {
    name,
    ...(filter
      ? {
          filter: (context: SchedulingContext) => {
            const refuses = careful('filter', () => filter.call(plugin, context));
            return (cluster: Cluster) => careful(`filter ${nameOf(cluster)}`, () => reasonOf(refuses(cluster)));
          },
        }
      : {}),
    ...(score
      ? {
          score: (context: SchedulingContext) => {
            const points = careful('score', () => score.call(plugin, context));
            return (cluster: Cluster) => careful(`score ${nameOf(cluster)}`, () => within100(points(cluster)));
          },
        }
      : {}),
  };
}

function reasonOf(reason: unknown): string | undefined {
  if (reason === undefined || typeof reason === 'string') return reason;
  throw new Error(`it answered ${JSON.stringify(reason)}, not a reason or undefined`);
}

function within100(points: unknown): number {
  if (typeof points !== 'number' || !Number.isInteger(points) || points < 0 || points > 100)
    throw new Error(`it answered ${JSON.stringify(points)}, not a whole number from 0 to 100`);
  return points;
}
