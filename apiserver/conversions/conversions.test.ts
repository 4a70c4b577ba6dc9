import { expect, test } from 'vitest';
import { autoscalerFromStored, autoscalerToStored } from './autoscalers.ts';
import { eventConversion } from './events.ts';

const autoscaler = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'a', annotations: { own: 'kept' } },
  spec: {
    maxReplicas: 4,
    metrics: [
      { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } } },
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
    ],
    behavior: { scaleUp: { stabilizationWindowSeconds: 0, policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }] } },
  },
  status: { desiredReplicas: 0, currentMetrics: null },
};

test('an autoscaler read and written in the older version loses nothing', () => {
  const older = autoscalerFromStored(autoscaler);
  expect(older['spec']).toEqual({ maxReplicas: 4, targetCPUUtilizationPercentage: 70 });
  expect(autoscalerToStored(older)).toEqual(autoscaler);
});

test('an event is the same event in both groups', () => {
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'e' },
    involvedObject: { kind: 'Pod' },
    message: 'm',
    count: 2,
    reason: 'R',
  };
  const newer = eventConversion.fromStored(event);
  expect(newer).toMatchObject({ apiVersion: 'events.k8s.io/v1', regarding: { kind: 'Pod' }, note: 'm', deprecatedCount: 2, reason: 'R' });
  expect(eventConversion.toStored(newer)).toEqual(event);
});
