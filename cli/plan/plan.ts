// What a change would do, without doing it: the plane is copied, the change is made to the copy, and both outcomes are compared.
import type { FeatureGates } from '../../crds/index.ts';
import { type AnyObject, type Client, equal, type Resource } from '../../kube/index.ts';
import type { SchedulerFlags, TargetCluster } from '../../scheduler/index.ts';
import { type AddedCluster, makeChange, type PlannedChange } from './change.ts';
import { copyOf } from './copy.ts';
import { type Manifest, type Outcome, outcomeOf, type PlacedBinding } from './outcome.ts';
import { type CopiedObject, type Shadow, shadowOf } from './shadow.ts';

export type { AddedCluster, PlannedChange };

export interface Move {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly template: string;
  /** Absent for a binding that there was not. */
  readonly from?: readonly TargetCluster[];
  /** Absent for a binding that there will not be. */
  readonly to?: readonly TargetCluster[];
  /** Where it goes instead, should the uid that the server gives to the new template break ties the other way. */
  readonly or?: readonly TargetCluster[];
  /** Why it cannot be scheduled after the change. */
  readonly failure?: string;
}

export interface ManifestChange {
  readonly cluster: string;
  readonly action: 'create' | 'update' | 'delete';
  readonly before?: AnyObject;
  readonly after?: AnyObject;
}

export interface Plan {
  /** What would move anyway: the plane has not settled. */
  readonly pending: readonly Move[];
  readonly moves: readonly Move[];
  readonly manifests: readonly ManifestChange[];
  /** What was not seen, since it may not be read. */
  readonly unread: readonly string[];
}

export interface PlanSource {
  /** The plane that is asked about; it is only read. */
  readonly client: Client;
  /** Everything that it serves, each kind in the version to read. */
  readonly resources: readonly Resource[];
  readonly gates: FeatureGates;
  readonly flags: Partial<SchedulerFlags>;
  readonly nowMs: number;
}

export async function makePlan(source: PlanSource, change: PlannedChange): Promise<Plan> {
  const { objects, unread } = await copyOf(source.client, source.resources);
  const now = await outcomeOf(source.client);
  const even = await outcomes(objects, change, { source, ties: 'even' });
  const novel = [...even.after.bindings.keys()].some(key => !even.before.bindings.has(key));
  const odd = novel ? await outcomes(objects, change, { source, ties: 'odd' }) : even;
  return {
    pending: moves(now, even.before, even.before).filter(m => !m.from || !m.to || !sameTargets(m.from, m.to)),
    moves: moves(even.before, even.after, odd.after),
    manifests: manifestChanges(even.before.manifests, even.after.manifests),
    unread,
  };
}

async function outcomes(
  objects: readonly CopiedObject[],
  change: PlannedChange,
  { source, ties }: { readonly source: PlanSource; readonly ties: 'even' | 'odd' },
): Promise<{ before: Outcome; after: Outcome }> {
  const shadow = await shadowOf(objects, { gates: source.gates, flags: source.flags, nowMs: source.nowMs, ties });
  try {
    const before = await outcomeOf(shadow.client);
    await changeShadow(shadow, change);
    return { before, after: await outcomeOf(shadow.client) };
  } finally {
    await shadow.close();
  }
}

/** Makes the change to a plane in this process. */
export function changeShadow(shadow: Shadow, change: PlannedChange): Promise<void> {
  return makeChange(change, {
    client: shadow.client,
    nowMs: shadow.clock.now(),
    settle: () => shadow.settle(),
    async resourceOf({ apiVersion, kind }) {
      let found = shadow.core.catalog.findKind(apiVersion, kind);
      if (!found) await shadow.settle();
      found ??= shadow.core.catalog.findKind(apiVersion, kind);
      if (!found) throw new Error(`the control plane has no kind ${kind} in ${apiVersion}: is its CRD missing?`);
      return found.resource as Resource<AnyObject>;
    },
  });
}

const sameTargets = (a: readonly TargetCluster[], b: readonly TargetCluster[]): boolean => {
  const form = (list: readonly TargetCluster[]) => new Map(list.map(t => [t.name, JSON.stringify([t.replicas ?? 0, t.components ?? []])]));
  const [left, right] = [form(a), form(b)];
  return left.size === right.size && [...left].every(([name, text]) => right.get(name) === text);
};

function moves(before: Outcome, after: Outcome, other: Outcome): Move[] {
  const keys = [...new Set([...before.bindings.keys(), ...after.bindings.keys()])].sort();
  return keys.flatMap(key => {
    const [was, is] = [before.bindings.get(key), after.bindings.get(key)];
    const stays = was && is && sameTargets(was.clusters, is.clusters) && was.failure === is.failure;
    const about = is ?? was;
    return stays || !about ? [] : [move(about, { was, is, or: other.bindings.get(key) })];
  });
}

type Ends = { readonly was: PlacedBinding | undefined; readonly is: PlacedBinding | undefined; readonly or: PlacedBinding | undefined };

function move({ kind, namespace, name, template }: PlacedBinding, { was, is, or }: Ends): Move {
  return {
    kind,
    ...(namespace ? { namespace } : {}),
    name,
    template,
    ...(was ? { from: was.clusters } : {}),
    ...(is ? { to: is.clusters } : {}),
    ...(is && or && !sameTargets(is.clusters, or.clusters) ? { or: or.clusters } : {}),
    ...(is?.failure ? { failure: is.failure } : {}),
  };
}

function manifestChanges(before: ReadonlyMap<string, Manifest>, after: ReadonlyMap<string, Manifest>): ManifestChange[] {
  const keys = [...new Set([...before.keys(), ...after.keys()])].sort();
  return keys.flatMap((key): ManifestChange[] => {
    const [was, is] = [before.get(key), after.get(key)];
    if (was && is)
      return equal(was.object, is.object) ? [] : [{ cluster: is.cluster, action: 'update', before: was.object, after: is.object }];
    if (is) return [{ cluster: is.cluster, action: 'create', after: is.object }];
    return was ? [{ cluster: was.cluster, action: 'delete', before: was.object }] : [];
  });
}
