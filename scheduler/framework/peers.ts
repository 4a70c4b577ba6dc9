// The other members of a binding's affinity groups. A binding that was just placed counts with its new clusters, not
// with the older copy that the informer still holds.
import { keyOf, keyText } from '../../kube/index.ts';
import type { Binding } from '../types.ts';
import type { Peer, Peers } from './plugin.ts';

/** The name of the binding of a resource: `<name>-<kind>` in lower case, colons as dots. */
function bindingName(resource: { readonly name: string; readonly kind: string }): string {
  return `${resource.name.replaceAll(':', '.')}-${resource.kind}`.toLowerCase();
}

export interface PeersInput {
  readonly binding: Pick<Binding, 'spec'>;
  readonly namespace: string;
  /** As the informer holds them. */
  readonly bindings: readonly Binding[];
  /** Just written, perhaps newer than the informer's copy. */
  readonly assigning?: readonly Binding[];
}

/** Everyone else in the same namespace who was and is in the same group; no group means nobody. */
export function peersOf(input: PeersInput): Peers {
  const { affinityGroup, antiAffinityGroup } = input.binding.spec.workloadAffinityGroups ?? {};
  if (!affinityGroup && !antiAffinityGroup) return { affinity: [], antiAffinity: [] };
  const own = bindingName(input.binding.spec.resource);
  const others = input.bindings.filter(b => b.metadata.namespace === input.namespace && b.metadata.name !== own);
  const written = new Map((input.assigning ?? []).map(b => [keyText(keyOf(b)), b]));
  const members = (inGroup: (groups: Groups) => boolean): Peer[] =>
    others
      .map(stored => ({ stored, newest: newerOf(stored, written.get(keyText(keyOf(stored)))) }))
      .filter(({ stored, newest }) => inGroup(groupsOf(stored)) && inGroup(groupsOf(newest)))
      .map(({ newest }) => peer(newest));
  return {
    affinity: affinityGroup ? members(groups => groups.affinityGroup === affinityGroup) : [],
    antiAffinity: antiAffinityGroup ? members(groups => groups.antiAffinityGroup === antiAffinityGroup) : [],
  };
}

type Groups = NonNullable<Binding['spec']['workloadAffinityGroups']>;

function groupsOf(binding: Binding): Groups {
  return binding.spec.workloadAffinityGroups ?? {};
}

function peer(binding: Binding): Peer {
  return { name: binding.metadata.name ?? '', targets: new Set((binding.spec.clusters ?? []).map(t => t.name)) };
}

function newerOf(stored: Binding, written: Binding | undefined): Binding {
  return written && revision(written) > revision(stored) ? written : stored;
}

function revision(binding: Binding): bigint {
  const text = binding.metadata.resourceVersion ?? '';
  return /^\d+$/.test(text) ? BigInt(text) : 0n;
}
