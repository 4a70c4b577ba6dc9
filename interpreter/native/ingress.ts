import type { AnyObject } from '../../kube/index.ts';
import { hasAddress, type LoadBalancerStatus, readLoadBalancer, unite } from './load-balancer.ts';
import { type NativeRules, withStatus } from './rules.ts';
import { asBuiltin } from './typed.ts';
import { isPresent } from './workload.ts';

interface Ingress {
  readonly metadata?: { readonly namespace?: string };
  readonly spec?: { readonly tls?: readonly { readonly secretName?: string }[] };
  readonly status?: LoadBalancerStatus;
}

const read = (object: AnyObject): Ingress => asBuiltin('networking.k8s.io/v1', 'Ingress', object);

/** networking.k8s.io/v1 Ingress */
export const ingress: NativeRules = {
  aggregate(object, items) {
    read(object);
    const statuses = items.filter(isPresent).map(item => readLoadBalancer('api.networking.v1.IngressStatus', item.status));
    return withStatus(object, unite(statuses), ['loadBalancer', 'ingress']);
  },
  dependencies(object) {
    const { metadata, spec } = read(object);
    const namespace = metadata?.namespace ? { namespace: metadata.namespace } : {};
    const names = (spec?.tls ?? []).map(tls => tls.secretName ?? '');
    return names.map(name => ({ apiVersion: 'v1', kind: 'Secret', ...namespace, ...(name ? { name } : {}) }));
  },
  health: observed => hasAddress(read(observed).status),
};
