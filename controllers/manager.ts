// All controllers of the control plane, put together: `--controllers` names choose among them.
import { type Cluster, clusters, executionSpace, type FeatureGates, gateEnabled, works } from '../crds/index.ts';
import type { InterpreterLayer } from '../interpreter/index.ts';
import {
  type AnyObject,
  type Client,
  type Clock,
  type EventRecorder,
  type Logger,
  type Metrics,
  type RawClient,
  type Resource,
  type Runnable,
  resource,
  runAll,
  silent,
} from '../kube/index.ts';
import { agentCsrApprovingController } from './agent-csr-approving/index.ts';
import { applicationFailoverControllers } from './application-failover/index.ts';
import { Backlog } from './backlog.ts';
import { bindingControllers } from './binding/index.ts';
import { bindingStatusControllers } from './binding-status/index.ts';
import { clusterControllers } from './cluster/index.ts';
import { clusterStatusController } from './cluster-status/index.ts';
import { clusterTaintPolicyController } from './cluster-taint-policy/index.ts';
import type { ControllerContext, ControllerRuntime } from './context.ts';
import { cronFederatedHPAController } from './cron-federated-hpa/index.ts';
import { dependenciesDistributor } from './dependencies/index.ts';
import { deploymentReplicasSyncer } from './deployment-replicas-syncer/index.ts';
import { detector } from './detector/index.ts';
import { type Discover, discoverOver } from './discovery.ts';
import { endpointSliceController } from './endpointslice/index.ts';
import { endpointSliceCollectController } from './endpointslice-collect/index.ts';
import { endpointSliceDispatchController } from './endpointslice-dispatch/index.ts';
import { executionController } from './execution/index.ts';
import { MemberVersions } from './execution/versions.ts';
import { federatedHPAController } from './federated-hpa/index.ts';
import { gracefulEvictionControllers } from './graceful-eviction/index.ts';
import { hpaScaleTargetMarker } from './hpa-scale-target-marker/index.ts';
import { type Connect, Members } from './members.ts';
import { clusterMetrics, karmadaMetrics } from './metrics.ts';
import { multiClusterServiceController } from './multi-cluster-service/index.ts';
import { namespaceSyncController } from './namespace-sync/index.ts';
import { type ControllerManagerOptions, defaultOptions, isSelected } from './options.ts';
import { quotaEnforcementControllers, quotaStatusController, quotaSyncController } from './quota/index.ts';
import { workloadRebalancerController } from './rebalancer/index.ts';
import { remedyController } from './remedy/index.ts';
import { RestMapper } from './rest-mapper.ts';
import { serviceExportController } from './service-export/index.ts';
import { serviceImportController } from './service-import/index.ts';
import { SharedInformers } from './shared-informers.ts';
import { syncRecords } from './sync-records.ts';
import { taintManager } from './taint-manager/index.ts';
import { unifiedAuthController } from './unified-auth/index.ts';
import { workStatusControllers } from './work-status/index.ts';

export interface ControllersConfig {
  /** The control plane; discovery goes through `raw` unless `discover` is given. */
  readonly hub: Client & Partial<RawClient>;
  readonly discover?: Discover;
  readonly clock: Clock;
  readonly connect: Connect;
  readonly interpreter: InterpreterLayer;
  readonly recorder: EventRecorder;
  readonly options?: Partial<ControllerManagerOptions>;
  readonly gates?: FeatureGates;
  readonly log?: Logger;
  readonly metrics?: Metrics;
  /** The one cluster of an agent; absent in the control plane, which serves the clusters in push mode. */
  readonly ownCluster?: string;
}

type Factory = (context: ControllerContext) => readonly Runnable[];

/** Names of specification §10.1. */
const FACTORIES: Readonly<Record<string, Factory>> = {
  cluster: context => [...clusterControllers(context), ...taintManager(context)],
  clusterStatus: context => [clusterStatusController(context)],
  binding: bindingControllers,
  bindingStatus: bindingStatusControllers,
  execution: context => [executionController(context)],
  workStatus: workStatusControllers,
  namespace: context => [namespaceSyncController(context)],
  serviceExport: context => [serviceExportController(context)],
  endpointSlice: context => [endpointSliceController(context)],
  serviceImport: context => [serviceImportController(context)],
  multiclusterservice: context => withGate(context, 'MultiClusterService', multiClusterServiceController),
  endpointsliceCollect: context => withGate(context, 'MultiClusterService', endpointSliceCollectController),
  endpointsliceDispatch: context => withGate(context, 'MultiClusterService', endpointSliceDispatchController),
  agentcsrapproving: context => [agentCsrApprovingController(context)],
  federatedHorizontalPodAutoscaler: context => [federatedHPAController(context)],
  unifiedAuth: context => [unifiedAuthController(context)],
  gracefulEviction: context => (gateEnabled(context.gates, 'GracefulEviction') ? gracefulEvictionControllers(context) : []),
  applicationFailover: applicationFailoverControllers,
  federatedResourceQuotaSync: context => [quotaSyncController(context)],
  federatedResourceQuotaStatus: context => [quotaStatusController(context)],
  federatedResourceQuotaEnforcement: quotaEnforcementControllers,
  cronFederatedHorizontalPodAutoscaler: context => [cronFederatedHPAController(context)],
  hpaScaleTargetMarker: context => [hpaScaleTargetMarker(context)],
  deploymentReplicasSyncer: context => [deploymentReplicasSyncer(context)],
  remedy: context => [remedyController(context)],
  workloadRebalancer: context => [workloadRebalancerController(context)],
  clustertaintpolicy: clusterTaintPolicyController,
};

