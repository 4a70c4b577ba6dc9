// HorizontalPodAutoscalers are stored as autoscaling/v2. The older version knows one metric, the CPU of the pods; everything else
// travels in annotations, so that an object read and written in the older version loses nothing.
import { type AnyObject, at, isObject, listOf, objectOf } from '../../kube/index.ts';

type Raw = Record<string, unknown>;

const METRICS = 'autoscaling.alpha.kubernetes.io/metrics';
const CURRENT = 'autoscaling.alpha.kubernetes.io/current-metrics';
const CONDITIONS = 'autoscaling.alpha.kubernetes.io/conditions';
const BEHAVIOR = 'autoscaling.alpha.kubernetes.io/behavior';
const OURS = [METRICS, CURRENT, CONDITIONS, BEHAVIOR];

const isCpu = (metric: unknown): boolean =>
  at(metric, 'type') === 'Resource' &&
  at(metric, 'resource', 'name') === 'cpu' &&
  at(metric, 'resource', 'target', 'averageUtilization') !== undefined;

const isCurrentCpu = (metric: unknown): boolean => at(metric, 'type') === 'Resource' && at(metric, 'resource', 'name') === 'cpu';

/** The view of autoscaling/v1 on an autoscaler of autoscaling/v2. */
export function autoscalerFromStored(object: AnyObject): AnyObject {
  const { metrics, behavior, ...spec } = objectOf(object['spec']);
  const { currentMetrics, conditions, ...status } = objectOf(object['status']);
  const cpu = listOf(metrics).find(isCpu);
  const now = listOf(currentMetrics).find(isCurrentCpu);
  const usage = at(now, 'resource', 'current', 'averageUtilization');
  const rest = listOf(metrics).filter(m => m !== cpu);
  const annotations: Raw = { ...object.metadata.annotations };
  if (rest.length > 0) annotations[METRICS] = JSON.stringify(rest.map(olderMetric));
  if (listOf(currentMetrics).some(m => m !== now)) annotations[CURRENT] = JSON.stringify(listOf(currentMetrics).filter(m => m !== now));
  if (listOf(conditions).length > 0) annotations[CONDITIONS] = JSON.stringify(conditions);
  if (isObject(behavior)) annotations[BEHAVIOR] = JSON.stringify(capitalBehavior(behavior));
  return {
    ...object,
    apiVersion: 'autoscaling/v1',
    metadata: { ...object.metadata, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) } as AnyObject['metadata'],
    spec: { ...spec, ...(cpu ? { targetCPUUtilizationPercentage: at(cpu, 'resource', 'target', 'averageUtilization') } : {}) },
    status: {
      currentReplicas: 0,
      desiredReplicas: 0,
      ...status,
      ...(usage === undefined ? {} : { currentCPUUtilizationPercentage: usage }),
    },
  };
}

/** An autoscaler of autoscaling/v1 as it is stored. */
export function autoscalerToStored(object: AnyObject): AnyObject {
  const { targetCPUUtilizationPercentage: target, ...spec } = objectOf(object['spec']);
  const { currentCPUUtilizationPercentage: usage, currentReplicas, ...status } = objectOf(object['status']);
  const kept = objectOf(object.metadata.annotations);
  const annotations = Object.fromEntries(Object.entries(kept).filter(([key]) => !OURS.includes(key)));
  const metrics = listOf(read(kept[METRICS])).map(newerMetric);
  if (target !== undefined)
    metrics.push({ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: target } } });
  const current = [...listOf(read(kept[CURRENT]))];
  if (usage !== undefined) current.push({ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: usage } } });
  const behavior = read(kept[BEHAVIOR]);
  const conditions = listOf(read(kept[CONDITIONS]));
  const { annotations: _gone, ...metadata } = object.metadata;
  return {
    ...object,
    apiVersion: 'autoscaling/v2',
    metadata: { ...metadata, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) } as AnyObject['metadata'],
    spec: { ...spec, ...(metrics.length > 0 ? { metrics } : {}), ...(isObject(behavior) ? { behavior: smallBehavior(behavior) } : {}) },
    status: {
      desiredReplicas: 0,
      ...status,
      ...(currentReplicas ? { currentReplicas } : {}),
      currentMetrics: current.length > 0 ? current : null,
      ...(conditions.length > 0 ? { conditions } : {}),
    },
  };
}

function read(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const SOURCES = ['object', 'pods', 'resource', 'containerResource', 'external'] as const;
const TARGETS: readonly (readonly [string, string, string])[] = [
  ['averageUtilization', 'targetAverageUtilization', 'Utilization'],
  ['averageValue', 'targetAverageValue', 'AverageValue'],
  ['value', 'targetValue', 'Value'],
];

/** The annotation has targets beside the metric's other fields. */
function olderMetric(metric: unknown): Raw {
  const out: Raw = { ...objectOf(metric) };
  for (const source of SOURCES) {
    const given = out[source];
    if (!isObject(given)) continue;
    const { target, ...fields } = given;
    const flat: Raw = { ...fields };
    for (const [newer, older] of TARGETS) if (at(target, newer) !== undefined) flat[older] = at(target, newer);
    out[source] = flat;
  }
  return out;
}

function newerMetric(metric: unknown): Raw {
  const out: Raw = { ...objectOf(metric) };
  for (const source of SOURCES) {
    const given = out[source];
    if (!isObject(given)) continue;
    const fields: Raw = { ...given };
    const target: Raw = {};
    for (const [newer, older, type] of TARGETS) {
      if (fields[older] === undefined) continue;
      target[newer] = fields[older];
      target['type'] ??= type;
      delete fields[older];
    }
    out[source] = { ...fields, target };
  }
  return out;
}

/** The annotation spells the fields of behavior with capitals, all of them. */
function capitalBehavior(behavior: Raw): Raw {
  return Object.fromEntries(
    [
      ['ScaleUp', behavior['scaleUp']],
      ['ScaleDown', behavior['scaleDown']],
    ].map(([key, rules]) => [key, isObject(rules) ? capitalRules(rules) : null]),
  );
}

const capitalRules = (rules: Raw): Raw => ({
  StabilizationWindowSeconds: rules['stabilizationWindowSeconds'] ?? null,
  SelectPolicy: rules['selectPolicy'] ?? null,
  Policies: Array.isArray(rules['policies'])
    ? rules['policies'].map(p => ({ Type: at(p, 'type'), Value: at(p, 'value'), PeriodSeconds: at(p, 'periodSeconds') }))
    : null,
  Tolerance: rules['tolerance'] ?? null,
});

function smallBehavior(behavior: Raw): Raw {
  const rules = (given: unknown): Raw => {
    const small: Raw = {};
    for (const [key, value] of Object.entries(objectOf(given))) {
      if (value === null) continue;
      const name = key.charAt(0).toLowerCase() + key.slice(1);
      small[name] = Array.isArray(value)
        ? value.map(p => Object.fromEntries(Object.entries(objectOf(p)).map(([k, v]) => [k.charAt(0).toLowerCase() + k.slice(1), v])))
        : value;
    }
    return small;
  };
  return {
    ...(behavior['ScaleUp'] ? { scaleUp: rules(behavior['ScaleUp']) } : {}),
    ...(behavior['ScaleDown'] ? { scaleDown: rules(behavior['ScaleDown']) } : {}),
  };
}
