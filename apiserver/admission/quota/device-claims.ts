// Claims on devices against quotas: their number, and the most devices of each class that they may get.
import { at, isObject, listOf, objectOf, quantityOf, stringOf } from '../../../kube/index.ts';
import { ONE } from './amounts.ts';
import type { Evaluator } from './evaluator.ts';

const COUNT = 'count/resourceclaims.resource.k8s.io';
const CLASS = '.deviceclass.resource.k8s.io/devices';
/** The most devices one claim gets. */
const MOST_DEVICES = 32;

export const deviceClaimEvaluator: Evaluator = {
  handles: a => a.subresource === '' && (a.operation === 'CREATE' || a.operation === 'UPDATE'),
  counts: resource => resource === COUNT || resource.endsWith(CLASS),
  usage(claim) {
    const devices = new Map<string, number>();
    for (const request of listOf(at(claim, 'spec', 'devices', 'requests')).filter(isObject))
      for (const [name, n] of mostOf(request)) devices.set(name, (devices.get(name) ?? 0) + n);
    return new Map([[COUNT, ONE], ...[...devices].map(([name, n]) => [name + CLASS, quantityOf(n)] as const)]);
  },
};

/** By class, what a request takes at most: one of its alternatives will be chosen. */
function mostOf(request: Record<string, unknown>): Map<string, number> {
  const choices = isObject(request['exactly']) ? [request['exactly']] : listOf(request['firstAvailable']).map(objectOf);
  const most = new Map<string, number>();
  for (const choice of choices) {
    const name = stringOf(choice['deviceClassName']);
    const n = choice['allocationMode'] === 'All' ? MOST_DEVICES : typeof choice['count'] === 'number' ? choice['count'] : 1;
    most.set(name, Math.max(most.get(name) ?? 0, n));
  }
  return most;
}
