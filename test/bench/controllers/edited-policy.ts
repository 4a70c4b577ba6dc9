// A policy that concerns many templates changes; meanwhile somebody else's template is propagated.
import { propagationPolicies } from '../../../crds/index.ts';
import { sleep, systemClock } from '../../../kube/index.ts';
import { print, rate } from '../measure.ts';
import { follow, isApplied, isIn } from './follow.ts';
import { configMap, configMaps, policy } from './objects.ts';
import type { ControllersPlane } from './plane.ts';
import { stopwatch } from './stopwatch.ts';

export async function editedPolicy(plane: ControllersPlane, size: number): Promise<void> {
  const count = size / 2;
  plane.begin({ scheduling: true });
  const watching = follow(plane);
  const [inFirst, inSecond] = [isIn('m1', 'e-'), isIn('m2', 'e-')];
  const first = watching.count(work => inFirst(work) && isApplied(work));
  const second = watching.count(work => inSecond(work) && isApplied(work));
  const isOthers = isIn('m1', 'someone-else');
  const others = watching.count(work => isOthers(work) && isApplied(work));
  await plane.hub.create(propagationPolicies, policy('v1', 'ConfigMap', ['m1']));
  const watch = stopwatch();
  await rate(count, 100, i => plane.hub.create(configMaps, configMap(`e-${i}`)));
  await first.reached(count);
  print({ name: `${count} templates created, until the last Work is applied`, value: watch.ms() / 1000, unit: 's' });
  print({ name: '  CPU of the plane, a template', value: watch.cpuMs() / count, unit: 'ms' });
  const edit = stopwatch();
  await plane.hub.patch(
    propagationPolicies,
    { namespace: 'default', name: 'p' },
    { type: 'merge', body: { spec: { placement: { clusterAffinity: { clusterNames: ['m1', 'm2'] } } } } },
  );
  await sleep(systemClock, 1000);
  for (let i = 1; i <= 3; i++) {
    const other = stopwatch();
    await plane.hub.create(configMaps, configMap(`someone-else-${i}`));
    await others.reached(i);
    print({ name: `another template propagated during an edit for ${count} templates`, value: other.ms(), unit: 'ms' });
  }
  await second.reached(count);
  print({ name: `a policy edited for ${count} templates, until the last Work is applied`, value: edit.ms() / 1000, unit: 's' });
  print({ name: '  CPU of the plane, a template', value: edit.cpuMs() / count, unit: 'ms' });
}
