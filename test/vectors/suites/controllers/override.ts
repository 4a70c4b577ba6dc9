// What override policies make of an object.
import { applyOverrides, type OverrideInput } from '../../../../controllers/index.ts';
import { equal } from '../../../../kube/index.ts';
import { agree, differ, type Suite } from '../../suite.ts';
import { loose } from './compare.ts';

/** Texts of the reference's JSON, YAML, patch and conversion libraries are not ours to repeat. */
const LIBRARY =
  /failed to retrieves|accessor error|missing value|^failed to convert .* unstructured|invalid state|json:|^yaml:|proper array index|invalid index|pointer|unable to|error converting|Object 'Kind'|Unexpected|operation|token reference|Atoi|out of bounds|unexpected/;

interface Out {
  readonly panic?: boolean;
  readonly error?: string;
  readonly events: readonly string[] | null;
  readonly object?: unknown;
  readonly appliedOverrides?: unknown;
  readonly appliedClusterOverrides?: unknown;
}

export const suite: Suite = {
  check(c) {
    const expected = c.out as Out;
    if (expected.panic) return undefined;
    const got = run(c.in as unknown as OverrideInput);
    if (!equal(got.events ?? [], expected.events ?? [])) return differ(got, expected);
    if (expected.error !== undefined || got.error !== undefined) {
      const same =
        expected.error !== undefined && got.error !== undefined && (got.error === expected.error || LIBRARY.test(expected.error));
      return same ? agree : differ(got, expected);
    }
    const same =
      equal(got.object, expected.object) &&
      equal(loose(got.appliedOverrides ?? []), loose(expected.appliedOverrides ?? [])) &&
      equal(loose(got.appliedClusterOverrides ?? []), loose(expected.appliedClusterOverrides ?? []));
    return same ? agree : differ(got, expected);
  },
};

function run(input: OverrideInput): Out {
  const events: string[] = [];
  const report = (type: string, message: string): void => {
    events.push(`${type} ApplyOverridePolicy${type === 'Normal' ? 'Succeed' : 'Failed'} ${message}`);
  };
  try {
    const result = applyOverrides(
      { ...input, clusterOverridePolicies: input.clusterOverridePolicies ?? [], overridePolicies: input.overridePolicies ?? [] },
      report,
    );
    return { events, object: result.object, appliedOverrides: result.applied, appliedClusterOverrides: result.appliedCluster };
  } catch (error) {
    return { events, error: error instanceof Error ? error.message : String(error) };
  }
}
