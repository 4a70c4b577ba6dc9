// One scheduling cycle over one snapshot: filter, score, estimate, select, divide. It reads no clock and writes nothing;
// what it found out on the way is in the decision's record, so that every outcome can be explained.
import { type Answer, type AssumedWorkload, type Estimator, estimate } from '../estimator/index.ts';
import { overflowTiers } from './affinity.ts';
import { assign, withEmptyTargets } from './divide/assign.ts';
import type { DivisionStep } from './divide/record.ts';
import { fitError, SchedulingFailure, within } from './failure.ts';
import { schedulingContext } from './framework/context.ts';
import type { Peers, SchedulerPlugin } from './framework/plugin.ts';
import { type FilterResult, type PluginScores, type Refusal, runFilters, runScores, totalScore } from './framework/run.ts';
import type { Gates } from './gates.ts';
import type { Step } from './metrics.ts';
import type { ScoredGroup } from './select/by-topology.ts';
import { type Candidate, compareCandidates } from './select/candidate.ts';
import { type OnGroups, selectClusters } from './select/index.ts';
import { countsSets } from './spec.ts';
import { type BindingSpec, type BindingStatus, type Cluster, nameOf, type TargetCluster } from './types.ts';

/** What a cycle is about. `status` names the affinity group under trial. */
export interface CycleInput {
  readonly spec: BindingSpec;
  readonly status: BindingStatus;
  readonly namespace: string;
  readonly peers?: Peers;
  /** Cluster → what is promised to it and not counted yet. */
  readonly assumed?: ReadonlyMap<string, readonly AssumedWorkload[]>;
}

export interface CycleOptions {
  readonly gates: Gates;
  readonly plugins: readonly SchedulerPlugin[];
  readonly estimators: readonly Estimator[];
  readonly emptyWorkloadPropagation?: boolean;
  /** Hears of the end of each step. */
  readonly lap?: (step: Step) => void;
  /** Measures how long estimators take, in ms; nothing is measured without. */
  readonly stopwatch?: () => number;
  readonly signal: AbortSignal;
}

/** The numbers of the candidates, column by column: a record keeps no cluster alive and costs little to make. */
export interface RecordedCandidates {
  readonly names: readonly string[];
  readonly score: readonly number[];
  /** Empty where all are in the first tier. */
  readonly overflowOrder: readonly number[];
  readonly allocatable: readonly number[];
  readonly available: readonly number[];
}

export interface RecordedGroup {
  readonly topology: string;
  readonly name: string;
  readonly chosen: boolean;
  readonly score: number;
  /** Names in cluster order. */
  readonly members: readonly string[];
}

/** Why a decision is as it is. */
export interface DecisionRecord {
  /** The group under trial; '' without groups. */
  readonly affinityName: string;
  /** Clusters in the snapshot. */
  readonly total: number;
  readonly refused: readonly Refusal[];
  /** Feasible clusters in the order of the snapshot: that of the scores. */
  readonly feasible: readonly string[];
  readonly scores: readonly PluginScores[];
  readonly answers: readonly Answer[];
  /** Feasible clusters in cluster order; nothing where the filters let none through. */
  readonly candidates: RecordedCandidates;
  readonly groups: readonly RecordedGroup[];
  /** Names in selection order. */
  readonly selected: readonly string[];
  readonly steps: readonly DivisionStep[];
}

export interface Decision {
  /** The new spec.clusters; absent where the cycle failed. */
  readonly clusters?: readonly TargetCluster[];
  readonly failure?: SchedulingFailure;
  readonly record: DecisionRecord;
}

const NO_CANDIDATES: RecordedCandidates = { names: [], score: [], overflowOrder: [], allocatable: [], available: [] };

/** Decides where a binding goes; a failure is part of the answer. Rejects only when the signal fires or a plugin throws. */
export async function schedule(snapshot: readonly Cluster[], input: CycleInput, o: CycleOptions): Promise<Decision> {
  const context = { ...schedulingContext(input.spec, input.status, input.peers), snapshot };
  const filtered = runFilters(o.plugins, context, snapshot);
  o.lap?.('Filter');
  const scores = runScores(o.plugins, context, filtered.feasible);
  o.lap?.('Score');
  const base = {
    affinityName: input.status.schedulerObservingAffinityName ?? '',
    total: snapshot.length,
    refused: filtered.refused,
    feasible: namesOf(filtered.feasible, snapshot),
    scores,
  };
  if (filtered.feasible.length === 0) {
    const failure = fitError(
      snapshot.length,
      filtered.refused.map(r => r.reason),
    );
    return { failure, record: { ...base, answers: [], candidates: NO_CANDIDATES, groups: [], selected: [], steps: [] } };
  }
  const { candidates, answers } = await estimateCandidates(filtered, scores, input, o);
  const { groups, selected, steps, ...outcome } = place(candidates, input, o);
  return { ...outcome, record: { ...base, answers, candidates: recordedCandidates(candidates), groups, selected, steps } };
}

