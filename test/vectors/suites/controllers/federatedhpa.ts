// How many replicas a metric asks for.

import type { AnyObject } from '../../../../kube/index.ts';
import { replicasByAverage, replicasByObject, replicasByObjectAverage, replicasByUtilization } from '../../../../kube/index.ts';
import { agree, differ, type Suite } from '../../suite.ts';
import { compareLoose } from './compare.ts';

interface In {
  readonly fn: string;
  readonly currentReplicas: number;
  readonly calibration: number;
  readonly target: number;
  readonly metrics?: Readonly<Record<string, number>>;
  readonly objectMetric?: number;
  readonly pods?: readonly AnyObject[];
  readonly resource?: string;
  readonly container?: string;
}

/** Long after the recorded pods started. */
const NOW = Date.UTC(2026, 7, 1);

export const suite: Suite = {
  check(c) {
    const { error } = c.out as { error?: string };
    try {
      return compareLoose(calculate(c.in as unknown as In), c.out);
    } catch (thrown) {
      return (thrown as Error).message === error ? agree : differ(String(thrown), c.out);
    }
  },
};

function calculate(input: In): unknown {
  const {
    fn,
    currentReplicas,
    calibration,
    target,
    metrics = {},
    objectMetric: usage = 0,
    pods = [],
    resource = '',
    container = '',
  } = input;
  const base = { currentReplicas, calibration, tolerance: 0.1, pods };
  const periods = { nowMs: NOW, cpuInitializationMs: 300_000, initialReadinessDelayMs: 30_000 };
  const overPods = { ...base, periods, metrics: new Map(Object.entries(metrics)), cpu: resource === 'cpu' };
  switch (fn) {
    case 'resourceUtilization':
      return replicasByUtilization(overPods, { target, resource, container });
    case 'resourceValue':
      return replicasByAverage(overPods, target);
    case 'pods':
      return replicasByAverage({ ...overPods, cpu: false }, target);
    case 'object':
      return replicasByObject(base, { target, usage });
    default:
      return replicasByObjectAverage(base, { target, usage });
  }
}
