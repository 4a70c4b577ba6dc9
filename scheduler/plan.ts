// What would happen: the decisions about all bindings of a snapshot, without writing any. Give it clusters or bindings as
// they would be after a change, and it tells what the change would move.
import { equal, keyOf, keyText } from '../kube/index.ts';
import { decide } from './decide.ts';
import { terminatingOf } from './events.ts';
import { peersOf } from './framework/peers.ts';
import { type CycleOptions, schedule } from './schedule.ts';
import type { Trigger } from './triggers.ts';
import type { Binding, Cluster, TargetCluster } from './types.ts';

export interface PlanSnapshot {
  readonly clusters: readonly Cluster[];
  readonly bindings: readonly Binding[];
}

/** What would change for one binding. */
export interface PlannedChange {
  readonly key: string;
  readonly trigger: Trigger;
  readonly from: readonly TargetCluster[];
  /** Absent where the binding would stay as it is because it cannot be placed. */
  readonly to?: readonly TargetCluster[];
  /** Why it could not be placed. */
  readonly failure?: string;
}

/** Bindings that would be placed elsewhere, or could not be placed, in order of their keys. */
export async function plan(snapshot: PlanSnapshot, o: CycleOptions): Promise<PlannedChange[]> {
  const terminating = terminatingOf(snapshot.clusters);
  const changes: PlannedChange[] = [];
  for (const binding of [...snapshot.bindings].sort(byKey)) {
    const { namespace = '' } = binding.metadata;
    const peers = namespace ? peersOf({ binding, namespace, bindings: snapshot.bindings }) : undefined;
    const { trigger, verdict } = await decide(binding, {
      terminating,
      gates: o.gates,
      cycle: status => schedule(snapshot.clusters, { spec: binding.spec, status, namespace, ...(peers ? { peers } : {}) }, o),
    });
    const base = { key: keyText(keyOf(binding)), trigger, from: binding.spec.clusters ?? [] };
    if (verdict.kind === 'placed' && !equal(named(verdict.clusters), named(base.from))) changes.push({ ...base, to: verdict.clusters });
    if (verdict.kind === 'failed') {
      changes.push({ ...base, failure: verdict.failure.message, ...(verdict.failure.kind === 'FitError' ? { to: [] } : {}) });
    }
  }
  return changes;
}

function byKey(a: Binding, b: Binding): number {
  return keyText(keyOf(a)) < keyText(keyOf(b)) ? -1 : 1;
}

function named(targets: readonly TargetCluster[]): Record<string, number> {
  return Object.fromEntries(targets.map(t => [t.name, t.replicas ?? 0]));
}
