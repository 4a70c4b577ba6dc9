// Flux: sources, releases and kustomizations. Their conditions are united over clusters, each message with its cluster's name.
import { type AnyObject, isObject } from '../../kube/index.ts';
import type { AggregatedStatusItem, DependentObjectReference } from '../interpreter.ts';
import type { CatalogueRules } from './rules.ts';
import {
  CatalogueError,
  items as entries,
  type Fields,
  keepSuspend,
  lasts,
  need,
  numberOf,
  observedGeneration,
  pick,
  refer,
  statusesOf,
  sums,
  textOf,
  unique,
  withGenerations,
} from './values.ts';

interface FluxKind {
  /** Reasons of the Ready condition that mean health. */
  readonly healthy: readonly string[];
  readonly reported: readonly string[];
  /** Fields of which the last cluster's value stands; '' where none has one. */
  readonly texts?: readonly string[];
  /** The same, but the value before stands where none has one. */
  readonly kept?: readonly string[];
  /** Whether the last cluster's artifact stands. */
  readonly artifact?: false;
  /** Counters that, once there, grow by those of the clusters. */
  readonly counters?: readonly string[];
  /** What stands where no list of statuses exists. */
  readonly cleared?: Fields;
  readonly dependencies: (spec: Fields, namespace: string | undefined) => readonly DependentObjectReference[];
}

/** Conditions by type, status and reason; the messages of the clusters joined. */
export function uniteConditions(list: readonly AggregatedStatusItem[] = []): Fields[] {
  const united = new Map<string, { condition: Fields; messages: string[] }>();
  for (const { status, clusterName } of list) {
    if (!isObject(status)) continue;
    for (const condition of entries(status['conditions'])) {
      const key = JSON.stringify([need(condition, 'type'), need(condition, 'status'), need(condition, 'reason')]);
      const message = `${clusterName}=${textOf(need(condition, 'message'), 'the message of a condition')}`;
      const known = united.get(key);
      if (known) known.messages.push(message);
      else united.set(key, { condition: condition as Fields, messages: [message] });
    }
  }
  return [...united.values()].map(({ condition, messages }) => ({ ...condition, message: messages.join(', ') }));
}

function flux(kind: FluxKind): CatalogueRules {
  const { texts = [], kept = [], counters = [], cleared = {} } = kind;
  return {
    retain: keepSuspend,
    aggregate(object, list) {
      const statuses = statusesOf(list);
      const before = isObject(object['status']) ? object['status'] : {};
      const status: Fields = { ...before, ...lasts(statuses, texts, ''), ...(list ? {} : cleared) };
      for (const [field, value] of Object.entries(lasts(statuses, kind.artifact === false ? kept : [...kept, 'artifact']))) {
        if (value !== undefined) status[field] = value;
        else if (field === 'artifact') delete status[field];
      }
      status['conditions'] = uniteConditions(list);
      for (const counter of list ? counters : []) {
        const own = status[counter];
        if (own !== undefined) status[counter] = numberOf(own, counter) + Number(sums(statuses, [counter])[counter]);
      }
      status['observedGeneration'] = observedGeneration(object, list);
      return { ...object, status };
    },
    dependencies: object => unique(kind.dependencies(present(need(object, 'spec')), object.metadata.namespace)),
    reflect: observed => (isObject(observed['status']) ? withGenerations(observed, pick(observed['status'], kind.reported)) : {}),
    health: observed => isReady(observed, kind.healthy),
  };
}

function present(spec: unknown): Fields {
  if (!isObject(spec)) throw new CatalogueError('spec is absent');
  return spec;
}

/** Whether a Ready condition is true for one of the reasons. */
export function isReady(observed: AnyObject, reasons: readonly string[]): boolean {
  const conditions = isObject(observed['status']) ? entries(observed['status']['conditions']) : [];
  return conditions.some(
    c => isObject(c) && c['type'] === 'Ready' && c['status'] === 'True' && typeof c['reason'] === 'string' && reasons.includes(c['reason']),
  );
}

type Pick = (spec: Fields, namespace: string | undefined) => DependentObjectReference[];

