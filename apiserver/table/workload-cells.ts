// The cells of workloads and of what scales and guards them.
import { at, humanAge, labelSelector, timeMillis } from '../../kube/index.ts';
import {
  age,
  type Cells,
  condition,
  containerCells,
  items,
  type Json,
  labelText,
  NONE,
  name,
  number,
  quantityText,
  selectorText,
  since,
  text,
  UNKNOWN,
  UNSET,
} from './cells.ts';

const template = (o: unknown): [string, string] => containerCells(at(o, 'spec', 'template', 'spec'));

const exactSelector = (selector: unknown): string => {
  try {
    return selector ? labelSelector(selector as Json).toString() : '';
  } catch {
    return '<invalid>';
  }
};

function jobStatus(job: unknown): string {
  const holds = (type: string): boolean => condition(job, type)?.['status'] === 'True';
  if (holds('Complete')) return 'Complete';
  if (holds('Failed')) return 'Failed';
  if (at(job, 'metadata', 'deletionTimestamp')) return 'Terminating';
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(holds) ?? 'Running';
}

function jobCompletions(job: unknown): string {
  const wanted = at(job, 'spec', 'completions');
  const done = number(job, 'status', 'succeeded');
  if (typeof wanted === 'number') return `${done}/${wanted}`;
  const parallel = number(job, 'spec', 'parallelism');
  return parallel > 1 ? `${done}/1 of ${parallel}` : `${done}/1`;
}

function jobDuration(job: unknown, now: number): string {
  const start = timeMillis(at(job, 'status', 'startTime'));
  if (start === undefined) return '';
  return humanAge((timeMillis(at(job, 'status', 'completionTime')) ?? now) - start);
}

const boolText = (value: unknown): string => (value === undefined || value === null ? UNSET : value ? 'True' : 'False');

interface Target {
  readonly spec: Json;
  readonly current: unknown;
}

const percent = (value: unknown): string => (typeof value === 'number' ? `${value}%` : UNKNOWN);
const goal = (value: unknown): string => (value === undefined || value === null ? '<nil>' : quantityText(value));
const amount = (value: unknown): string => (value === undefined || value === null ? UNKNOWN : quantityText(value));

function byAverage({ spec, current }: Target, suffix: string): string {
  const now = at(current, 'averageValue');
  return `${current !== undefined && suffix === '' ? goal(now) : amount(now)}/${goal(at(spec, 'target', 'averageValue'))}${suffix}`;
}

function byValue({ spec, current }: Target): string {
  return `${current === undefined ? UNKNOWN : goal(at(current, 'value'))}/${goal(at(spec, 'target', 'value'))}`;
}

function byResource({ spec, current }: Target): string {
  const head = `${text(spec, 'name')}: `;
  if (at(spec, 'target', 'averageValue') !== undefined) return head + byAverage({ spec, current }, '');
  const wanted = at(spec, 'target', 'averageUtilization');
  return `${head}${percent(at(current, 'averageUtilization'))}/${typeof wanted === 'number' ? `${wanted}%` : '<auto>'}`;
}

const SOURCES: Readonly<Record<string, string>> = {
  External: 'external',
  Pods: 'pods',
  Object: 'object',
  Resource: 'resource',
  ContainerResource: 'containerResource',
};

function metricText(spec: Json, status: Json | undefined): string {
  const type = text(spec, 'type');
  const source = Object.hasOwn(SOURCES, type) ? SOURCES[type] : undefined;
  if (!source) return '<unknown type>';
  const target: Target = { spec: (spec[source] ?? {}) as Json, current: at(status, source, 'current') };
  if (type === 'Pods') return byAverage(target, '');
  if (type === 'Resource' || type === 'ContainerResource') return byResource(target);
  return at(target.spec, 'target', 'averageValue') === undefined ? byValue(target) : byAverage(target, ' (avg)');
}

const SHOWN_METRICS = 2;

function metricsText(hpa: unknown): string {
  const specs = items(hpa, 'spec', 'metrics');
  if (specs.length === 0) return NONE;
  const statuses = items(hpa, 'status', 'currentMetrics');
  const all = specs.map((spec, i) => metricText(spec, statuses[i]));
  const shown = all.slice(0, SHOWN_METRICS).join(', ');
  return all.length > SHOWN_METRICS ? `${shown} + ${all.length - SHOWN_METRICS} more...` : shown;
}

const hpaCells: Cells = (o, now) => [
  name(o),
  `${text(o, 'spec', 'scaleTargetRef', 'kind')}/${text(o, 'spec', 'scaleTargetRef', 'name')}`,
  metricsText(o),
  at(o, 'spec', 'minReplicas') === undefined ? UNSET : String(number(o, 'spec', 'minReplicas')),
  number(o, 'spec', 'maxReplicas'),
  number(o, 'status', 'currentReplicas'),
  age(o, now),
];

