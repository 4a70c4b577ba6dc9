// Which clusters an affinity matches (specification §2.3). Compiled once for a cycle, asked once for each cluster.
import { labelSelector, matchExpressions, SelectorError } from '../kube/index.ts';
import type { Cluster, ClusterAffinity, ClusterAffinityTerm, FieldSelector, Placement } from './types.ts';
import { nameOf } from './types.ts';

export type ClusterMatcher = (cluster: Cluster) => boolean;

const none: ClusterMatcher = () => false;

type Labels = Readonly<Record<string, string>>;

/** A broken selector matches nothing. */
function compiled(compile: () => (labels: Labels) => boolean): (labels: Labels) => boolean {
  try {
    return compile();
  } catch (error) {
    if (error instanceof SelectorError) return () => false;
    throw error;
  }
}

/** All conditions of one affinity: excluded names, labels, fields, names. */
export function matchAffinity(affinity: ClusterAffinity): ClusterMatcher {
  const exclude = new Set(affinity.exclude);
  const names = new Set(affinity.clusterNames);
  const { labelSelector: selector } = affinity;
  const labels = selector ? compiled(() => labelSelector(selector).matches) : undefined;
  const fields = affinity.fieldSelector ? matchFields(affinity.fieldSelector) : undefined;
  return cluster => {
    const name = nameOf(cluster);
    if (exclude.has(name)) return false;
    if (labels && !labels(cluster.metadata.labels ?? {})) return false;
    if (fields && !fields(cluster)) return false;
    return names.size === 0 || names.has(name);
  };
}

/** Requirements on provider, region and zone. A cluster has several zones: they have rules of their own. */
function matchFields(selector: FieldSelector): ClusterMatcher {
  const requirements = selector.matchExpressions ?? [];
  const zones = requirements.filter(r => r.key === 'zone').map(r => matchZones(r.operator, new Set(r.values)));
  const others = requirements.filter(r => r.key !== 'zone');
  const rest = others.length ? matchFieldMap(others) : undefined;
  return cluster => zones.every(matches => matches(cluster)) && (!rest || rest(cluster));
}

function matchZones(operator: string, values: ReadonlySet<string>): ClusterMatcher {
  const zonesOf = (cluster: Cluster): readonly string[] => cluster.spec?.zones ?? [];
  switch (operator) {
    case 'In':
      return cluster => zonesOf(cluster).some(zone => values.has(zone));
    case 'NotIn':
      return cluster => !zonesOf(cluster).some(zone => values.has(zone));
    case 'Exists':
      return cluster => zonesOf(cluster).length > 0;
    case 'DoesNotExist':
      return cluster => zonesOf(cluster).length === 0;
    default:
      return none;
  }
}

/** Label-selector rules over what is known of provider and region; a requirement that breaks them matches nothing. */
function matchFieldMap(requirements: NonNullable<FieldSelector['matchExpressions']>): ClusterMatcher {
  const matches = compiled(() => matchExpressions(requirements));
  return cluster => {
    const { provider, region } = cluster.spec ?? {};
    return matches({ ...(provider ? { provider } : {}), ...(region ? { region } : {}) });
  };
}

/** The ordered groups of a placement; an empty list is none. */
export function affinityTerms(placement: Placement): readonly ClusterAffinityTerm[] {
  return placement.clusterAffinity ? [] : (placement.clusterAffinities ?? []);
}

/** The group that a cycle tries, by the name in its status. */
export function termUnderTrial(placement: Placement, name: string | undefined): ClusterAffinityTerm | undefined {
  return affinityTerms(placement).find(term => term.affinityName === (name ?? ''));
}

/** The tier of a cluster: 0 the primary affinity, i+1 the first overflow affinity that matches, 1000 none. */
export function overflowTiers(placement: Placement, name: string | undefined): (cluster: Cluster) => number {
  if (affinityTerms(placement).length === 0) return () => 0;
  const term = termUnderTrial(placement, name);
  if (!term) return () => NO_TIER;
  const tiers = [term, ...(term.overflowAffinities ?? [])].map(matchAffinity);
  return cluster => {
    const tier = tiers.findIndex(matches => matches(cluster));
    return tier < 0 ? NO_TIER : tier;
  };
}

const NO_TIER = 1000;
