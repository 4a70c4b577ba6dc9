// What the scheduling benchmarks schedule: clusters as their status controller describes them, bindings as the detector makes them.
import { generalEstimator } from '../../estimator/index.ts';
import { type Binding, type Cluster, gates, ownPlugins, type Placement, schedule } from '../../scheduler/index.ts';

const divided = (preference: string, more: object = {}) => ({
  replicaScheduling: { replicaSchedulingType: 'Divided', replicaDivisionPreference: preference, ...more },
});
const weightOf = (env: string, weight: number) => ({ targetCluster: { labelSelector: { matchLabels: { env } } }, weight });

const PLACEMENTS = {
  duplicated: {},
  static: divided('Weighted', { weightPreference: { staticWeightList: [weightOf('a', 2), weightOf('b', 1)] } }),
  dynamic: divided('Weighted', { weightPreference: { dynamicWeight: 'AvailableReplicas' } }),
  aggregated: divided('Aggregated'),
  region: {
    spreadConstraints: [
      { spreadByField: 'region', minGroups: 2, maxGroups: 3 },
      { spreadByField: 'cluster', minGroups: 2, maxGroups: 5 },
    ],
    ...divided('Aggregated'),
  },
} as const satisfies Record<string, Placement>;

export type Placing = keyof typeof PLACEMENTS;
export const placings = Object.keys(PLACEMENTS) as Placing[];

const GRADES = 9;

/** 25 API groups of eight kinds, as a real cluster has them. */
const apiEnablements = Array.from({ length: 25 }, (_, group) => ({
  groupVersion: group === 12 ? 'apps/v1' : `group${group}.example/v1`,
  resources: Array.from({ length: 8 }, (_, i) =>
    group === 12 && i === 3 ? { name: 'deployments', kind: 'Deployment' } : { name: `things${i}`, kind: `Thing${i}` },
  ),
}));

const ranges = (grade: number) => {
  const least = grade === 0 ? 0 : 2 ** (grade - 1);
  return [
    { name: 'cpu', min: String(least), max: String(2 ** grade) },
    { name: 'memory', min: `${4 * least}Gi`, max: `${4 * 2 ** grade}Gi` },
  ];
};

/** Ten nodes of 4 cpu and 16 GiB in one of five regions; every cluster a little different. */
export function benchCluster(i: number): Cluster {
  return {
    apiVersion: 'cluster.karmada.io/v1alpha1',
    kind: 'Cluster',
    metadata: { name: `member-${i}`, labels: { env: i % 2 ? 'a' : 'b' } },
    spec: {
      syncMode: 'Push',
      region: `region-${i % 5}`,
      provider: 'example',
      zones: [`zone-${i % 7}`],
      resourceModels: Array.from({ length: GRADES }, (_, grade) => ({ grade, ranges: ranges(grade) })),
    },
    status: {
      apiEnablements,
      resourceSummary: {
        allocatable: { cpu: '100', memory: '400Gi', pods: '1100' },
        allocated: { cpu: `${i % 40}`, memory: `${i % 90}Gi`, pods: `${i % 100}` },
        allocatableModelings: Array.from({ length: GRADES }, (_, grade) => ({ grade, count: grade === 3 ? 10 + (i % 8) : 0 })),
      },
    },
  };
}

export function benchBinding(i: number, placing: Placing): Binding {
  return {
    apiVersion: 'work.karmada.io/v1alpha2',
    kind: 'ResourceBinding',
    metadata: { namespace: 'bench', name: `web-${i}-deployment`, labels: { 'propagationpolicy.karmada.io/permanent-id': 'bench' } },
    spec: {
      resource: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'bench', name: `web-${i}`, uid: `uid-${i}` },
      replicas: 20,
      replicaRequirements: { resourceRequest: { cpu: `${100 + (i % 10) * 50}m`, memory: '256Mi' } },
      placement: PLACEMENTS[placing],
    },
  };
}

export interface DecisionTime {
  readonly placing: Placing;
  readonly microseconds: number;
}

/** How long one cycle takes without anything around it: the mean of about a second, after a warm-up. */
export async function decisionTimes(clusters: number): Promise<DecisionTime[]> {
  const on = gates();
  const o = {
    gates: on,
    plugins: ownPlugins(on),
    estimators: [generalEstimator({ models: true, subtractAssumed: false })],
    signal: new AbortController().signal,
  };
  const snapshot = Array.from({ length: clusters }, (_, i) => benchCluster(i));
  const times: DecisionTime[] = [];
  for (const placing of placings) {
    const bindings = Array.from({ length: Math.max(50, 10_000 / clusters) }, (_, i) => benchBinding(i, placing));
    const run = async (): Promise<void> => {
      for (const { spec } of bindings) {
        const { failure } = await schedule(snapshot, { spec, status: {}, namespace: 'bench' }, o);
        if (failure) throw failure;
      }
    };
    await run();
    const start = performance.now();
    await run();
    times.push({ placing, microseconds: ((performance.now() - start) * 1000) / bindings.length });
  }
  return times;
}
