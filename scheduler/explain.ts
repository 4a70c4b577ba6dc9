// A decision in words: for each affinity group what refused which cluster and the smallest change that would turn it, what
// the estimators said, what was selected and how replicas were divided.
import type { Decided } from './decide.ts';
import type { DivisionStep } from './divide/record.ts';
import type { Refusal } from './framework/run.ts';
import type { Decision, DecisionRecord } from './schedule.ts';
import type { Binding } from './types.ts';

const WHY: Readonly<Record<Exclude<Decided['trigger'], 'none'>, string>> = {
  placementChanged: 'its placement changed',
  replicasChanged: 'its replicas no longer add up',
  rescheduleRequested: 'a reschedule was requested',
  always: 'such a binding is scheduled at every change',
  targetTerminating: 'a cluster it runs in is being deleted',
};

/** The smallest change that would let a refused cluster pass. */
export function remedyOf(refusal: Refusal, binding: Binding): string {
  const { cluster } = refusal;
  const { apiVersion, kind } = binding.spec.resource;
  switch (refusal.plugin) {
    case 'APIEnablement':
      return `install ${kind} of ${apiVersion} in ${cluster}`;
    case 'TaintToleration':
      return `add a toleration for ${/\{(.*)\}/.exec(refusal.reason)?.[1] ?? 'the taint'} to the placement, or remove the taint from ${cluster}`;
    case 'ClusterAffinity':
      return `let the placement's cluster affinity match ${cluster}`;
    case 'SpreadConstraint':
      return `set ${/have (\w+) property/.exec(refusal.reason)?.[1] ?? 'the property'} in the spec of cluster ${cluster}`;
    case 'ClusterEviction':
      return `wait until the eviction from ${cluster} has ended`;
    case 'WorkloadAffinity':
      return `place the other workloads of the affinity group in ${cluster}`;
    case 'WorkloadAntiAffinity':
      return `take the other workloads of the anti-affinity group out of ${cluster}`;
    default:
      return `ask plugin ${refusal.plugin}`;
  }
}

/** The text that a user reads; one line a fact. */
export function explain(binding: Binding, decided: Decided): string {
  const { trigger, verdict } = decided;
  const lines: string[] = [];
  if (trigger !== 'none') lines.push(`Scheduled because ${WHY[trigger]}.`);
  for (const { affinityName, decision } of decided.attempts) {
    if (affinityName) lines.push(`Affinity group ${affinityName}:`);
    lines.push(...explainDecision(binding, decision));
  }
  if (verdict.kind === 'idle') lines.push('Nothing to do: placement and replicas are as they were scheduled.');
  if (verdict.kind === 'deleting') lines.push('Not scheduled: it is being deleted.');
  if (verdict.kind === 'broken' || verdict.kind === 'failed') lines.push(`Outcome: ${verdict.failure.message}`);
  if (verdict.kind === 'placed') {
    lines.push(`Outcome: ${verdict.clusters.map(t => `${t.name}:${t.replicas ?? 0}`).join(', ') || 'no clusters'}`);
  }
  return lines.join('\n');
}

function explainDecision(binding: Binding, { record }: Decision): string[] {
  return [
    `  ${record.candidates.names.length} of ${record.total} clusters passed the filters.`,
    ...record.refused.map(r => `  ${r.cluster}: refused by ${r.plugin}: ${r.reason}. To change this: ${remedyOf(r, binding)}.`),
    ...record.answers.map(a => `  ${a.estimator}: ${answerText(a)}`),
    ...record.candidates.names.map((name, i) => {
      const { score, allocatable, overflowOrder } = record.candidates;
      return `  ${name}: score ${score[i]}, room for ${allocatable[i]} more${overflowOrder[i] ? `, overflow tier ${overflowOrder[i]}` : ''}`;
    }),
    ...record.groups.map(g => `  group ${g.name}: score ${g.score}, ${g.members.join(', ')}`),
    ...(record.selected.length ? [`  selected: ${record.selected.join(', ')}`] : []),
    ...record.steps.map(stepText),
  ];
}

function answerText(a: DecisionRecord['answers'][number]): string {
  if (a.error !== undefined) return `left out, since it failed: ${a.error}`;
  return [...(a.values ?? [])].map(([name, value]) => `${name}:${value === -1 ? 'unknown' : value}`).join(', ');
}

function stepText(step: DivisionStep): string {
  const list = (targets: DivisionStep['room']): string => targets.map(t => `${t.name}:${t.replicas}`).join(', ') || 'none';
  const tier = step.tier === undefined ? '' : ` in tier ${step.tier}`;
  const total = step.room.reduce((sum, t) => sum + t.replicas, 0);
  switch (step.mode) {
    case 'copy':
      return `  every cluster gets ${step.target}`;
    case 'steady':
      return `  nothing to divide${tier}: ${step.target} are placed already`;
    case 'weights':
      return `  ${step.target} by weights ${list(step.room)} gives ${list(step.result)}`;
    default:
      return total < step.target
        ? `  ${step.mode}${tier}: ${step.target} do not fit, there is room for ${total}. To change this: ask for ${step.target - total} fewer, or add room for as many.`
        : `  ${step.mode}${tier}: ${step.target} over ${list(step.room)}, beside ${list(step.base)}, gives ${list(step.result)}`;
  }
}
