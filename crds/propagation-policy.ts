// PropagationPolicy and ClusterPropagationPolicy: which templates go where.
import { z } from 'zod';
import type { KubeObject } from '../kube/index.ts';
import { failoverBehavior } from './failover.ts';
import { placement } from './placement.ts';
import { type Infer, strings } from './schema.ts';
import { resourceSelector } from './selectors.ts';
import { conflictResolution, suspension } from './suspension.ts';

const schedulePriority = z.object({
  priorityClassSource: z.enum(['KubePriorityClass']).describe('Where priority classes come from.'),
  priorityClassName: z.string(),
});

const spec = z.object({
  resourceSelectors: z.array(resourceSelector).min(1).describe('The templates this policy is for.'),
  association: z.boolean().exactOptional().describe('Deprecated and without effect: use propagateDeps.'),
  propagateDeps: z.boolean().exactOptional().describe('Also propagates what the template refers to, such as ConfigMaps.'),
  placement: placement.exactOptional(),
  priority: z.int32().meta({ default: 0 }).exactOptional().describe('The highest wins among policies that match.'),
  preemption: z
    .enum(['Always', 'Never'])
    .meta({ default: 'Never' })
    .exactOptional()
    .describe('Whether it takes templates over from policies of lower priority.'),
  dependentOverrides: strings().exactOptional().describe('Override policies that must exist before anything is propagated.'),
  schedulerName: z.string().meta({ default: 'default-scheduler' }).exactOptional(),
  failover: failoverBehavior.exactOptional(),
  conflictResolution: conflictResolution.exactOptional(),
  activationPreference: z.enum(['Lazy']).exactOptional().describe('Lazy: a changed policy applies when the template next changes.'),
  suspension: suspension.exactOptional(),
  preserveResourcesOnDeletion: z.boolean().exactOptional().describe('Keeps member objects when the template is deleted.'),
  schedulePriority: schedulePriority.exactOptional().describe('Order in the scheduling queue.'),
});

export const propagationPolicy = z.object({ spec }).describe('Says which resource templates are propagated to which clusters.');
/** The twins share one shape; the namespaced one selects in its own namespace only. */
export interface PropagationPolicy extends KubeObject, Infer<typeof propagationPolicy> {}
export type ClusterPropagationPolicy = PropagationPolicy;
