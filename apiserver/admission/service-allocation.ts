// Gives Services their cluster addresses and node ports. What is taken is read from the stored Services each time, so a refused
// write or a deletion leaves nothing behind; what was given out a moment ago and is not stored yet is kept apart for a while.
import { type Clock, invalid, type Reader, resource } from '../../kube/index.ts';
import { type ServiceAllocatorOptions, serviceAllocator } from '../kinds/index.ts';
import type { AdmissionPlugin, Attributes, MutableObject } from './plugin.ts';

export interface ServiceAllocationOptions extends Omit<ServiceAllocatorOptions, 'random'> {
  readonly reader: Reader;
  readonly clock: Clock;
}

const SERVICES = resource({ group: '', version: 'v1', kind: 'Service', plural: 'services', scope: 'Namespaced' });
const PENDING_MS = 10_000;

interface Pending {
  readonly service: Readonly<MutableObject>;
  readonly atMs: number;
}

/** Runs before validation: a Service without an address is not valid. */
export function serviceAllocation(o: ServiceAllocationOptions): AdmissionPlugin {
  const pending = new Map<string, Pending>();
  const key = (a: Attributes): string => `${a.namespace}/${a.name}`;
  return {
    name: 'ServiceAllocation',
    async mutate(a, signal) {
      const { object } = a;
      if (!object || a.resource.group !== '' || a.resource.plural !== 'services' || a.subresource !== '') return;
      const { items } = await o.reader.list(SERVICES, signal ? { signal } : {});
      const allocator = serviceAllocator({ ...o, random: () => o.clock.random() });
      for (const service of items) allocator.adopt(service);
      const now = o.clock.now();
      for (const [name, p] of pending) {
        if (now - p.atMs > PENDING_MS) pending.delete(name);
        else if (name !== key(a)) allocator.adopt(p.service);
      }
      const faults = allocator.allocate(object, { old: a.oldObject, dryRun: a.dryRun });
      if (faults.length > 0) throw invalid({ group: '', kind: 'Service', name: a.name }, faults);
      if (!a.dryRun) pending.set(key(a), { service: { spec: structuredClone(object['spec']) }, atMs: now });
    },
  };
}