/** autoscaling/v1 knows one metric: CPU. */
const hpaV1Cells: Cells = (o, now) => {
  const wanted = at(o, 'spec', 'targetCPUUtilizationPercentage');
  const target = wanted === undefined ? NONE : `cpu: ${percent(at(o, 'status', 'currentCPUUtilizationPercentage'))}/${wanted}%`;
  return hpaCells(o, now).map((cell, i) => (i === 2 ? target : cell));
};

const replicaCells =
  (selector: (value: unknown) => string): Cells =>
  (o, now) => [
    name(o),
    number(o, 'spec', 'replicas'),
    number(o, 'status', 'replicas'),
    number(o, 'status', 'readyReplicas'),
    age(o, now),
    ...template(o),
    selector(at(o, 'spec', 'selector')),
  ];

function controllerOf(o: unknown): string {
  const owner = items(o, 'metadata', 'ownerReferences').find(r => r['controller'] === true);
  if (!owner) return NONE;
  const group = text(owner, 'apiVersion').includes('/') ? text(owner, 'apiVersion').split('/')[0] : '';
  return `${text(owner, 'kind').toLowerCase()}${group ? `.${group}` : ''}/${text(owner, 'name')}`;
}

const boundText = (value: unknown): string => (value === undefined || value === null ? 'N/A' : String(value));

export const workloadCells: Readonly<Record<string, Cells>> = {
  'apps/v1 Deployment': (o, now) => [
    name(o),
    `${number(o, 'status', 'readyReplicas')}/${number(o, 'spec', 'replicas')}`,
    number(o, 'status', 'updatedReplicas'),
    number(o, 'status', 'availableReplicas'),
    age(o, now),
    ...template(o),
    exactSelector(at(o, 'spec', 'selector')),
  ],
  'apps/v1 ReplicaSet': replicaCells(selectorText),
  'v1 ReplicationController': replicaCells(labelText),
  'apps/v1 StatefulSet': (o, now) => [
    name(o),
    `${number(o, 'status', 'readyReplicas')}/${number(o, 'spec', 'replicas')}`,
    age(o, now),
    ...template(o),
  ],
  'apps/v1 DaemonSet': (o, now) => [
    name(o),
    number(o, 'status', 'desiredNumberScheduled'),
    number(o, 'status', 'currentNumberScheduled'),
    number(o, 'status', 'numberReady'),
    number(o, 'status', 'updatedNumberScheduled'),
    number(o, 'status', 'numberAvailable'),
    labelText(at(o, 'spec', 'template', 'spec', 'nodeSelector')),
    age(o, now),
    ...template(o),
    selectorText(at(o, 'spec', 'selector')),
  ],
  'apps/v1 ControllerRevision': (o, now) => [name(o), controllerOf(o), number(o, 'revision'), age(o, now)],
  'batch/v1 Job': (o, now) => [
    name(o),
    jobStatus(o),
    jobCompletions(o),
    jobDuration(o, now),
    age(o, now),
    ...template(o),
    selectorText(at(o, 'spec', 'selector')),
  ],
  'batch/v1 CronJob': (o, now) => [
    name(o),
    text(o, 'spec', 'schedule'),
    at(o, 'spec', 'timeZone') === undefined ? NONE : text(o, 'spec', 'timeZone'),
    boolText(at(o, 'spec', 'suspend')),
    items(o, 'status', 'active').length,
    at(o, 'status', 'lastScheduleTime') ? since(at(o, 'status', 'lastScheduleTime'), now) : NONE,
    age(o, now),
    ...containerCells(at(o, 'spec', 'jobTemplate', 'spec', 'template', 'spec')),
    selectorText(at(o, 'spec', 'jobTemplate', 'spec', 'selector')),
  ],
  'v1 PodTemplate': o => [name(o), ...containerCells(at(o, 'template', 'spec')), labelText(at(o, 'template', 'metadata', 'labels'))],
  'autoscaling/v2 HorizontalPodAutoscaler': hpaCells,
  'autoscaling/v1 HorizontalPodAutoscaler': hpaV1Cells,
  'autoscaling/v1 Scale': (o, now) => [name(o), number(o, 'spec', 'replicas'), number(o, 'status', 'replicas'), age(o, now)],
  'policy/v1 PodDisruptionBudget': (o, now) => [
    name(o),
    boundText(at(o, 'spec', 'minAvailable')),
    boundText(at(o, 'spec', 'maxUnavailable')),
    number(o, 'status', 'disruptionsAllowed'),
    age(o, now),
  ],
  'scheduling.k8s.io/v1 PriorityClass': (o, now) => [
    name(o),
    number(o, 'value'),
    at(o, 'globalDefault') === true,
    age(o, now),
    text(o, 'preemptionPolicy'),
  ],
  'coordination.k8s.io/v1 Lease': (o, now) => [name(o), text(o, 'spec', 'holderIdentity'), age(o, now)],
  'node.k8s.io/v1 RuntimeClass': (o, now) => [name(o), text(o, 'handler'), age(o, now)],
  'resource.k8s.io/v1 ResourceSlice': (o, now) => [
    name(o),
    text(o, 'spec', 'nodeName'),
    text(o, 'spec', 'driver'),
    text(o, 'spec', 'pool', 'name'),
    age(o, now),
  ],
};
