// Questions about a binding's specification that several steps ask.
import type { Gates } from './gates.ts';
import type { BindingSpec, BindingStatus } from './types.ts';

/** Does it have pods? Everything else is placed without numbers. */
export function isWorkload(spec: BindingSpec): boolean {
  return (spec.replicas ?? 0) > 0 || spec.replicaRequirements !== undefined || (spec.components?.length ?? 0) >= 1;
}

/** Are all components to go to one cluster together? */
function isMultiTemplate(spec: BindingSpec): boolean {
  return (
    (spec.components?.length ?? 0) > 0 &&
    (spec.placement?.spreadConstraints ?? []).some(c => c.spreadByField === 'cluster' && c.minGroups === 1 && c.maxGroups === 1)
  );
}

/** Are whole sets of components counted and placed, instead of replicas? */
export function countsSets(spec: BindingSpec, gates: Gates): boolean {
  return gates.MultiplePodTemplatesScheduling && isMultiTemplate(spec);
}

/** Was a reschedule asked for after the last one? Both times have whole seconds. */
export function rescheduleRequested(spec: BindingSpec, status: BindingStatus): boolean {
  if (!spec.rescheduleTriggeredAt || !status.lastScheduledTime) return false;
  return Date.parse(spec.rescheduleTriggeredAt) > Date.parse(status.lastScheduledTime);
}
