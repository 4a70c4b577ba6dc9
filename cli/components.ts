// Controllers and scheduler wired to a control plane, whether its API server is in this process or somewhere else.
import { type ControllerManagerOptions, controllers, type Discover } from '../controllers/index.ts';
import {
  clusters,
  type FeatureGates,
  gateEnabled,
  resourceInterpreterCustomizations,
  resourceInterpreterWebhookConfigurations,
} from '../crds/index.ts';
import { type MemberEstimator, memberEstimator } from '../estimator/index.ts';
import { interpreterChain } from '../interpreter/index.ts';
import {
  type Client,
  type Clock,
  eventRecorder,
  getOrUndefined,
  type Informer,
  informer,
  type KubeObject,
  type Logger,
  type Metrics,
  type RawClient,
  type Runnable,
  resource,
  runAll,
} from '../kube/index.ts';
import { type Scheduler, type SchedulerFlags, scheduler } from '../scheduler/index.ts';
import { connectMember, type MemberLimits } from './connect.ts';
import { serviceHost } from './service-host.ts';

export interface ComponentOptions {
  readonly hub: Client & Partial<RawClient>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly gates: FeatureGates;
  readonly metrics?: Metrics;
}

export interface ControllersOptions extends ComponentOptions {
  readonly options?: Partial<ControllerManagerOptions>;
  /** Absent: discovery goes through the client's raw requests. */
  readonly discover?: Discover;
  readonly version: string;
  readonly limits?: MemberLimits;
}

/** The controller manager with its interpreters. */
export function controllersComponent(o: ControllersOptions): Runnable {
  const { hub, clock, log, gates } = o;
  const customizations = informer({ client: hub, clock, resource: resourceInterpreterCustomizations, log });
  const configurations = informer({ client: hub, clock, resource: resourceInterpreterWebhookConfigurations, log });
  return {
    name: 'controllers',
    async run(signal) {
      const interpreter = interpreterChain({
        clock,
        customizations: present(customizations),
        webhooks: { configurations: present(configurations), serviceHost: serviceHost(hub) },
      });
      const manager = controllers({
        hub,
        clock,
        log,
        gates,
        interpreter,
        recorder: eventRecorder({ client: hub, clock, component: 'karmada-controller-manager' }),
        connect: (cluster, secret) => connectMember(cluster, secret, { clock, userAgent: `flotilla/${o.version}`, ...o.limits }),
        ...(o.discover ? { discover: o.discover } : {}),
        ...(o.options ? { options: o.options } : {}),
        ...(o.metrics ? { metrics: o.metrics } : {}),
      });
      try {
        await runAll([following(customizations), following(configurations), { name: 'manager', run: s => manager.run(s) }], signal);
      } finally {
        interpreter.close();
      }
    },
  };
}

export interface SchedulerComponentOptions extends ComponentOptions {
  readonly flags?: Partial<SchedulerFlags>;
  /** Present where members without an estimator of their own get one in this process. */
  readonly near?: { readonly version: string; readonly limits?: MemberLimits };
}

export function schedulerComponent(o: SchedulerComponentOptions): Scheduler {
  const events = eventRecorder({ client: o.hub, clock: o.clock, component: 'default-scheduler' });
  const flags = { ...o.flags, featureGates: o.gates as Readonly<Record<string, boolean>> };
  const { near: wanted } = o;
  const near = wanted ? { nearEstimators: (name: string, signal: AbortSignal) => nearEstimator(o, { ...wanted, name }, signal) } : {};
  return scheduler({ hub: o.hub, clock: o.clock, events, log: o.log, flags, ...(o.metrics ? { metrics: o.metrics } : {}), ...near });
}

const SECRETS = resource({ group: '', version: 'v1', kind: 'Secret', plural: 'secrets', scope: 'Namespaced' });

/** The estimator of a member, reading it with the credentials of its Cluster. */
async function nearEstimator(
  { hub, clock, log, gates }: SchedulerComponentOptions,
  near: NonNullable<SchedulerComponentOptions['near']> & { readonly name: string },
  signal: AbortSignal,
): Promise<MemberEstimator> {
  const cluster = await hub.get(clusters, { name: near.name }, { signal });
  const { secretRef } = cluster.spec;
  const secret = secretRef && (await getOrUndefined(hub, SECRETS, secretRef, { signal }));
  const member = connectMember(cluster, secret, { clock, userAgent: `flotilla/${near.version}`, ...near.limits });
  const estimator = memberEstimator({
    member,
    clock,
    log,
    countQuotas: gateEnabled(gates, 'ResourceQuotaEstimate'),
    countAssumed: gateEnabled(gates, 'SchedulingOvercommitProtection'),
  });
  return { ...estimator, run: s => estimator.run(s).finally(() => member.close()) };
}

const following = <T extends KubeObject>(copy: Informer<T>): Runnable => ({ name: copy.resource.plural, run: signal => copy.run(signal) });

/** All objects of a copy: the same list as long as nothing changes. */
function present<T extends KubeObject>(copy: Informer<T>): () => readonly T[] {
  let list: readonly T[] = [];
  copy.subscribe(() => {
    list = copy.list();
  });
  return () => list;
}
