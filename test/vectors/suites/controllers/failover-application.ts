// Unhealthy applications, and how they are evicted.
import { applicationTask, classify, evicted } from '../../../../controllers/index.ts';
import type { AggregatedStatusItem, FailoverBehavior, FeatureGates, ResourceBindingSpec } from '../../../../crds/index.ts';
import { refusedBySnapshot } from '../../../../kube/index.ts';
import { agree, differ, type Suite } from '../../suite.ts';
import { compareLoose } from './compare.ts';

interface In {
  readonly fn: string;
  readonly spec: ResourceBindingSpec;
  readonly aggregatedStatus?: readonly AggregatedStatusItem[];
  readonly behavior: NonNullable<FailoverBehavior['application']>;
  readonly cluster: string;
  readonly producer: string;
  readonly clustersBefore?: readonly string[];
  readonly gates?: FeatureGates;
}

export const suite: Suite = {
  check(c) {
    const { fn, spec, aggregatedStatus = [], clustersBefore = [], gates = {}, ...rest } = c.in as unknown as In;
    if (fn === 'classify') return compareLoose(classify(spec, aggregatedStatus), c.out);
    const { error } = c.out as { error?: string };
    try {
      const task = applicationTask({ ...rest, clustersBefore, gates, items: aggregatedStatus });
      const { clusters, gracefulEvictionTasks } = evicted(spec, task, because);
      return compareLoose(withoutZeros({ clusters, gracefulEvictionTasks }), c.out);
    } catch (thrown) {
      return (thrown as Error).message === error ? agree : differ(String(thrown), c.out);
    }
  },
};

const snapshot = { hasSynced: true, revision: '1' };
const seen = { apiVersion: 'work.karmada.io/v1alpha2', kind: 'ResourceBinding', metadata: { name: 'b', resourceVersion: '1' } };
const because = refusedBySnapshot(snapshot, { seen, why: 'the recording says so' });

/** Typed structures drop a zero count of replicas. */
function withoutZeros(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, item) => (key === 'replicas' && item === 0 ? undefined : item)));
}
