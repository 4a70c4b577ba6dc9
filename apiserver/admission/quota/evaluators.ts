// Which evaluator counts the objects of a resource. A resource without one of its own is counted by objects.
import type { Clock } from '../../../kube/index.ts';
import { ONE } from './amounts.ts';
import { claimEvaluator } from './claims.ts';
import { deviceClaimEvaluator } from './device-claims.ts';
import type { Evaluator } from './evaluator.ts';
import { podEvaluator } from './pods.ts';
import { serviceEvaluator } from './services.ts';

/** `count/<plural>.<group>`, without the group for core. */
const countName = (group: string, plural: string): string => `count/${group ? `${plural}.${group}` : plural}`;

/** Kinds that were counted by their plain names before `count/` was there. */
const PLAIN_NAMES = new Set(['configmaps', 'resourcequotas', 'replicationcontrollers', 'secrets']);

export function evaluatorFor(group: string, plural: string, clock: Clock): Evaluator {
  if (group === '' && plural === 'pods') return podEvaluator(clock);
  if (group === '' && plural === 'services') return serviceEvaluator;
  if (group === '' && plural === 'persistentvolumeclaims') return claimEvaluator;
  if (group === 'resource.k8s.io' && plural === 'resourceclaims') return deviceClaimEvaluator;
  const names = [countName(group, plural), ...(group === '' && PLAIN_NAMES.has(plural) ? [plural] : [])];
  return {
    handles: a => a.operation === 'CREATE' && a.subresource === '',
    counts: resource => names.includes(resource),
    usage: () => new Map(names.map(name => [name, ONE])),
  };
}

/** Group and plural of a resource that a quota limits; undefined where no object uses it. */
export function countedBy(resource: string): { readonly group: string; readonly plural: string } | undefined {
  const [, counted] = /^count\/(.+)$/.exec(resource) ?? [];
  if (counted !== undefined) {
    const dot = counted.indexOf('.');
    return dot < 0 ? { group: '', plural: counted } : { group: counted.slice(dot + 1), plural: counted.slice(0, dot) };
  }
  if (PLAIN_NAMES.has(resource)) return { group: '', plural: resource };
  if (serviceEvaluator.counts(resource)) return { group: '', plural: 'services' };
  if (claimEvaluator.counts(resource)) return { group: '', plural: 'persistentvolumeclaims' };
  if (deviceClaimEvaluator.counts(resource)) return { group: 'resource.k8s.io', plural: 'resourceclaims' };
  return { group: '', plural: 'pods' };
}
