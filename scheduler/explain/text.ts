// An explanation as a person reads it: a headline, one table of clusters, then how the numbers came about.
import type { DivisionStep } from '../divide/record.ts';
import type { ExplainedAttempt, ExplainedCluster, ExplainedEstimator, Explanation } from './document.ts';

export interface TextOptions {
  /** Paint for a terminal. */
  readonly color: boolean;
}

type Paint = (text: string) => string;
interface Palette {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly green: Paint;
  readonly red: Paint;
  readonly yellow: Paint;
}

function palette(color: boolean): Palette {
  const code =
    (on: number, off: number): Paint =>
    text =>
      color ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  return { bold: code(1, 22), dim: code(2, 22), green: code(32, 39), red: code(31, 39), yellow: code(33, 39) };
}

const WHY: Readonly<Record<Explanation['trigger'], string>> = {
  placementChanged: 'its placement changed',
  replicasChanged: 'its replicas did not add up',
  rescheduleRequested: 'a reschedule was requested',
  always: 'such a binding is scheduled at every change',
  targetTerminating: 'a cluster it runs in is being deleted',
  none: 'nothing asks for it: placement and replicas are as they were scheduled',
};

/** The whole text, without a final line break. */
export function explanationText(e: Explanation, o: TextOptions): string {
  const p = palette(o.color);
  const lines = [...headline(e, p)];
  for (const attempt of e.attempts) lines.push('', ...attemptLines(attempt, p));
  return lines.join('\n');
}

function headline(e: Explanation, p: Palette): string[] {
  const { namespace, name } = e.metadata;
  const { kind, name: template } = e.resource;
  const subject = `${namespace ? `${namespace}/` : ''}${name}`;
  const { inputs } = e;
  return [
    `${p.bold(subject)} (${kind} ${template}): ${outcomeText(e, p)}`,
    `${e.source === 'Recorded' ? 'Decided' : 'Recomputed'} at ${e.decidedAt} in ${e.tookMilliseconds} ms, because ${WHY[e.trigger]}.`,
    p.dim(
      `Inputs: binding at resourceVersion ${inputs.resourceVersion} (generation ${inputs.generation}), ${inputs.clusters} clusters as of revision ${inputs.clustersRevision || '?'}, ${askedText(e)}`,
    ),
    ...(e.source === 'Recomputed' ? [p.yellow('The record of the last decision is gone: this is what a decision would find now.')] : []),
    ...(inputs.current ? [] : [p.yellow('The binding has changed since: another decision is due.')]),
  ];
}

function askedText({ inputs }: Explanation): string {
  const requests = Object.entries(inputs.replicaRequirements?.resourceRequest ?? {}).map(([name, quantity]) => `${name} ${quantity}`);
  if (inputs.components?.length) return `${inputs.components.length} components`;
  return `${inputs.replicas} replicas${requests.length ? ` of ${requests.join(', ')}` : ''}`;
}

function outcomeText({ outcome }: Explanation, p: Palette): string {
  switch (outcome.kind) {
    case 'Placed': {
      const list = (outcome.clusters ?? []).map(t => (t.replicas === undefined ? t.name : `${t.name}:${t.replicas}`)).join(', ');
      return p.green(`placed on ${list || 'no cluster'}${outcome.affinityName ? ` by affinity group ${outcome.affinityName}` : ''}`);
    }
    case 'Idle':
      return 'nothing to do';
    case 'Deleting':
      return 'not scheduled, it is being deleted';
    default:
      return p.red(outcome.message ?? 'failed');
  }
}

