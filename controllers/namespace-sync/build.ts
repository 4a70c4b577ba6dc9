// The Work that carries a namespace to one member (specification §8.1).
import {
  annotations,
  type Cluster,
  executionSpace,
  finalizers,
  isReservedNamespace,
  labels,
  type OverridePolicy,
  type Work,
  workName,
} from '../../crds/index.ts';
import type { AnyObject } from '../../kube/index.ts';
import { preparedManifest } from '../manifest.ts';
import { applyOverrides, type OverrideReport } from '../override-policy/apply.ts';
import { recordText } from '../override-policy/record.ts';

/** Whether a namespace goes to members at all; `skipped` are the patterns of the flag. */
export function isPropagated({ metadata }: AnyObject, skipped: (name: string) => boolean): boolean {
  const name = metadata.name ?? '';
  if (isReservedNamespace(name) || name === 'default' || skipped(name) || metadata.deletionTimestamp) return false;
  return metadata.labels?.[labels.skipAutoPropagation]?.toLowerCase() !== 'true';
}

export interface NamespaceWork {
  readonly namespace: AnyObject;
  readonly cluster: Cluster;
  readonly policies: readonly OverridePolicy[];
}

export function namespaceWork({ namespace, cluster, policies }: NamespaceWork, report: OverrideReport): Work {
  const { name = '', uid = '' } = namespace.metadata;
  const typed: AnyObject = { ...namespace, apiVersion: 'v1', kind: 'Namespace' };
  const overridden = applyOverrides({ object: typed, cluster, clusterOverridePolicies: policies, overridePolicies: [] }, report);
  const record = recordText(overridden.appliedCluster);
  const address = { namespace: executionSpace(cluster.metadata.name ?? ''), name: workName('Namespace', name) };
  return {
    apiVersion: 'work.karmada.io/v1alpha1',
    kind: 'Work',
    metadata: {
      ...address,
      finalizers: [finalizers.execution],
      ownerReferences: [{ apiVersion: 'v1', kind: 'Namespace', name, uid, controller: true, blockOwnerDeletion: true }],
      ...(record === undefined ? {} : { annotations: { [annotations.appliedClusterOverrides]: record } }),
    },
    spec: { workload: { manifests: [preparedManifest(overridden.object, address, uid)] } },
  };
}