/** Candidates as a record keeps them. */
export function recordedCandidates(candidates: readonly Candidate[]): RecordedCandidates {
  const count = candidates.length;
  const names = new Array<string>(count);
  const [score, allocatable, available] = [new Array<number>(count), new Array<number>(count), new Array<number>(count)];
  let tiered = false;
  for (let i = 0; i < count; i++) {
    const c = candidates[i];
    if (!c) continue;
    names[i] = c.name;
    score[i] = c.score;
    allocatable[i] = c.allocatable;
    available[i] = c.available;
    tiered ||= c.overflowOrder > 0;
  }
  return { names, score, allocatable, available, overflowOrder: tiered ? candidates.map(c => c.overflowOrder) : NO_TIERS };
}

const NO_TIERS: readonly number[] = [];
const snapshotNames = new WeakMap<readonly Cluster[], readonly string[]>();

/** Names of the feasible clusters; of a snapshot that all of are, they are listed once. */
function namesOf(feasible: readonly Cluster[], snapshot: readonly Cluster[]): readonly string[] {
  if (feasible.length < snapshot.length) return feasible.map(nameOf);
  let names = snapshotNames.get(snapshot);
  if (!names) {
    names = snapshot.map(nameOf);
    snapshotNames.set(snapshot, names);
  }
  return names;
}

async function estimateCandidates(
  { feasible }: FilterResult,
  scores: readonly PluginScores[],
  { spec, status, namespace, assumed }: CycleInput,
  o: CycleOptions,
): Promise<{ candidates: Candidate[]; answers: readonly Answer[] }> {
  const { allocatable, answers } = await estimate(
    o.estimators,
    {
      clusters: feasible,
      replicas: spec.replicas ?? 0,
      components: spec.components ?? [],
      sets: countsSets(spec, o.gates),
      namespace,
      ...(spec.replicaRequirements ? { requirements: spec.replicaRequirements } : {}),
      ...(assumed ? { assumed } : {}),
      ...(o.stopwatch ? { stopwatch: o.stopwatch } : {}),
    },
    o.signal,
  );
  const tierOf = overflowTiers(spec.placement ?? {}, status.schedulerObservingAffinityName);
  const assigned = new Map((spec.clusters ?? []).map(t => [t.name, t.replicas ?? 0]));
  const candidates = feasible.map((cluster, i): Candidate => {
    const name = nameOf(cluster);
    const free = allocatable.get(name) ?? 0;
    const available = assigned.size === 0 ? free : free + (assigned.get(name) ?? 0);
    return { name, cluster, score: totalScore(scores, i), overflowOrder: tierOf(cluster), allocatable: free, available };
  });
  return { candidates: candidates.sort(compareCandidates), answers };
}

function recordedGroup(g: ScoredGroup, chosen: readonly ScoredGroup[]): RecordedGroup {
  return { topology: g.topology, name: g.name, score: g.score, chosen: chosen.includes(g), members: g.members.map(c => c.name) };
}

type Placed = Pick<Decision, 'clusters' | 'failure'> & Pick<DecisionRecord, 'groups' | 'selected' | 'steps'>;

/** Selection and division: everything after the estimators have answered. */
function place(candidates: readonly Candidate[], { spec, status }: CycleInput, o: CycleOptions): Placed {
  const steps: DivisionStep[] = [];
  let groups: readonly RecordedGroup[] = [];
  let selected: readonly Candidate[] = [];
  try {
    const onGroups: OnGroups = (found, chosen) => {
      const before = groups.filter(g => g.topology !== found[0]?.topology);
      groups = [...before, ...found.map(g => recordedGroup(g, chosen))];
    };
    selected = within('failed to select clusters', () => selectClusters(candidates, { spec, gates: o.gates, onGroups }));
    o.lap?.('Select');
    const targets = assign({ selected, spec, status, gates: o.gates }, step => steps.push(step));
    o.lap?.('AssignReplicas');
    const clusters = o.emptyWorkloadPropagation ? withEmptyTargets(targets, selected) : targets;
    return { clusters, groups, selected: selected.map(c => c.name), steps };
  } catch (error) {
    if (!(error instanceof SchedulingFailure)) throw error;
    return { failure: error, groups, selected: selected.map(c => c.name), steps };
  }
}
