// A control plane whose controllers start again with everything in its place, and the memory that server and controllers need for it.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { print } from '../measure.ts';
import { makeBindings } from './bindings-to-works.ts';
import { follow, isApplied, quiet } from './follow.ts';
import type { ControllersPlane } from './plane.ts';
import { stopwatch } from './stopwatch.ts';

const OPTIONS = { skippedPropagatingApis: 'v1/ConfigMap' };

export async function restart(plane: ControllersPlane, size: number): Promise<void> {
  const total = size * 3;
  const first = plane.begin({ options: OPTIONS });
  await quiet(plane);
  const empty = memory();
  const watching = follow(plane);
  const applied = watching.count(isApplied);
  await makeBindings(plane, 'r', size);
  await applied.reached(total);
  watching.stop();
  await quiet(plane);
  print({
    name: `memory of server and controllers, a Work of ${total} against none (a third of a binding included)`,
    value: (memory() - empty) / total,
    unit: 'KiB',
  });
  await first();
  const writes = plane.memberWrites();
  const watch = stopwatch();
  const start = performance.now();
  const end = plane.begin({ options: OPTIONS });
  const settledAt = await quiet(plane);
  const name = `restart with ${size} bindings and ${total} Works, until nothing happens any more`;
  print({ name, value: (settledAt - start) / 1000, unit: 's' });
  print({ name: '  CPU of the plane', value: watch.cpuMs() / 1000, unit: 's' });
  print({ name: 'writes into members during it', value: plane.memberWrites() - writes, unit: '' });
  await end();
}

/** KiB in use once what nobody needs has gone. */
function memory(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1024;
}
