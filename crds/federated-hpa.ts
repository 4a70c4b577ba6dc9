// FederatedHPA: scales a workload over all clusters by metrics; the form follows autoscaling/v2.
import { z } from 'zod';
import type { KubeObject } from '../kube/index.ts';
import { crossVersionObjectReference } from './scale-target.ts';
import { atomicList, type Infer, int64, mapList, quantity, time } from './schema.ts';
import { labelSelector } from './selectors.ts';

const metricIdentifier = z.object({ name: z.string(), selector: labelSelector.exactOptional() });

const metricTarget = z.object({
  type: z.string().describe('Utilization, Value or AverageValue.'),
  value: quantity().exactOptional(),
  averageValue: quantity().exactOptional(),
  averageUtilization: z.int32().exactOptional().describe('Percent of what the pods request.'),
});

const metricValue = z.object({
  value: quantity().exactOptional(),
  averageValue: quantity().exactOptional(),
  averageUtilization: z.int32().exactOptional(),
});

const target = metricTarget;
const metricSpec = z.object({
  type: z.string().describe('ContainerResource, External, Object, Pods or Resource: the field that is filled.'),
  object: z.object({ describedObject: crossVersionObjectReference, target, metric: metricIdentifier }).exactOptional(),
  pods: z.object({ metric: metricIdentifier, target }).exactOptional(),
  resource: z.object({ name: z.string(), target }).exactOptional(),
  containerResource: z.object({ name: z.string(), target, container: z.string() }).exactOptional(),
  external: z.object({ metric: metricIdentifier, target }).exactOptional(),
});
export type MetricSpec = Infer<typeof metricSpec>;

const scalingRules = z.object({
  stabilizationWindowSeconds: z.int32().exactOptional(),
  selectPolicy: z.string().exactOptional().describe('Max, Min or Disabled.'),
  policies: atomicList(z.object({ type: z.string(), value: z.int32(), periodSeconds: z.int32() })).exactOptional(),
  tolerance: quantity().exactOptional(),
});

const spec = z.object({
  scaleTargetRef: crossVersionObjectReference,
  minReplicas: z.int32().exactOptional().describe('Default 1.'),
  maxReplicas: z.int32(),
  metrics: z.array(metricSpec).exactOptional().describe('Default: 80 percent of requested cpu.'),
  behavior: z.object({ scaleUp: scalingRules.exactOptional(), scaleDown: scalingRules.exactOptional() }).exactOptional(),
});

const current = metricValue;
const metricStatus = z.object({
  type: z.string(),
  object: z.object({ metric: metricIdentifier, current, describedObject: crossVersionObjectReference }).exactOptional(),
  pods: z.object({ metric: metricIdentifier, current }).exactOptional(),
  resource: z.object({ name: z.string(), current }).exactOptional(),
  containerResource: z.object({ name: z.string(), current, container: z.string() }).exactOptional(),
  external: z.object({ metric: metricIdentifier, current }).exactOptional(),
});

const condition = z.object({
  type: z.string(),
  status: z.string(),
  lastTransitionTime: time().exactOptional(),
  reason: z.string().exactOptional(),
  message: z.string().exactOptional(),
});

const status = z.object({
  observedGeneration: int64().exactOptional(),
  lastScaleTime: time().exactOptional(),
  currentReplicas: z.int32().exactOptional(),
  desiredReplicas: z.int32(),
  currentMetrics: atomicList(metricStatus).exactOptional(),
  conditions: mapList(condition, 'type').exactOptional(),
});

export const federatedHPA = z.object({ spec, status: status.exactOptional() }).describe('Scales a workload over all clusters by metrics.');
export interface FederatedHPA extends KubeObject, Infer<typeof federatedHPA> {}
