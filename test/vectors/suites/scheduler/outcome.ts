// Comparing an answer with a recorded set of results, as the recordings' counting agreement says.
import { equal, isObject, listOf } from '../../../../kube/index.ts';
import { SchedulingFailure } from '../../../../scheduler/index.ts';
import { agree, differ, type VectorCase, type Verdict } from '../../suite.ts';

interface Target {
  readonly name: string;
  readonly replicas?: number;
  readonly components?: readonly { readonly name: string; readonly replicas?: number }[];
}

/** A target list as recordings compare it: by name, absent replicas are 0. */
export function comparable(targets: readonly Target[]): unknown {
  return [...targets]
    .map(t => ({
      name: t.name,
      replicas: t.replicas ?? 0,
      components: t.components?.map(c => ({ name: c.name, replicas: c.replicas ?? 0 })),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What `f` gives, or its failure as recorded. */
export async function outcomeOf(f: () => unknown): Promise<Record<string, unknown>> {
  try {
    return { value: await f() };
  } catch (error) {
    if (error instanceof SchedulingFailure) return { error: error.message, kind: error.kind };
    throw error;
  }
}

/** The recorded results without their counts. */
export function recorded(c: VectorCase): Record<string, unknown>[] {
  return listOf(c.out)
    .filter(isObject)
    .map(({ n: _, ...rest }) => rest);
}

/** Agrees if the answer is one of the recorded results. */
export function oneOf(c: VectorCase, got: unknown, listed?: string): Verdict {
  return recorded(c).some(result => equal(result, got)) ? agree : differ(got, recorded(c), listed);
}

/** A cycle's result: target lists in any order, and the two classes of listed differences. */
export function judgeCycle(c: VectorCase, got: Record<string, unknown>): Verdict {
  const same = (result: unknown): boolean => equal(normal(result), normal(got));
  if (recorded(c).some(same)) return agree;
  if (c['alt'] !== undefined && same(c['alt'])) return differ(got, recorded(c), 'order of equal rooms');
  if (isFitTextOf(c, got)) return differ(got, recorded(c), 'which of several reasons is told');
  return differ(got, recorded(c));
}

function normal(result: unknown): unknown {
  if (!isObject(result)) return result;
  return { ...result, ...(Array.isArray(result['clusters']) ? { clusters: comparable(result['clusters'] as Target[]) } : {}) };
}

/** Is this a fit error whose reasons are all among those that plugins give for these clusters? */
function isFitTextOf(c: VectorCase, got: Record<string, unknown>): boolean {
  if (got['kind'] !== 'FitError' || !isObject(c['why']) || !recorded(c).some(r => r['kind'] === 'FitError')) return false;
  const known = [...Object.values(c['why']).flatMap(listOf).map(String), ...recorded(c).map(r => String(r['error']))].join('\n');
  const reasons = String(got['error'])
    .replace(/^0\/\d+ clusters are available: /, '')
    .replace(/\.$/, '')
    .split(/, (?=\d+ cluster)/);
  return reasons.every(reason => known.includes(reason.replace(/^\d+ /, '')));
}
