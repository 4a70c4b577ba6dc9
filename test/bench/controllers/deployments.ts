// The whole way of a Deployment: created, claimed by a policy, scheduled, built into Works and applied to three members, each a process of its own that runs it.
import { propagationPolicies } from '../../../crds/index.ts';
import { print, rate } from '../measure.ts';
import { follow, isApplied } from './follow.ts';
import { deployment, deployments, memberNames, policy } from './objects.ts';
import type { ControllersPlane } from './plane.ts';
import { stopwatch } from './stopwatch.ts';

const MEMBERS = memberNames(3);

export async function appliedDeployments(plane: ControllersPlane, size: number): Promise<void> {
  const count = size / 20;
  plane.begin({ scheduling: true });
  await plane.hub.create(propagationPolicies, policy('apps/v1', 'Deployment', MEMBERS));
  const applied = follow(plane).count(isApplied);
  await plane.hub.create(deployments, deployment('first'));
  await applied.reached(MEMBERS.length);
  const watch = stopwatch();
  await rate(count, 20, i => plane.hub.create(deployments, deployment(`d-${i}`)));
  await applied.reached((count + 1) * MEMBERS.length);
  const total = count * MEMBERS.length;
  const name = `${count} Deployments to 3 members (a process each), first create to last Work applied`;
  print({ name, value: watch.ms() / 1000, unit: 's' });
  print({ name: '  that is', value: (total * 1000) / watch.ms(), unit: 'Works/s' });
  print({ name: '  CPU of the plane, a Work', value: watch.cpuMs() / total, unit: 'ms' });
}
