import type { BindingSpec, BindingStatus } from '../types.ts';
import type { Peers, SchedulingContext } from './plugin.ts';

const NO_PEERS: Peers = { affinity: [], antiAffinity: [] };

/** What plugins look at in one cycle. */
export function schedulingContext(spec: BindingSpec, status: BindingStatus, peers: Peers = NO_PEERS): SchedulingContext {
  return { spec, status, placement: spec.placement ?? {}, targets: new Set((spec.clusters ?? []).map(t => t.name)), peers };
}
