// The catalogue of well-known custom resources (specification §5.5): rules by exact apiVersion and kind.
import { type AnyObject, type Clock, isStatusError, plain500 } from '../../kube/index.ts';
import { checkDependencies } from '../dependencies.ts';
import type { Interpreter, InterpreterLayer } from '../interpreter.ts';
import { flinkDeployment } from './flink.ts';
import { bucket, gitRepository, helmChart, helmRelease, helmRepository, kustomization, ociRepository } from './flux.ts';
import { advancedCronJob, advancedDaemonSet, advancedStatefulSet, broadcastJob, cloneSet, sidecarSet, unitedDeployment } from './kruise.ts';
import { mpiJob, notebook, pyTorchJob, tfJob } from './kubeflow.ts';
import { policy } from './kyverno.ts';
import { rayCluster, rayJob, rayService } from './ray.ts';
import type { CatalogueRules } from './rules.ts';
import { sparkApplication } from './spark.ts';
import { tidy, tidyAs } from './values.ts';
import { volcanoJob } from './volcano.ts';
import { workflow } from './workflow.ts';

const RULES: Readonly<Record<string, CatalogueRules>> = {
  'apps.kruise.io/v1alpha1 AdvancedCronJob': advancedCronJob,
  'apps.kruise.io/v1alpha1 BroadcastJob': broadcastJob,
  'apps.kruise.io/v1alpha1 CloneSet': cloneSet,
  'apps.kruise.io/v1alpha1 DaemonSet': advancedDaemonSet,
  'apps.kruise.io/v1alpha1 SidecarSet': sidecarSet,
  'apps.kruise.io/v1alpha1 UnitedDeployment': unitedDeployment,
  'apps.kruise.io/v1beta1 StatefulSet': advancedStatefulSet,
  'argoproj.io/v1alpha1 Workflow': workflow,
  'batch.volcano.sh/v1alpha1 Job': volcanoJob,
  'flink.apache.org/v1beta1 FlinkDeployment': flinkDeployment,
  'helm.toolkit.fluxcd.io/v2beta1 HelmRelease': helmRelease,
  'kubeflow.org/v1 Notebook': notebook,
  'kubeflow.org/v1 PyTorchJob': pyTorchJob,
  'kubeflow.org/v1 TFJob': tfJob,
  'kubeflow.org/v2beta1 MPIJob': mpiJob,
  'kustomize.toolkit.fluxcd.io/v1 Kustomization': kustomization,
  'kyverno.io/v1 ClusterPolicy': policy,
  'kyverno.io/v1 Policy': policy,
  'ray.io/v1 RayCluster': rayCluster,
  'ray.io/v1 RayJob': rayJob,
  'ray.io/v1 RayService': rayService,
  'source.toolkit.fluxcd.io/v1 GitRepository': gitRepository,
  'source.toolkit.fluxcd.io/v1beta2 Bucket': bucket,
  'source.toolkit.fluxcd.io/v1beta2 HelmChart': helmChart,
  'source.toolkit.fluxcd.io/v1beta2 HelmRepository': helmRepository,
  'source.toolkit.fluxcd.io/v1beta2 OCIRepository': ociRepository,
  'sparkoperator.k8s.io/v1beta2 SparkApplication': sparkApplication,
};

/** The catalogue as a layer. */
export function thirdpartyLayer(clock: Clock): InterpreterLayer {
  const built = new Map(Object.entries(RULES).map(([id, rules]) => [id, interpreterOf(rules, clock)]));
  return { name: 'thirdparty', interpreterFor: (apiVersion, kind) => built.get(`${apiVersion} ${kind}`) };
}

function interpreterOf(rules: CatalogueRules, clock: Clock): Interpreter {
  const { replicas, components, revise, retain, aggregate, dependencies, reflect, health } = rules;
  return {
    ...(replicas && { replicas: async object => guarded(() => replicas(withoutNulls(object))) }),
    ...(components && { components: async object => guarded(() => components(withoutNulls(object))) }),
    ...(revise && { revise: async (object, count) => guarded(() => tidyAs(revise(withoutNulls(object), count), [object])) }),
    ...(retain && {
      retain: async (desired, observed) =>
        guarded(() => tidyAs(retain(withoutNulls(desired), withoutNulls(observed)), [desired, observed])),
    }),
    ...(aggregate && {
      aggregate: async (object, items) =>
        guarded(() => {
          const result = aggregate(withoutNulls(object), items && withoutNulls(items), clock);
          const { status, ...rest } = result;
          return status === undefined ? rest : ({ ...rest, ...tidy({ status }) } as AnyObject);
        }),
    }),
    ...(dependencies && { dependencies: async object => guarded(() => checkDependencies(dependencies(withoutNulls(object)))) }),
    ...(reflect && {
      reflect: async observed => guarded(() => tidy(reflect(withoutNulls(observed)))),
    }),
    ...(health && { health: async observed => guarded(() => health(withoutNulls(observed))) }),
  };
}

function guarded<T>(f: () => T): T {
  try {
    return f();
  } catch (error) {
    throw isStatusError(error) ? error : plain500((error as Error).message);
  }
}

/** A copy in which null is absence, in lists too. */
function withoutNulls<T>(value: T): T {
  if (Array.isArray(value)) return value.filter(item => item !== null && item !== undefined).map(withoutNulls) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== null && item !== undefined);
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutNulls(item)])) as T;
}
