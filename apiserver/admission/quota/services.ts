// Services against quotas: their number, their node ports and load balancers, as intended: ports are allocated later.
import { at, listOf, quantityOf, stringOf } from '../../../kube/index.ts';
import { ONE } from './amounts.ts';
import type { Evaluator } from './evaluator.ts';

const NAMES = ['count/services', 'services', 'services.nodeports', 'services.loadbalancers'];

export const serviceEvaluator: Evaluator = {
  handles: a => a.subresource === '' && (a.operation === 'CREATE' || a.operation === 'UPDATE'),
  counts: resource => NAMES.includes(resource),
  usage(service) {
    const type = stringOf(at(service, 'spec', 'type'));
    const ports = listOf(at(service, 'spec', 'ports'));
    const balanced = type === 'LoadBalancer';
    const given = balanced && at(service, 'spec', 'allocateLoadBalancerNodePorts') === false ? ports.filter(p => at(p, 'nodePort')) : ports;
    return new Map([
      ['count/services', ONE],
      ['services', ONE],
      ['services.nodeports', quantityOf(balanced || type === 'NodePort' ? given.length : 0)],
      ['services.loadbalancers', quantityOf(balanced ? 1 : 0)],
    ]);
  },
};
