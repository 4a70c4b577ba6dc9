import { type AnyObject, at } from '../../kube/index.ts';
import { hasAddress, type LoadBalancerStatus, readLoadBalancer, unite } from './load-balancer.ts';
import { type NativeRules, withSpec, withStatus } from './rules.ts';
import { asBuiltin, asMessage } from './typed.ts';
import { isPresent, statusOf } from './workload.ts';

interface Service {
  readonly spec?: { readonly type?: string };
  readonly status?: LoadBalancerStatus;
}

const STATUS = 'api.core.v1.ServiceStatus';
const read = (object: AnyObject): Service => asBuiltin('v1', 'Service', object);

/** v1 Service */
export const service: NativeRules = {
  retain(desired, observed) {
    const port = at(observed, 'spec', 'healthCheckNodePort');
    const clusterIP = at(observed, 'spec', 'clusterIP');
    const withPort = typeof port === 'number' && port > 0 ? withSpec(desired, 'healthCheckNodePort', port) : desired;
    return typeof clusterIP === 'string' && clusterIP !== '' ? withSpec(withPort, 'clusterIP', clusterIP) : withPort;
  },
  aggregate(object, items) {
    if (read(object).spec?.type !== 'LoadBalancer') return object;
    return withStatus(object, unite(items.filter(isPresent).map(item => readLoadBalancer(STATUS, item.status))), [
      'loadBalancer',
      'ingress',
    ]);
  },
  reflect(observed) {
    const raw = statusOf(observed);
    if (!raw || at(observed, 'spec', 'type') !== 'LoadBalancer') return undefined;
    const { loadBalancer = {} } = asMessage<LoadBalancerStatus>(STATUS, raw, 'wrap');
    return { loadBalancer };
  },
  health(observed) {
    const { spec, status } = read(observed);
    return spec?.type !== 'LoadBalancer' || hasAddress(status);
  },
};
