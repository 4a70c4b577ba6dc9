// The Works that a binding makes.
import { buildWork, mergeWork, targetClusters } from '../../../../controllers/index.ts';
import type { Cluster, FeatureGates, OverridePolicy, ResourceBinding, Work } from '../../../../crds/index.ts';
import { nativeLayer } from '../../../../interpreter/index.ts';
import { type AnyObject, systemClock } from '../../../../kube/index.ts';
import { agree, differ, type Suite } from '../../suite.ts';
import { compareLoose, loose } from './compare.ts';

interface In {
  readonly template: AnyObject;
  readonly binding: ResourceBinding;
  readonly clusterOverridePolicies?: readonly OverridePolicy[];
  readonly existingWorks?: readonly Work[];
  readonly gates?: FeatureGates;
}

interface Out {
  readonly panic?: boolean;
  readonly works: readonly unknown[] | null;
  readonly error?: string;
}

export const suite: Suite = {
  async check(c) {
    const expected = c.out as Out;
    if (expected.panic) return undefined;
    const got = await ensure(c.in as unknown as In);
    const sameError =
      got.error === expected.error || (expected.error ?? '').includes('missing value') === (got.error ?? '').includes('missing value');
    if (!sameError || (got.error === undefined) !== (expected.error === undefined)) return differ(got, expected);
    return expected.works || got.works ? compareLoose({ works: got.works ?? [] }, { works: expected.works ?? [] }) : agree;
  },
};

async function ensure(input: In): Promise<Out> {
  const works: Work[] = [];
  const errors: string[] = [];
  for (const target of targetClusters(input.binding.spec)) {
    try {
      const written = await one(input, target);
      if (written) works.push(written);
    } catch (error) {
      errors.push((error as Error).message);
    }
  }
  const unique = [...new Set(errors)];
  works.sort((a, b) => ((a.metadata.namespace ?? '') < (b.metadata.namespace ?? '') ? -1 : 1));
  return {
    works: works.map(({ metadata, spec }) => ({ metadata, spec })),
    ...(unique.length > 0 ? { error: unique.length === 1 ? (unique[0] ?? '') : `[${unique.join(', ')}]` } : {}),
  };
}

async function one(input: In, target: { readonly name: string }): Promise<Work | undefined> {
  const cluster = { metadata: { name: target.name, labels: { env: 'prod' } }, spec: {} } as unknown as Cluster;
  const desired = await buildWork(
    { ...input, target, cluster, clusterOverridePolicies: input.clusterOverridePolicies ?? [], overridePolicies: [] },
    { interpreters: nativeLayer(systemClock), gates: input.gates ?? {}, report: () => {} },
  );
  const existing = input.existingWorks?.find(
    ({ metadata }) => metadata.namespace === desired.metadata.namespace && metadata.name === desired.metadata.name,
  );
  if (!existing) return desired;
  const merged = mergeWork(existing, desired);
  return merged === existing || JSON.stringify(loose(merged)) === JSON.stringify(loose(existing)) ? undefined : merged;
}
