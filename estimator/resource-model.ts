// A cluster described by grades of nodes (specification §6.3): each counted node offers the least of its grade.
import { capacityOf } from './capacity.ts';
import { readQuantity } from './resources.ts';
import type { NodeRun } from './simulator.ts';
import type { EstimatedCluster } from './types.ts';

/** Pods that a node of a model takes: what Kubernetes allows unless told otherwise. */
const PODS_PER_NODE = 110n;

const known = new WeakMap<EstimatedCluster, readonly NodeRun[] | undefined>();

/** Nodes in ascending order of grade; undefined where the model says nothing usable. Read once for each state of a cluster. */
export function modelNodes(cluster: EstimatedCluster): readonly NodeRun[] | undefined {
  if (!known.has(cluster)) known.set(cluster, readModel(cluster));
  return known.get(cluster);
}

function readModel(cluster: EstimatedCluster): readonly NodeRun[] | undefined {
  const models = cluster.spec?.resourceModels ?? [];
  const counted = cluster.status?.resourceSummary?.allocatableModelings ?? [];
  if (models.length === 0 || counted.some(m => m.count < 0)) return undefined;
  const counts = new Map<number, bigint>();
  for (const { grade, count } of counted) counts.set(grade, (counts.get(grade) ?? 0n) + BigInt(count));
  const grades = [...new Map(models.map(m => [m.grade, m]))].sort(([a], [b]) => a - b);
  return grades.flatMap(([grade, model]) => {
    const count = counts.get(grade) ?? 0n;
    if (count === 0n) return [];
    const least = new Map((model.ranges ?? []).flatMap(r => [readQuantity(r.min)].flatMap(q => (q ? [[r.name, q] as const] : []))));
    return [{ count, free: capacityOf(least).set('pods', PODS_PER_NODE) }];
  });
}
