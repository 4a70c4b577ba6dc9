// Override policies applied to one object for one cluster (specification §3): cluster-wide policies first, then those of the namespace, each group from
// the loosest match to the closest, so that a closer policy has the last word. The first error stops everything.

import type { Cluster, OverridePolicy, Overriders, RuleWithCluster } from '../../crds/index.ts';
import { type AnyObject, at } from '../../kube/index.ts';
import { matchesAffinity } from '../cluster-affinity.ts';
import { IMPLICIT_PRIORITY, implicitPriority } from '../resource-selector.ts';
import { applyFieldOverrider } from './field.ts';
import { type PatchOperation, patchValue } from './json-patch.ts';
import { containerListPatch, imagePatch, mapPatch } from './overriders.ts';
import { recorded } from './record.ts';

/** One rule that took effect, as recorded on the Work. */
export interface AppliedOverride {
  readonly policyName: string;
  readonly overriders: Overriders;
}

export interface OverrideInput {
  readonly object: AnyObject;
  readonly cluster: Cluster;
  readonly clusterOverridePolicies: readonly OverridePolicy[];
  /** Only those of the object's namespace count. */
  readonly overridePolicies: readonly OverridePolicy[];
}

export interface Overridden {
  readonly object: AnyObject;
  readonly appliedCluster: readonly AppliedOverride[];
  readonly applied: readonly AppliedOverride[];
}

/** Told once for every rule: the text of the Event on the template. */
export type OverrideReport = (type: 'Normal' | 'Warning', message: string) => void;

/** The object as it shall be in that cluster; throws the first error of an overrider. */
export function applyOverrides(input: OverrideInput, report: OverrideReport): Overridden {
  const pass = (object: AnyObject, policies: readonly OverridePolicy[]): { object: AnyObject; applied: AppliedOverride[] } =>
    applyPolicies({ object, cluster: input.cluster, policies }, report);
  const first = pass(input.object, input.clusterOverridePolicies);
  const namespace = at(first.object, 'metadata', 'namespace');
  if (!namespace) return { object: first.object, appliedCluster: first.applied, applied: [] };
  const second = pass(
    first.object,
    input.overridePolicies.filter(policy => policy.metadata.namespace === namespace),
  );
  return { object: second.object, appliedCluster: first.applied, applied: second.applied };
}

interface Pass {
  readonly object: AnyObject;
  readonly cluster: Cluster;
  readonly policies: readonly OverridePolicy[];
}

function applyPolicies({ object, cluster, policies }: Pass, report: OverrideReport): { object: AnyObject; applied: AppliedOverride[] } {
  const name = cluster.metadata.name ?? '';
  const applied: AppliedOverride[] = [];
  let current = object;
  for (const policy of ordered(policies, object)) {
    for (const { targetCluster, overriders } of rulesOf(policy)) {
      if (targetCluster && !matchesAffinity(cluster, targetCluster)) continue;
      const what = describe(policy, name);
      try {
        current = applyOverriders(current, overriders);
      } catch (error) {
        report('Warning', `${what} failed.`);
        throw error;
      }
      report('Normal', `${what} succeed.`);
      applied.push({ policyName: policy.metadata.name ?? '', overriders: recorded(overriders) });
    }
  }
  return { object: current, applied: applied.sort((a, b) => compareText(a.policyName, b.policyName)) };
}

/** The policies that select the object, the one with the last word last. */
function ordered(policies: readonly OverridePolicy[], object: AnyObject): OverridePolicy[] {
  const priority = ({ spec }: OverridePolicy): number =>
    spec.resourceSelectors?.length ? implicitPriority(object, spec.resourceSelectors) : IMPLICIT_PRIORITY.all;
  return policies
    .map(policy => ({ policy, priority: priority(policy) }))
    .filter(entry => entry.priority > IMPLICIT_PRIORITY.none)
    .sort((a, b) => a.priority - b.priority || compareText(a.policy.metadata.name ?? '', b.policy.metadata.name ?? ''))
    .map(entry => entry.policy);
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function rulesOf({ spec }: OverridePolicy): readonly RuleWithCluster[] {
  if (spec.overrideRules?.length) return spec.overrideRules;
  const { targetCluster, overriders = {} } = spec;
  return [targetCluster ? { targetCluster, overriders } : { overriders }];
}

function describe({ metadata }: OverridePolicy, cluster: string): string {
  return metadata.namespace
    ? `Apply override policy(${metadata.namespace}/${metadata.name}) for cluster(${cluster})`
    : `Apply cluster override policy(${metadata.name}) for cluster(${cluster})`;
}

/** All overriders of one rule, in their fixed order. */
function applyOverriders(object: AnyObject, overriders: Overriders): AnyObject {
  let current = object;
  const each = <O>(list: readonly O[] | undefined, patchOf: (object: AnyObject, overrider: O) => readonly PatchOperation[]): void => {
    for (const overrider of list ?? []) current = patched(current, patchOf(current, overrider));
  };
  each(overriders.imageOverrider, imagePatch);
  each(overriders.commandOverrider, (o, overrider) => containerListPatch(o, 'command', overrider));
  each(overriders.argsOverrider, (o, overrider) => containerListPatch(o, 'args', overrider));
  each(overriders.labelsOverrider, (o, overrider) => mapPatch(o, 'labels', overrider));
  each(overriders.annotationsOverrider, (o, overrider) => mapPatch(o, 'annotations', overrider));
  for (const overrider of overriders.fieldOverrider ?? []) current = applyFieldOverrider(current, overrider);
  return patched(
    current,
    (overriders.plaintext ?? []).map(({ path, operator, value }) => ({ op: operator, path, value })),
  );
}

function patched(object: AnyObject, operations: readonly PatchOperation[]): AnyObject {
  if (operations.length === 0) return object;
  const result = patchValue(object, operations) as AnyObject;
  if (typeof result.kind !== 'string' || result.kind === '') throw new Error("Object 'Kind' is missing in the overridden object");
  return result;
}
