// The decision about one binding: is a cycle due, and over which affinity groups. Nothing is written here; what is to be
// told and written comes back as data (specification §1.3, §5).
import { affinityTerms } from './affinity.ts';
import { plainFailure, type SchedulingFailure } from './failure.ts';
import type { Gates } from './gates.ts';
import type { Decision } from './schedule.ts';
import { rescheduleRequested } from './spec.ts';
import { type Trigger, triggerOf } from './triggers.ts';
import type { Binding, BindingStatus, TargetCluster } from './types.ts';

/** One affinity group that was tried. */
export interface Attempt {
  readonly affinityName: string;
  readonly decision: Decision;
}

export type Verdict =
  /** The binding is being deleted: say so and leave it. */
  | { readonly kind: 'deleting' }
  /** It cannot be looked at. */
  | { readonly kind: 'broken'; readonly failure: SchedulingFailure }
  /** Nothing is due. */
  | { readonly kind: 'idle' }
  | { readonly kind: 'placed'; readonly clusters: readonly TargetCluster[]; readonly affinityName?: string }
  /** No group worked; the first one's failure counts. */
  | { readonly kind: 'failed'; readonly failure: SchedulingFailure };

export interface Decided {
  readonly trigger: Trigger;
  readonly verdict: Verdict;
  readonly attempts: readonly Attempt[];
  /** Texts of failed groups, in order, each a warning of its own. */
  readonly warnings: readonly string[];
}

export interface DecideOptions {
  readonly terminating: ReadonlySet<string>;
  readonly gates: Gates;
  /** Runs one cycle; the status names the group under trial. */
  cycle(status: BindingStatus): Promise<Decision>;
}

/** `ResourceBinding(ns/name)` or `ClusterResourceBinding(name)`. */
function describe(binding: Binding): string {
  const { namespace, name = '' } = binding.metadata;
  return namespace ? `ResourceBinding(${namespace}/${name})` : `ClusterResourceBinding(${name})`;
}

/** What is to become of a binding. */
export async function decide(binding: Binding, o: DecideOptions): Promise<Decided> {
  const none = { trigger: 'none' as const, attempts: [], warnings: [] };
  if (binding.metadata.deletionTimestamp) return { ...none, verdict: { kind: 'deleting' } };
  const { placement } = binding.spec;
  if (!placement) {
    const subject = describe(binding);
    const text = `failed to get placement from ${subject.charAt(0).toLowerCase()}${subject.slice(1)}`;
    return { ...none, verdict: { kind: 'broken', failure: plainFailure(text) } };
  }
  const trigger = triggerOf(binding, o);
  if (trigger === 'none') return { ...none, verdict: { kind: 'idle' } };
  const terms = affinityTerms(placement);
  const tried = terms.length
    ? await tryGroups(
        binding,
        terms.map(t => t.affinityName),
        o,
      )
    : await tryOnce(binding, o);
  return { trigger, ...tried };
}

type Tried = Omit<Decided, 'trigger'>;

async function tryOnce(binding: Binding, o: DecideOptions): Promise<Tried> {
  const decision = await o.cycle(binding.status ?? {});
  const attempts = [{ affinityName: '', decision }];
  const { clusters, failure } = decision;
  return { attempts, warnings: [], verdict: failure ? { kind: 'failed', failure } : { kind: 'placed', clusters: clusters ?? [] } };
}

/** From the observed group on, never back to an earlier one, unless a reschedule was asked for. */
async function tryGroups(binding: Binding, names: readonly string[], o: DecideOptions): Promise<Tried> {
  const { spec, status = {} } = binding;
  const observed = names.indexOf(status.schedulerObservingAffinityName ?? '');
  const start = rescheduleRequested(spec, status) ? 0 : Math.max(0, observed);
  const attempts: Attempt[] = [];
  const warnings: string[] = [];
  let first: SchedulingFailure | undefined;
  for (const [index, affinityName] of names.entries()) {
    if (index < start) continue;
    const decision = await o.cycle({ ...status, schedulerObservingAffinityName: affinityName });
    attempts.push({ affinityName, decision });
    const { failure } = decision;
    if (!failure) return { attempts, warnings, verdict: { kind: 'placed', clusters: decision.clusters ?? [], affinityName } };
    first ??= failure;
    warnings.push(`failed to schedule ${describe(binding)} with clusterAffiliates index(${index}): ${failure.message}`);
  }
  return { attempts, warnings, verdict: { kind: 'failed', failure: first ?? plainFailure('no affinity group to try') } };
}
