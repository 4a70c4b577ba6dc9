// What makes a binding be scheduled (specification §1.3–§1.5). The order of the questions is part of the contract: the
// first that holds names the reason.
import { isDuplicated } from './divide/strategy.ts';
import type { Gates } from './gates.ts';
import { placementChanged } from './placement.ts';
import { isWorkload, rescheduleRequested } from './spec.ts';
import type { Binding, BindingSpec } from './types.ts';

export type Trigger = 'placementChanged' | 'replicasChanged' | 'rescheduleRequested' | 'always' | 'targetTerminating' | 'none';

/** Do the targets no longer add up to what is wanted? */
function replicasChanged(spec: BindingSpec, gates: Gates): boolean {
  const scheduling = spec.placement?.replicaScheduling;
  const targets = spec.clusters ?? [];
  const wanted = spec.replicas ?? 0;
  if (!scheduling) return false;
  if (gates.MultiplePodTemplatesScheduling && spec.components?.length && targets.length === 0) return true;
  switch (scheduling.replicaSchedulingType) {
    case 'Duplicated':
      return targets.some(t => (t.replicas ?? 0) !== wanted);
    case 'Divided':
      return targets.reduce((sum, t) => (sum + (t.replicas ?? 0)) | 0, 0) !== wanted;
    default:
      return false;
  }
}

/** Why this binding is to be scheduled now; `terminating` names the clusters that are being deleted. */
export function triggerOf(binding: Binding, o: { readonly terminating: ReadonlySet<string>; readonly gates: Gates }): Trigger {
  const { spec, status = {} } = binding;
  if (placementChanged(binding)) return 'placementChanged';
  if (replicasChanged(spec, o.gates)) return 'replicasChanged';
  if (rescheduleRequested(spec, status)) return 'rescheduleRequested';
  if (!isWorkload(spec) || isDuplicated(spec.placement?.replicaScheduling)) return 'always';
  return (spec.clusters ?? []).some(t => o.terminating.has(t.name)) ? 'targetTerminating' : 'none';
}
