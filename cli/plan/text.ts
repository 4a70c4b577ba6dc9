// A plan as a person reads it: which bindings move from where to where, then the difference of each manifest.
import { stringify } from 'yaml';
import { type AnyObject, at, isObject } from '../../kube/index.ts';
import type { TargetCluster } from '../../scheduler/index.ts';
import { lineDiff } from './line-diff.ts';
import type { ManifestChange, Move, Plan } from './plan.ts';

export interface PlanTextOptions {
  /** Paint for a terminal. */
  readonly color: boolean;
}

/** The whole text, without a final line break. */
export function planText(plan: Plan, { color }: PlanTextOptions): string {
  const paint = (on: number, text: string): string => (color ? `\u001b[${on}m${text}\u001b[39m` : text);
  const lines: string[] = [];
  if (plan.pending.length > 0) lines.push('Would move anyway, since the control plane has not settled:', ...table(plan.pending), '');
  if (plan.moves.length === 0) lines.push('No binding moves.');
  else lines.push('Bindings:', ...table(plan.moves));
  for (const change of plan.manifests) {
    lines.push(
      '',
      ...manifestLines(change).map(line => (line.startsWith('+') ? paint(32, line) : line.startsWith('-') ? paint(31, line) : line)),
    );
  }
  lines.push('', summary(plan));
  if (plan.unread.length > 0) lines.push(`Not looked at, since it may not be read: ${plan.unread.join(', ')}.`);
  return lines.join('\n');
}

function table(moves: readonly Move[]): string[] {
  const rows = moves.map(m => [
    `${m.namespace ? `${m.namespace}/` : ''}${m.name}`,
    m.from ? targets(m.from) : '(new)',
    '→',
    m.to ? targets(m.to) : '(gone)',
  ]);
  const widths = [0, 1, 2].map(i => Math.max(...rows.map(row => row[i]?.length ?? 0)));
  return rows.flatMap((row, i) => {
    const { or, failure } = moves[i] ?? {};
    const line = `  ${row.map((cell, c) => (c < widths.length ? cell.padEnd(widths[c] ?? 0) : cell)).join('  ')}`;
    return [
      line,
      ...(or ? [`      or ${targets(or)}: equal clusters are told apart by the uid that the template will get`] : []),
      ...(failure ? [`      ${failure}`] : []),
    ];
  });
}

const targets = (list: readonly TargetCluster[]): string =>
  list.map(t => (t.replicas === undefined ? t.name : `${t.name}:${t.replicas}`)).join(', ') || 'no cluster';

const SIGN = { create: '+', update: '~', delete: '-' } as const;

function manifestLines({ cluster, action, before, after }: ManifestChange): string[] {
  const object = after ?? before;
  const { namespace, name } = object?.metadata ?? {};
  const title = `${SIGN[action]} ${cluster}: ${object?.kind} ${namespace ? `${namespace}/` : ''}${name}`;
  const diff = lineDiff(shown(before), shown(after));
  return [title, ...(diff.length > 0 ? diff : ['  (only notes of Flotilla and kubectl)'])];
}

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** The manifest as its owner knows it: without our notes and those of kubectl, and without secrets. */
function shown(object: AnyObject | undefined): string {
  if (!object) return '';
  const { labels, annotations, ...metadata } = object.metadata;
  const own = { ...ours('labels', labels), ...ours('annotations', annotations) };
  return stringify(
    { ...(object.kind === 'Secret' ? masked(object) : object), metadata: { ...metadata, ...own } },
    { sortMapEntries: true },
  );
}

function ours(field: string, map: Readonly<Record<string, string>> | undefined): Record<string, unknown> {
  const kept = Object.entries(map ?? {}).filter(([key]) => !/(^|\.)karmada\.io\//.test(key) && key !== LAST_APPLIED);
  return kept.length > 0 ? { [field]: Object.fromEntries(kept) } : {};
}

/** Values of a Secret by their length only. */
export function masked(object: AnyObject): AnyObject {
  const hidden = (value: unknown): unknown =>
    isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, v]) => [key, `(${String(v).length} characters)`])) : value;
  return {
    ...object,
    ...(at(object, 'data') ? { data: hidden(object['data']) } : {}),
    ...(at(object, 'stringData') ? { stringData: hidden(object['stringData']) } : {}),
  } as AnyObject;
}

function summary({ moves, manifests }: Plan): string {
  const count = (action: ManifestChange['action']): number => manifests.filter(m => m.action === action).length;
  const clusters = new Set(manifests.map(m => m.cluster)).size;
  const things = (n: number, one: string): string => `${n} ${one}${n === 1 ? '' : 's'}`;
  return `Plan: ${things(moves.length, 'binding')} to change; ${things(count('create'), 'manifest')} to create, ${count('update')} to update, ${count('delete')} to delete, in ${things(clusters, 'cluster')}. Nothing was written.`;
}
