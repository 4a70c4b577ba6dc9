// What the verbs work on: the cache, the clock, admission.
import type { Clock } from '../../kube/index.ts';
import type { AdmissionPlugin, Attributes } from '../admission/plugin.ts';
import type { Cache } from '../cache/index.ts';

export interface Plane {
  readonly cache: Cache;
  readonly clock: Clock;
  readonly admission: readonly AdmissionPlugin[];
}

export async function mutatingAdmission(p: Plane, a: Attributes, signal?: AbortSignal): Promise<void> {
  for (const plugin of p.admission) {
    const pending = plugin.mutate?.(a, signal);
    if (pending) await pending;
  }
}

export async function validatingAdmission(p: Plane, a: Attributes, signal?: AbortSignal): Promise<void> {
  for (const plugin of p.admission) {
    const pending = plugin.validate?.(a, signal);
    if (pending) await pending;
  }
}