/** The Secret that `spec.<path>.name` names. */
const secretAt =
  (...path: readonly string[]): Pick =>
  (spec, namespace) => {
    let current: unknown = spec;
    for (const key of path) current = isObject(current) ? current[key] : undefined;
    return current === undefined ? [] : [...refer('Secret', need(current, 'name'), namespace)];
  };

const account: Pick = (spec, namespace) =>
  spec['serviceAccountName'] === undefined ? [] : [...refer('ServiceAccount', spec['serviceAccountName'], namespace)];

const all =
  (...picks: readonly Pick[]): FluxKind['dependencies'] =>
  (spec, namespace) =>
    picks.flatMap(pickFrom => pickFrom(spec, namespace));

const SUCCEEDED = ['Succeeded'];
const SOURCE = ['conditions', 'artifact', 'observedGeneration', 'url'];

export const gitRepository = flux({
  healthy: SUCCEEDED,
  reported: ['conditions', 'artifact', 'observedGeneration', 'observedIgnore', 'observedRecurseSubmodules'],
  dependencies: all(secretAt('secretRef'), secretAt('verify', 'secretRef')),
});

export const bucket = flux({
  healthy: SUCCEEDED,
  reported: [...SOURCE, 'observedIgnore'],
  texts: ['url'],
  dependencies: all(secretAt('secretRef')),
});

export const helmRepository = flux({ healthy: SUCCEEDED, reported: SOURCE, texts: ['url'], dependencies: all(secretAt('secretRef')) });

export const ociRepository = flux({
  healthy: SUCCEEDED,
  reported: [...SOURCE, 'observedIgnore', 'observedLayerSelector'],
  texts: ['url'],
  dependencies: all(secretAt('secretRef'), secretAt('certSecretRef'), secretAt('verify', 'secretRef'), (spec, namespace) => [
    ...refer('ServiceAccount', spec['serviceAccountName'], namespace),
  ]),
});

export const helmChart = flux({
  healthy: ['Succeeded', 'ChartPullSucceeded'],
  reported: ['conditions', 'artifact', 'observedChartName', 'observedSourceArtifactRevision', 'url'],
  texts: ['observedChartName', 'observedSourceArtifactRevision', 'url'],
  dependencies: all(secretAt('verify', 'secretRef')),
});

const RELEASE_TEXTS = ['helmChart', 'lastAppliedRevision', 'lastAttemptedRevision', 'lastAttemptedValuesChecksum', 'lastReleaseRevision'];
const RELEASE_COUNTERS = ['failures', 'installFailures', 'upgradeFailures'];

export const helmRelease = flux({
  healthy: ['ReconciliationSucceeded'],
  reported: ['conditions', 'observedGeneration', ...RELEASE_TEXTS, ...RELEASE_COUNTERS],
  kept: RELEASE_TEXTS,
  artifact: false,
  counters: RELEASE_COUNTERS,
  cleared: { ...sums([], RELEASE_COUNTERS), ...lasts([], RELEASE_TEXTS, '') },
  dependencies: all(
    secretAt('kubeConfig', 'secretRef'),
    (spec, namespace) =>
      secretAt('verify', 'secretRef')(
        (isObject(spec['chart']) && isObject(spec['chart']['spec']) ? spec['chart']['spec'] : {}) as Fields,
        namespace,
      ),
    account,
    (spec, namespace) =>
      entries(spec['valuesFrom']).flatMap(source => {
        const kind = need(source, 'kind');
        return kind === 'Secret' || kind === 'ConfigMap' ? refer(kind, need(source, 'name'), namespace) : [];
      }),
  ),
});

const REVISIONS = ['lastAppliedRevision', 'lastAttemptedRevision'];

export const kustomization = flux({
  healthy: ['ReconciliationSucceeded'],
  reported: ['conditions', 'observedGeneration', ...REVISIONS],
  kept: REVISIONS,
  artifact: false,
  cleared: lasts([], REVISIONS, ''),
  dependencies: all(secretAt('decryption', 'secretRef'), secretAt('kubeConfig', 'secretRef'), account),
});
