// One Work for one target cluster (specification §2.3): the template with that cluster's replicas and overrides, marked with where it comes from.
import {
  annotations,
  type Cluster,
  executionSpace,
  type FeatureGates,
  finalizers,
  gateEnabled,
  labels,
  type OverridePolicy,
  type ResourceBinding,
  type TargetCluster,
  type Work,
  workName,
} from '../../crds/index.ts';
import type { InterpreterLayer } from '../../interpreter/index.ts';
import { type AnyObject, at, stringOf } from '../../kube/index.ts';
import { preparedManifest, withMetadata } from '../manifest.ts';
import { applyOverrides, type OverrideReport } from '../override-policy/apply.ts';
import { recordText } from '../override-policy/record.ts';
import { divideCompletions } from './job-completions.ts';
import { isWorkload, targetClusters } from './targets.ts';

export interface WorkInput {
  readonly template: AnyObject;
  readonly binding: ResourceBinding;
  readonly target: TargetCluster;
  readonly cluster: Cluster;
  readonly clusterOverridePolicies: readonly OverridePolicy[];
  readonly overridePolicies: readonly OverridePolicy[];
}

export interface WorkOptions {
  readonly interpreters: InterpreterLayer;
  readonly gates: FeatureGates;
  /** Told what each override did. */
  readonly report: OverrideReport;
}

/** Label key and annotations by which Works and member objects point to their binding. */
function bindingReference({ metadata }: ResourceBinding): { idKey: string; id: string; annotations: Record<string, string> } {
  const { namespace, name = '' } = metadata;
  const idKey = namespace ? labels.resourceBindingId : labels.clusterResourceBindingId;
  const back: Record<string, string> = namespace
    ? { [annotations.resourceBindingNamespace]: namespace, [annotations.resourceBindingName]: name }
    : { [annotations.clusterResourceBindingName]: name };
  return { idKey, id: metadata.labels?.[idKey] ?? '', annotations: back };
}

/** The Work as it shall be, without knowledge of one that may exist. */
export async function buildWork(input: WorkInput, o: WorkOptions, signal?: AbortSignal): Promise<Work> {
  const { template, binding, target } = input;
  const revised = withCompletions(await withReplicas(input, o, signal), input);
  const overridden = applyOverrides({ ...input, object: revised }, o.report);
  const reference = bindingReference(binding);
  const { generation = 0, namespace = '', name = '', uid = '' } = template.metadata;
  const conflict = { [annotations.conflictResolution]: conflictResolution(overridden.object, binding) };
  const manifest = withMetadata(overridden.object, {
    labels: { [reference.idKey]: reference.id, ...injectedLabels(input, o.gates) },
    annotations: {
      ...(generation > 0 ? { [annotations.templateGeneration]: String(generation) } : {}),
      ...reference.annotations,
      ...conflict,
    },
  });
  const address = { namespace: executionSpace(target.name), name: workName(template.kind, name, namespace) };
  return {
    apiVersion: 'work.karmada.io/v1alpha1',
    kind: 'Work',
    metadata: {
      ...address,
      labels: { [reference.idKey]: reference.id },
      annotations: {
        ...reference.annotations,
        ...conflict,
        ...optional(annotations.appliedOverrides, recordText(overridden.applied)),
        ...optional(annotations.appliedClusterOverrides, recordText(overridden.appliedCluster)),
      },
      finalizers: [finalizers.execution],
    },
    spec: {
      workload: { manifests: [preparedManifest(manifest, address, uid)] },
      suspendDispatching: isSuspended(binding, target.name),
      preserveResourcesOnDeletion: binding.spec.preserveResourcesOnDeletion ?? false,
    },
  };
}

const optional = (key: string, value: string | undefined): Record<string, string> => (value === undefined ? {} : { [key]: value });

async function withReplicas({ template, binding, target }: WorkInput, o: WorkOptions, signal?: AbortSignal): Promise<AnyObject> {
  const revise = isWorkload(binding) ? o.interpreters.interpreterFor(template.apiVersion, template.kind)?.revise : undefined;
  return revise ? revise(template, target.replicas ?? 0, signal) : template;
}

/** The share of a divided Job's completions. */
function withCompletions(object: AnyObject, { binding, target }: WorkInput): AnyObject {
  const total = at(object, 'spec', 'completions');
  const divided = binding.spec.placement?.replicaScheduling?.replicaSchedulingType === 'Divided';
  if (object.kind !== 'Job' || !divided || (binding.spec.replicas ?? 0) <= 0 || typeof total !== 'number') return object;
  const share = divideCompletions(total, targetClusters(binding.spec), stringOf(object.metadata.uid))?.get(target.name);
  return share === undefined ? object : { ...object, spec: { ...(object['spec'] as object), completions: share } };
}

function conflictResolution({ metadata }: AnyObject, binding: ResourceBinding): string {
  const own = metadata.annotations?.[annotations.conflictResolution];
  if (own === 'overwrite' || own === 'abort') return own;
  return binding.spec.conflictResolution === 'Overwrite' ? 'overwrite' : 'abort';
}

/** What was preserved of the failed copy, for the one copy that replaces it. */
function injectedLabels({ binding, target }: WorkInput, gates: FeatureGates): Readonly<Record<string, string>> {
  const task = binding.spec.gracefulEvictionTasks?.at(-1);
  if (!gateEnabled(gates, 'StatefulFailoverInjection') || !task || task.purgeMode !== 'Directly') return {};
  const replaced = targetClusters(binding.spec).length === 1 && !(task.clustersBeforeFailover ?? []).includes(target.name);
  return replaced ? (task.preservedLabelState ?? {}) : {};
}

function isSuspended({ spec }: ResourceBinding, cluster: string): boolean {
  const { dispatching = false, dispatchingOnClusters } = spec.suspension ?? {};
  return dispatching || (dispatchingOnClusters?.clusterNames ?? []).includes(cluster);
}
