// What each metric of a FederatedHPA asks for: samples from the metrics APIs of the control plane, put through the rules of replicas.ts.
import type { FederatedHPA, MetricSpec } from '../../crds/index.ts';
import {
  type AnyObject,
  at,
  type Client,
  formatLabelSelector,
  formatQuantity,
  labelSelector,
  listOf,
  milliQuantity,
  type PodCalculation,
  type Proposal,
  parseQuantity,
  quantityMilliValue,
  quantityOfJson,
  replicasByAverage,
  replicasByObject,
  replicasByObjectAverage,
  replicasByUtilization,
  resource,
  stringOf,
} from '../../kube/index.ts';

const podMetrics = resource({ group: 'metrics.k8s.io', version: 'v1beta1', kind: 'PodMetrics', plural: 'pods', scope: 'Namespaced' });
const customMetrics = resource({
  group: 'custom.metrics.k8s.io',
  version: 'v1beta2',
  kind: 'MetricValueList',
  plural: 'pods',
  scope: 'Namespaced',
});

export type MetricStatus = NonNullable<NonNullable<FederatedHPA['status']>['currentMetrics']>[number];

export interface MetricProposal extends Proposal {
  readonly title: string;
  readonly status: MetricStatus;
}

export interface MetricInput {
  readonly hub: Client;
  readonly namespace: string;
  /** Selects the pods of the target. */
  readonly selector: string;
  readonly calculation: Omit<PodCalculation, 'metrics' | 'cpu'>;
}

/** A metric that could not be read; `reason` for ScalingActive and the Event. */
export class MetricError extends Error {
  override readonly name = 'MetricError';
  readonly reason: string;

