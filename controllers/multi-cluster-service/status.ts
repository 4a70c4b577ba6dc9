// The conditions of a MultiClusterService.
import { type Condition, type MultiClusterService, multiClusterServices } from '../../crds/index.ts';
import { keyOf, timestamp } from '../../kube/index.ts';
import { type NewCondition, withCondition } from '../condition.ts';
import type { ControllerContext } from '../context.ts';
import { updateFresh } from '../writing.ts';

/** Writes one condition where it differs. */
export async function setServiceCondition(
  { hub, clock }: ControllerContext,
  service: MultiClusterService,
  condition: NewCondition<Condition>,
  signal: AbortSignal,
): Promise<void> {
  const change = (present: MultiClusterService): MultiClusterService => {
    const before = present.status?.conditions ?? [];
    const conditions = withCondition<Condition>(before, condition, timestamp(clock.now()));
    return conditions === before ? present : { ...present, status: { loadBalancer: {}, ...present.status, conditions: [...conditions] } };
  };
  const target = { client: hub, clock, resource: multiClusterServices };
  await updateFresh(target, keyOf(service), { cached: service, change, subresource: 'status' }, signal);
}
