// Works that carry a ConfigMap, applied to members that are processes of their own.
import { works } from '../../../crds/index.ts';
import { growing, print, rate } from '../measure.ts';
import { type Counter, follow, isApplied } from './follow.ts';
import { memberNames, work } from './objects.ts';
import type { ControllersPlane } from './plane.ts';
import { stopwatch } from './stopwatch.ts';

/** A usual fleet. */
export const MANY = 30;
const IN_FLIGHT = 100;
const CONTROLLERS = { controllers: ['clusterStatus', 'cluster', 'execution', 'workStatus'] };

export async function appliedWorks(plane: ControllersPlane, size: number): Promise<void> {
  const apply = await begun(plane, memberNames(3));
  for (const count of growing(size * 0.3)) await apply(count, 'a process each');
}

export async function appliedWorksToMany(plane: ControllersPlane, size: number): Promise<void> {
  const apply = await begun(plane, memberNames(MANY));
  await apply(size * 0.3, 'two processes');
}

/** Applies Works once every member has taken its first. */
async function begun(plane: ControllersPlane, members: readonly string[]): Promise<(count: number, where: string) => Promise<void>> {
  plane.begin({ options: CONTROLLERS });
  const applied = follow(plane).count(isApplied);
  await Promise.all(members.map(name => plane.hub.create(works, work('first', name))));
  let before = members.length;
  await applied.reached(before);
  return async (count, where) => {
    const title = `Works applied to ${members.length} members (${where}), ${count} Works`;
    await timed({ plane, members, count, applied, before, title });
    before += count;
  };
}

interface Run {
  readonly plane: ControllersPlane;
  readonly members: readonly string[];
  readonly count: number;
  readonly applied: Counter;
  readonly before: number;
  readonly title: string;
}

async function timed({ plane, members, count, applied, before, title }: Run): Promise<void> {
  const watch = stopwatch();
  await rate(count, IN_FLIGHT, i => plane.hub.create(works, work(`a${before}-${i}`, members[i % members.length] ?? '')));
  await applied.reached(before + count);
  print({ name: title, value: (count * 1000) / watch.ms(), unit: '/s' });
  print({ name: '  CPU of the plane, a Work (creating it included)', value: watch.cpuMs() / count, unit: 'ms' });
}
