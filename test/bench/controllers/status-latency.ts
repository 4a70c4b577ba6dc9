// Statuses that change in a member, 100 a second, and when the template shows them.
import { propagationPolicies } from '../../../crds/index.ts';
import { at, informer, listOf, sleep, systemClock } from '../../../kube/index.ts';
import { percentile, print, rate } from '../measure.ts';
import { until } from './follow.ts';
import { ingress, ingresses, policy } from './objects.ts';
import type { ControllersPlane } from './plane.ts';
import { stopwatch } from './stopwatch.ts';

const COUNT = 100;
const SECONDS = 10;

export async function statusLatency(plane: ControllersPlane): Promise<void> {
  plane.begin({ scheduling: true });
  await plane.hub.create(propagationPolicies, policy('networking.k8s.io/v1', 'Ingress', ['m1']));
  await rate(COUNT, 20, i => plane.hub.create(ingresses, ingress(`i-${i}`)));
  const member = plane.members.get('m1');
  if (!member) return;
  await until(async () => (await member.list(ingresses)).items.length === COUNT);
  const sent = new Map<string, number>();
  const took: number[] = [];
  const copy = informer({ client: plane.hub, clock: systemClock, resource: ingresses });
  copy.subscribe(({ object }) => {
    for (const entry of listOf(at(object, 'status', 'loadBalancer', 'ingress'))) {
      const ip = String(at(entry, 'ip'));
      const since = sent.get(ip);
      if (since === undefined) continue;
      sent.delete(ip);
      took.push(performance.now() - since);
    }
  });
  void copy.run(new AbortController().signal);
  await copy.synced;
  const watch = stopwatch();
  for (let n = 0; n < SECONDS * 100; n++) {
    const due = n * 10 - watch.ms();
    if (due > 0) await sleep(systemClock, due);
    const ip = `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
    sent.set(ip, performance.now());
    member
      .patch(
        ingresses,
        { namespace: 'default', name: `i-${n % COUNT}` },
        { type: 'merge', body: { status: { loadBalancer: { ingress: [{ ip }] } } } },
        { subresource: 'status' },
      )
      .catch(() => sent.delete(ip));
  }
  await until(async () => sent.size < SECONDS, 10_000).catch(() => undefined);
  for (const p of [50, 99])
    print({ name: `member status to template status at 100 changes/s, P${p} of ${took.length}`, value: percentile(took, p), unit: 'ms' });
  print({ name: '  CPU of the plane, a change', value: watch.cpuMs() / took.length, unit: 'ms' });
}