function attemptLines(a: ExplainedAttempt, p: Palette): string[] {
  const passed = a.clusters.filter(c => c.state !== 'Refused' && c.state !== 'Terminating').length;
  return [
    ...(a.affinityName ? [p.bold(`Affinity group ${a.affinityName}${a.failure ? `: ${a.failure}` : ''}`)] : []),
    `${passed} of ${a.clusters.length} clusters passed the filters.`,
    ...table(a.clusters, p),
    ...a.clusters.flatMap(c => (c.remedy ? [`${p.yellow('→')} ${c.name}: ${c.remedy}`] : [])),
    ...(a.remedy ? [`${p.yellow('→')} placement: ${a.remedy}`] : []),
    ...a.estimators.map(estimatorText),
    ...(a.groups ?? []).map(
      g => `${g.topology} ${g.name}: score ${g.score}, ${g.clusters.join(', ')}${g.chosen ? p.green(' (chosen)') : ''}`,
    ),
    ...(a.selected.length ? [`Selected, best first: ${a.selected.join(', ')}`] : []),
    ...a.division.map(stepText),
  ];
}

const HEADER = ['CLUSTER', 'STATE', 'REPLICAS', 'SCORE', 'ROOM', 'AGE', 'WHY'];

function table(clusters: readonly ExplainedCluster[], p: Palette): string[] {
  const rows = [HEADER, ...clusters.map(rowOf)];
  const widths = HEADER.map((_, i) => Math.max(...rows.map(row => row[i]?.length ?? 0)));
  const state = (c: ExplainedCluster | undefined): Paint =>
    c?.state === 'Placed' ? p.green : c?.state === 'Refused' ? p.red : text => text;
  return rows.map((row, r) => {
    const cells = row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0)));
    if (r === 0) return p.bold(cells.join('  ').trimEnd());
    return cells
      .map((cell, i) => (i === 1 ? state(clusters[r - 1])(cell) : cell))
      .join('  ')
      .trimEnd();
  });
}

function rowOf(c: ExplainedCluster): string[] {
  const score = c.scores ? String(Object.values(c.scores).reduce((sum, v) => sum + v, 0)) : '';
  const why = c.refusedBy ? `${c.refusedBy}: ${c.reason}` : c.overflowTier ? `overflow tier ${c.overflowTier}` : '';
  const age = c.ageSeconds === undefined ? '' : `${Math.round(c.ageSeconds)}s`;
  return [
    c.name,
    c.state,
    c.replicas === undefined ? '' : String(c.replicas),
    score,
    c.allocatable === undefined ? '' : String(c.allocatable),
    age,
    why,
  ];
}

function estimatorText(e: ExplainedEstimator): string {
  const took = e.tookMilliseconds === undefined ? '' : ` in ${e.tookMilliseconds} ms`;
  if (e.error !== undefined) return `${e.name}${took}: left out, since it failed: ${e.error}`;
  const answers = Object.entries(e.answers ?? {}).map(([name, value]) => `${name}:${value === -1 ? 'unknown' : value}`);
  const age = e.oldestDataSeconds === undefined ? ', asked live' : `, from data up to ${Math.round(e.oldestDataSeconds)}s old`;
  return `${e.name} (${e.counts}${took}${age}): ${answers.join(', ') || 'no answer'}`;
}

const list = (targets: DivisionStep['room']): string => targets.map(t => `${t.name}:${t.replicas}`).join(', ') || 'none';

function stepText(step: DivisionStep): string {
  const tier = step.tier === undefined ? '' : ` in tier ${step.tier}`;
  const total = step.room.reduce((sum, t) => sum + t.replicas, 0);
  switch (step.mode) {
    case 'copy':
      return `Division: every selected cluster gets ${step.target}.`;
    case 'steady':
      return `Division${tier}: ${step.target} are placed already, nothing moves.`;
    case 'weights':
      return `Division: ${step.target} by weights ${list(step.room)} gives ${list(step.result)}.`;
    default:
      return total < step.target
        ? `Division, ${step.mode}${tier}: ${step.target} do not fit, there is room for ${total}. Ask for ${step.target - total} fewer, or add room.`
        : `Division, ${step.mode}${tier}: ${step.target} over room ${list(step.room)}, beside ${list(step.base)}, gives ${list(step.result)}.`;
  }
}
