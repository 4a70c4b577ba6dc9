// What a member checks and fills in on the way of a write, beside the rules of the kinds.
import { type AdmissionPlugin, builtinAdmission, serviceAllocation } from '../apiserver/index.ts';
import type { Client, Clock, Reader } from '../kube/index.ts';
import { podAccounts } from './pod-accounts.ts';

export const SERVICE_CIDR = '10.96.0.0/16';
const NODE_PORTS = { from: 30_000, to: 32_767 };

/** The plugins of a member; the client exists only after the server they belong to. */
export function memberAdmission(o: { readonly client: () => Client; readonly clock: Clock }): AdmissionPlugin[] {
  const reader: Reader = { get: (r, key, g) => o.client().get(r, key, g), list: (r, l) => o.client().list(r, l) };
  return [
    ...builtinAdmission({ reader, clock: o.clock }),
    podAccounts({ reader, clock: o.clock }),
    serviceAllocation({ reader, clock: o.clock, cidr: SERVICE_CIDR, nodePortRange: NODE_PORTS }),
  ];
}