  constructor(reason: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  Object: 'FailedGetObjectMetric',
  Pods: 'FailedGetPodsMetric',
  Resource: 'FailedGetResourceMetric',
  ContainerResource: 'FailedGetContainerResourceMetric',
};

/** Throws a MetricError. */
export async function proposalOf(metric: MetricSpec, o: MetricInput, signal: AbortSignal): Promise<MetricProposal> {
  const reason = Object.hasOwn(REASONS, metric.type) ? REASONS[metric.type] : undefined;
  if (reason === undefined) throw new MetricError('InvalidMetricSourceType', `unknown metric source type "${metric.type}"`);
  try {
    if (metric.type === 'Resource' && metric.resource) return await byResource(metric.resource, o, signal);
    if (metric.type === 'ContainerResource' && metric.containerResource) return await byResource(metric.containerResource, o, signal);
    if (metric.type === 'Pods' && metric.pods) return await byPods(metric.pods, o, signal);
    if (metric.type === 'Object' && metric.object) return await byObject(metric.object, o, signal);
    throw new Error(`the source of a metric of type ${metric.type} is missing`);
  } catch (cause) {
    signal.throwIfAborted();
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new MetricError(reason, text, cause);
  }
}

const milli = (value: unknown): number => Number(quantityMilliValue(quantityOfJson(value)));
const shown = (value: number): string => formatQuantity(milliQuantity(value));

type ResourceSource = NonNullable<MetricSpec['resource']> & { readonly container?: string };

async function byResource(source: ResourceSource, o: MetricInput, signal: AbortSignal): Promise<MetricProposal> {
  const { name, target, container } = source;
  const found = await o.hub.list(podMetrics, { namespace: o.namespace, labelSelector: o.selector, signal });
  const metrics = new Map(found.items.flatMap(item => samples(item, name, container)));
  if (metrics.size === 0) throw new Error(`no metrics returned from resource metrics API for ${name}`);
  const c: PodCalculation = { ...o.calculation, metrics, cpu: name === 'cpu' };
  const kind = container === undefined ? 'resource' : 'container resource';
  const statusOf = ({ usage, utilization }: Proposal): MetricStatus => {
    const current = { averageValue: shown(usage), ...(utilization === undefined ? {} : { averageUtilization: utilization }) };
    if (container === undefined) return { type: 'Resource', resource: { name, current } };
    return { type: 'ContainerResource', containerResource: { name, container, current } };
  };
  if (target.averageValue !== undefined) {
    const proposal = replicasByAverage(c, milli(target.averageValue));
    return { ...proposal, title: `${name} ${kind}`, status: statusOf(proposal) };
  }
  if (target.averageUtilization === undefined)
    throw new Error('invalid resource metric source: neither an average utilization nor an average value target was set');
  const proposal = replicasByUtilization(c, { target: target.averageUtilization, resource: name, container: container ?? '' });
  return { ...proposal, title: `${name} ${kind} utilization (percentage of request)`, status: statusOf(proposal) };
}

/** The usage of a pod; none where one of its containers was not measured. */
function samples(item: AnyObject, name: string, container: string | undefined): [string, number][] {
  const counted = listOf(item['containers']).filter(c => container === undefined || at(c, 'name') === container);
  const usages = counted.map(c => at(c, 'usage', name));
  if (usages.length === 0 || usages.includes(undefined)) return [];
  return [[item.metadata.name ?? '', usages.reduce<number>((sum, usage) => sum + milli(usage), 0)]];
}

async function values(
  o: MetricInput,
  about: { readonly plural: string; readonly name: string; readonly metric: string },
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  const answer = await o.hub.get(
    { ...customMetrics, plural: about.plural },
    { namespace: o.namespace, name: about.name },
    { subresource: about.metric, signal },
  );
  return listOf(answer['items']);
}

type Identifier = NonNullable<MetricSpec['pods']>['metric'];

/** Samples of a series that the metric's own selector accepts. */
function selected(items: readonly unknown[], { selector }: Identifier): readonly unknown[] {
  if (!selector) return items;
  const rule = labelSelector(selector);
  return items.filter(item => rule.matches((at(item, 'metric', 'selector', 'matchLabels') ?? {}) as Record<string, string>));
}

async function byPods({ metric, target }: NonNullable<MetricSpec['pods']>, o: MetricInput, signal: AbortSignal): Promise<MetricProposal> {
  if (target.averageValue === undefined) throw new Error('invalid pods metric source: target.averageValue is not set');
  const known = new Set(o.calculation.pods.map(({ metadata }) => metadata.name));
  const items = selected(await values(o, { plural: 'pods', name: '*', metric: metric.name }, signal), metric);
  const metrics = new Map(
    items
      .map(item => [stringOf(at(item, 'describedObject', 'name')), milli(at(item, 'value'))] as const)
      .filter(([name]) => known.has(name)),
  );
  const proposal = replicasByAverage({ ...o.calculation, metrics, cpu: false }, milli(target.averageValue));
  const status: MetricStatus = { type: 'Pods', pods: { metric, current: { averageValue: shown(proposal.usage) } } };
  return { ...proposal, title: `pods metric ${metric.name}`, status };
}

async function byObject(source: NonNullable<MetricSpec['object']>, o: MetricInput, signal: AbortSignal): Promise<MetricProposal> {
  const { describedObject, metric, target } = source;
  const plural = `${describedObject.kind.toLowerCase()}s`;
  const [item] = selected(await values(o, { plural, name: describedObject.name, metric: metric.name }, signal), metric);
  if (item === undefined) throw new Error(`no metric ${metric.name} of ${describedObject.kind} ${describedObject.name}`);
  const usage = milli(at(item, 'value'));
  const selector = metric.selector ? `(${formatLabelSelector(metric.selector)})` : '';
  const title = `${describedObject.kind} metric ${metric.name}${selector}`;
  if (target.value !== undefined) {
    const proposal = replicasByObject(o.calculation, { target: Number(quantityMilliValue(parseQuantity(String(target.value)))), usage });
    return {
      ...proposal,
      title,
      status: { type: 'Object', object: { metric, describedObject, current: { value: shown(proposal.usage) } } },
    };
  }
  if (target.averageValue === undefined)
    throw new Error('invalid object metric source: neither a value target nor an average value target was set');
  const proposal = replicasByObjectAverage(o.calculation, { target: milli(target.averageValue), usage });
  return {
    ...proposal,
    title,
    status: { type: 'Object', object: { metric, describedObject, current: { averageValue: shown(proposal.usage) } } },
  };
}
