// What the recorded suites of JSON patches and merge patches have in common.
import { equal, isStatusError, type patchJson } from '../../../kube/index.ts';
import { agree, differ, type Suite } from '../suite.ts';

/** A suite that applies `in.patch` to `in.doc` and compares result, strict texts or Status. */
export function patchSuite(patch: typeof patchJson): Suite {
  return {
    check(c) {
      const { doc, patch: text, fieldValidation } = c.in as { doc: unknown; patch: string; fieldValidation: 'Ignore' };
      const got = outcome(() => patch(doc, text, { fieldValidation }));
      return equal(got, c.out) ? agree : differ(got, c.out);
    },
  };
}

function outcome(apply: () => ReturnType<typeof patchJson>): unknown {
  try {
    const { result, strict } = apply();
    return { result, ...(strict.length ? { strict } : {}) };
  } catch (error) {
    if (!isStatusError(error)) throw error;
    const { metadata: _, ...status } = error.toStatus();
    return { status };
  }
}