const withGate = (context: ControllerContext, gate: keyof FeatureGates, factory: (context: ControllerContext) => Runnable): Runnable[] =>
  gateEnabled(context.gates, gate) ? [factory(context)] : [];

/** What an agent runs beside its cluster. */
const AGENT = new Set(['clusterStatus', 'execution', 'workStatus', 'serviceExport', 'endpointsliceCollect']);

/** Names that `--controllers` accepts. */
export const controllerNames: readonly string[] = Object.keys(FACTORIES);

const secrets = resource({ group: '', version: 'v1', kind: 'Secret', plural: 'secrets', scope: 'Namespaced' });

/** Runs until the signal fires. */
export function controllers(config: ControllersConfig): { run(signal: AbortSignal): Promise<void> } {
  return { run: signal => runAll(runnables(contextOf(config, signal), config.ownCluster !== undefined), signal) };
}

function runnables(context: ControllerContext, isAgent: boolean): Runnable[] {
  const selected = Object.entries(FACTORIES).filter(
    ([name]) => isSelected(name, context.options.controllers) && (!isAgent || AGENT.has(name)),
  );
  const chosen = selected.flatMap(([, factory]) => factory(context));
  if (isAgent) return chosen;
  return [...detector(context), ...(gateEnabled(context.gates, 'PropagateDeps') ? [dependenciesDistributor(context)] : []), ...chosen];
}

function contextOf(config: ControllersConfig, signal: AbortSignal): ControllerContext {
  const { hub, clock, connect, interpreter, recorder, gates = {}, log = silent, ownCluster } = config;
  const selection = ownCluster === undefined ? undefined : (r: Resource) => agentSelection(r, ownCluster);
  const informers = new SharedInformers({ client: hub, clock, log, signal, ...(selection ? { selection } : {}) });
  const secretsCopy = ownCluster === undefined ? informers.of(secrets) : undefined;
  const members = new Members({
    record: syncRecords({ hub, clock, log, informers, isAgent: ownCluster !== undefined, signal }),
    clock,
    log,
    connect,
    signal,
    serves: (cluster: Cluster) => (ownCluster === undefined ? cluster.spec.syncMode !== 'Pull' : cluster.metadata.name === ownCluster),
    secretOf: ({ spec }: Cluster): AnyObject | undefined =>
      spec.secretRef && secretsCopy?.get(`${spec.secretRef.namespace}/${spec.secretRef.name}`),
  });
  const clusterCopy = informers.of(clusters);
  const options = { ...defaultOptions, ...config.options };
  if (config.metrics) clusterMetrics(config.metrics, () => clusterCopy.list());
  return {
    hub,
    clock,
    log,
    informers,
    members,
    mapper: new RestMapper(config.discover ?? discoveryOf(hub), clock),
    interpreters: interpreter,
    recorder,
    gates,
    options,
    backlog: new Backlog(),
    reported: new MemberVersions(),
    runtime: runtimeOf(config, options),
  };
}

function runtimeOf({ metrics, gates }: ControllersConfig, options: ControllerManagerOptions): ControllerRuntime {
  return {
    limits: {
      baseDelayMs: options.rateLimiterBaseDelayMs,
      maxDelayMs: options.rateLimiterMaxDelayMs,
      qps: options.rateLimiterQps,
      burst: options.rateLimiterBucketSize,
    },
    prioritized: gateEnabled(gates, 'ControllerPriorityQueue'),
    ...(metrics ? { metrics, onReconcile: karmadaMetrics(metrics) } : {}),
  };
}

/** An agent sees its own Cluster and its own execution space. */
function agentSelection({ plural }: Resource, cluster: string): { readonly namespace?: string; readonly fieldSelector?: string } {
  if (plural === clusters.plural) return { fieldSelector: `metadata.name=${cluster}` };
  return plural === works.plural ? { namespace: executionSpace(cluster) } : {};
}

function discoveryOf(hub: Client & Partial<RawClient>): Discover {
  if (!hub.raw) throw new Error('the client of the control plane has no raw requests: pass `discover`');
  return discoverOver(hub as RawClient);
}
