// Recorded strategic merge patches: the merged JSON, the refusal, or both where the result does not decode into the kind.
import { builtinType, equal, isStatusError, patchStrategic, strategicMerge } from '../../../../kube/index.ts';
import { agree, differ, type Suite } from '../../suite.ts';

interface Recorded {
  readonly merged?: unknown;
  readonly status?: { readonly message: string; readonly code: number };
}

export const suite: Suite = {
  check(c) {
    const { kind, original, patch } = c.in as { kind: string; original: Record<string, unknown>; patch: Record<string, unknown> };
    const slash = kind.lastIndexOf('/');
    const type = builtinType(kind.slice(0, slash), kind.slice(slash + 1));
    if (!type) return differ(`no type ${kind}`, c.out);
    const merged = attempt(() => ({ merged: strategicMerge(original, patch, type) }));
    const decoded = attempt(() => void patchStrategic(original, JSON.stringify(patch), { type, fieldValidation: 'Ignore' }));
    const got = { ...merged, ...decoded } as Recorded;
    return sameOutcome(got, c.out as Recorded) ? agree : differ(got, c.out);
  },
};

function attempt(act: () => object | undefined): object {
  try {
    return act() ?? {};
  } catch (error) {
    if (!isStatusError(error)) throw error;
    const { metadata: _, ...status } = error.toStatus();
    return { status };
  }
}

/** A recorded message that begins with `…` fixes only the end. */
function sameOutcome(got: Recorded, out: Recorded): boolean {
  const end = out.status?.message.startsWith('…') ? out.status.message.slice(1) : undefined;
  if (end === undefined) return equal(got, out);
  return equal(got.merged, out.merged) && got.status?.code === out.status?.code && got.status?.message.endsWith(end) === true;
}
