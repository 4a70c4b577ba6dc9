// What a run came to: a table for the eye, and the judgement by the list of known differences.
import { CLIENTS, type Outcome } from './matrix.ts';

/** Lines that are not ok, and why: `A12` for every client, `A12 kubectl-1.20` for one. */
export type Reasons = Readonly<Record<string, string>>;

export const reasonOf = (reasons: Reasons, o: Pick<Outcome, 'id' | 'client'>): string | undefined =>
  reasons[`${o.id} ${o.client}`] ?? reasons[o.id];

export interface Row {
  readonly id: string;
  readonly title: string;
  /** A client to 'ok', or what is wrong. */
  readonly cells: Readonly<Record<string, string>>;
}

/** Rows by line and title; a line of the checklist may have several. */
export function rowsOf(outcomes: readonly Outcome[]): Row[] {
  const rows = new Map<string, { id: string; title: string; cells: Record<string, string> }>();
  for (const o of outcomes) {
    const key = `${o.id} ${o.title}`;
    const row = rows.get(key) ?? { id: o.id, title: o.title, cells: {} };
    rows.set(key, row);
    row.cells[o.client] = o.fault ?? 'ok';
  }
  return [...rows.values()].sort((a, b) => (a.id === b.id ? (a.title < b.title ? -1 : 1) : a.id < b.id ? -1 : 1));
}

const SHORT_NAMES: Readonly<Record<string, string>> = { 'client-node': 'node' };
const shortName = (client: string): string => SHORT_NAMES[client] ?? client.replace('kubectl-', 'k').replace('helm-', 'h');

export function tableOf(outcomes: readonly Outcome[]): string {
  const clients = CLIENTS.filter(c => outcomes.some(o => o.client === c));
  const head = `      ${clients.map(c => shortName(c).padEnd(6)).join('')}`;
  const lines = rowsOf(outcomes).map(row => {
    const cells = clients.map(c => (row.cells[c] === undefined ? '·' : row.cells[c] === 'ok' ? 'ok' : 'FAIL').padEnd(6));
    return `${row.id.padEnd(6)}${cells.join('')}${row.title}`;
  });
  return [head, ...lines].join('\n');
}

export interface Judgement {
  readonly ok: number;
  readonly listed: readonly Outcome[];
  readonly unlisted: readonly Outcome[];
  /** Listed, but ok in every client that ran it: to be taken off the list. */
  readonly stale: readonly string[];
}

export function judge(outcomes: readonly Outcome[], reasons: Reasons): Judgement {
  const failed = outcomes.filter(o => o.fault !== undefined);
  const covers = (key: string, o: Outcome): boolean => key === o.id || key === `${o.id} ${o.client}`;
  return {
    ok: outcomes.length - failed.length,
    listed: failed.filter(o => reasonOf(reasons, o) !== undefined),
    unlisted: failed.filter(o => reasonOf(reasons, o) === undefined),
    stale: Object.keys(reasons).filter(key => outcomes.some(o => covers(key, o)) && !failed.some(o => covers(key, o))),
  };
}
