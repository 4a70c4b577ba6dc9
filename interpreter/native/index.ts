// The native layer: rules for built-in kinds, by exact apiVersion and kind. Any other kind still reports its whole status.
import { type AnyObject, type Clock, isObject, isStatusError, plain500 } from '../../kube/index.ts';
import { checkDependencies } from '../dependencies.ts';
import type { Interpreter, InterpreterLayer } from '../interpreter.ts';
import { cronJob } from './cron-job.ts';
import { daemonSet } from './daemon-set.ts';
import { deployment } from './deployment.ts';
import { horizontalPodAutoscaler } from './horizontal-pod-autoscaler.ts';
import { ingress } from './ingress.ts';
import { job } from './job.ts';
import { persistentVolume } from './persistent-volume.ts';
import { persistentVolumeClaim } from './persistent-volume-claim.ts';
import { pod } from './pod.ts';
import { podDisruptionBudget } from './pod-disruption-budget.ts';
import { replicaSet } from './replica-set.ts';
import type { NativeRules } from './rules.ts';
import { secret } from './secret.ts';
import { service } from './service.ts';
import { serviceAccount } from './service-account.ts';
import { serviceImport } from './service-import.ts';
import { statefulSet } from './stateful-set.ts';

const RULES: Readonly<Record<string, NativeRules>> = {
  'apps/v1 DaemonSet': daemonSet,
  'apps/v1 Deployment': deployment,
  'apps/v1 ReplicaSet': replicaSet,
  'apps/v1 StatefulSet': statefulSet,
  'autoscaling/v2 HorizontalPodAutoscaler': horizontalPodAutoscaler,
  'batch/v1 CronJob': cronJob,
  'batch/v1 Job': job,
  'multicluster.x-k8s.io/v1alpha1 ServiceImport': serviceImport,
  'networking.k8s.io/v1 Ingress': ingress,
  'policy/v1 PodDisruptionBudget': podDisruptionBudget,
  'v1 PersistentVolume': persistentVolume,
  'v1 PersistentVolumeClaim': persistentVolumeClaim,
  'v1 Pod': pod,
  'v1 Secret': secret,
  'v1 Service': service,
  'v1 ServiceAccount': serviceAccount,
};

const anyKind: Interpreter = { reflect: async observed => guarded(() => wholeStatus(observed)) };

/** Built-in kinds; `InterpretStatus` of every other kind too. */
export function nativeLayer(clock: Clock): InterpreterLayer {
  const built = new Map(Object.entries(RULES).map(([id, rules]) => [id, interpreterOf(rules, clock)]));
  return { name: 'native', interpreterFor: (apiVersion, kind) => built.get(`${apiVersion} ${kind}`) ?? anyKind };
}

function interpreterOf(rules: NativeRules, clock: Clock): Interpreter {
  const { replicas, revise, retain, aggregate, dependencies, reflect = wholeStatus, health } = rules;
  return {
    ...(replicas && { replicas: async object => guarded(() => replicas(object)) }),
    ...(revise && { revise: async (object, count) => guarded(() => revise(object, count)) }),
    ...(retain && { retain: async (desired, observed) => guarded(() => retain(desired, observed)) }),
    ...(aggregate && { aggregate: async (object, items = []) => guarded(() => aggregate(object, items, clock)) }),
    ...(dependencies && { dependencies: async object => guarded(() => checkDependencies(dependencies(object))) }),
    reflect: async observed => guarded(() => reflect(observed)),
    ...(health && { health: async observed => guarded(() => health(observed)) }),
  };
}

function guarded<T>(f: () => T): T {
  try {
    return f();
  } catch (error) {
    throw isStatusError(error) ? error : plain500((error as Error).message);
  }
}

function wholeStatus(observed: AnyObject): unknown {
  const { status } = observed;
  if (status === undefined) return undefined;
  if (!isObject(status)) throw plain500('.status is not an object');
  return status;
}
