// Services of type LoadBalancer get an address of their own; others have none.
import { equal, fromInformer, getOrUndefined, parseKey, type Runnable } from '../../kube/index.ts';
import { loop, type MemberContext } from '../context.ts';
import { SERVICES, type Service } from '../kinds.ts';
import { writeStatus } from '../writing.ts';

const ADDRESSES = 250 * 16;

export function loadBalancerController(c: MemberContext): Runnable {
  const services = c.informer(SERVICES);
  const at = services.indexed(service => (service.status?.loadBalancer?.ingress ?? []).map(i => String(i['ip'])));
  let last = 0;
  function freeAddress(): string {
    for (let i = 0; i < ADDRESSES; i++) {
      last = (last + 1) % ADDRESSES;
      const ip = `10.90.${Math.floor(last / 250)}.${(last % 250) + 1}`;
      if (at(ip).length === 0) return ip;
    }
    return '10.90.255.254';
  }
  return loop(c, {
    name: 'service-lb',
    sources: [fromInformer(services, { when: ({ object, type }) => type !== 'deleted' && !isRight(object) })],
    async reconcile(key, signal) {
      const service = await getOrUndefined(c.client, SERVICES, parseKey(key), { signal });
      if (!service || isRight(service)) return;
      const ingress = wantsAddress(service) ? [{ ip: service.spec.loadBalancerIP ?? freeAddress(), ipMode: 'VIP' }] : undefined;
      await writeStatus(c.client, SERVICES, service, { ...service.status, loadBalancer: ingress ? { ingress } : {} });
      if (ingress) c.events.event(service, 'Normal', 'EnsuredLoadBalancer', 'Ensured load balancer');
    },
  });
}

/** Balancers of another class are somebody else's. */
const wantsAddress = (s: Service): boolean =>
  s.spec.type === 'LoadBalancer' && s.spec.loadBalancerClass === undefined && !s.metadata.deletionTimestamp;

function isRight(s: Service): boolean {
  const present = s.status?.loadBalancer ?? {};
  if (s.spec.type === 'LoadBalancer' && s.spec.loadBalancerClass !== undefined) return true;
  return wantsAddress(s) ? (present.ingress ?? []).length > 0 : equal(present, {});
}
