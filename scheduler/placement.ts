// The placement that was applied last, kept in an annotation, and whether the present one differs from it
// (specification §1.4, §1.6). Both are first brought into one form: known fields in the API's order, without empty lists,
// maps and zero values, since those do not survive the annotation.
import { annotations } from '../crds/index.ts';
import { carryLiterals, equal, exactJson, isObject } from '../kube/index.ts';
import { affinityTerms } from './affinity.ts';
import type { Binding, Placement } from './types.ts';

/** metadata.annotations key that holds the applied placement as JSON. */
export const APPLIED_PLACEMENT = annotations.appliedPlacement;

type Form = (value: unknown) => unknown;

class NotAPlacement extends Error {}

const scalar: Form = value => {
  if (typeof value === 'object' && value !== null) throw new NotAPlacement();
  return value === '' || value === 0 || value === false || value === null ? undefined : value;
};
const kept: Form = value => value ?? undefined;

const list =
  (item: Form): Form =>
  value => {
    if (value === undefined || value === null) return undefined;
    if (!Array.isArray(value)) throw new NotAPlacement();
    return value.length ? value.map(item) : undefined;
  };

const strings = list(value => value);

const labels: Form = value => {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw new NotAPlacement();
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length ? Object.fromEntries(entries) : undefined;
};

const record =
  (fields: readonly (readonly [string, Form])[]): Form =>
  value => {
    if (value === undefined || value === null) return undefined;
    if (!isObject(value)) throw new NotAPlacement();
    const result: Record<string, unknown> = {};
    for (const [name, form] of fields) {
      const field = form(Object.hasOwn(value, name) ? value[name] : undefined);
      if (field !== undefined) result[name] = field;
    }
    carryLiterals(value, result);
    return result;
  };

const expressions = list(
  record([
    ['key', kept],
    ['operator', kept],
    ['values', strings],
  ]),
);
const AFFINITY: readonly (readonly [string, Form])[] = [
  [
    'labelSelector',
    record([
      ['matchLabels', labels],
      ['matchExpressions', expressions],
    ]),
  ],
  ['fieldSelector', record([['matchExpressions', expressions]])],
  ['clusterNames', strings],
  ['exclude', strings],
];
const OVERFLOW = list(record([['affinityName', scalar], ...AFFINITY]));
const TERMS = list(record([['affinityName', kept], ...AFFINITY, ['overflowAffinities', OVERFLOW]]));
const TOLERATIONS = list(
  record([
    ['key', scalar],
    ['operator', scalar],
    ['value', scalar],
    ['effect', scalar],
    ['tolerationSeconds', kept],
  ]),
);
const SPREAD = list(
  record([
    ['spreadByField', scalar],
    ['spreadByLabel', scalar],
    ['maxGroups', scalar],
    ['minGroups', scalar],
  ]),
);
const WEIGHTS = list(
  record([
    ['targetCluster', value => record(AFFINITY)(value ?? {})],
    ['weight', value => value ?? 0],
  ]),
);
const REPLICAS = record([
  ['replicaSchedulingType', scalar],
  ['replicaDivisionPreference', scalar],
  [
    'weightPreference',
    record([
      ['staticWeightList', WEIGHTS],
      ['dynamicWeight', scalar],
    ]),
  ],
]);
const GROUP = record([['groupByLabelKey', kept]]);
const PLACEMENT = record([
  ['clusterAffinity', record(AFFINITY)],
  ['clusterAffinities', TERMS],
  ['clusterTolerations', TOLERATIONS],
  ['spreadConstraints', SPREAD],
  ['replicaScheduling', REPLICAS],
  [
    'workloadAffinity',
    record([
      ['affinity', GROUP],
      ['antiAffinity', GROUP],
    ]),
  ],
]);

/** The placement in the form in which two are compared. */
function normalPlacement(placement: unknown): Placement {
  return (PLACEMENT(placement) ?? {}) as Placement;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/** The text of the annotation. */
export function placementText(placement: Placement): string {
  return exactJson(normalPlacement(placement)).replace(/[<>&\u2028\u2029]/g, c => ESCAPES[c] ?? c);
}

/** The placement applied last: `none` without an annotation, `unreadable` where it cannot be parsed. */
export function appliedPlacement(binding: Pick<Binding, 'metadata'>): Placement | 'none' | 'unreadable' {
  const text = binding.metadata.annotations?.[APPLIED_PLACEMENT];
  if (!text) return 'none';
  try {
    return normalPlacement(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof NotAPlacement) return 'unreadable';
    throw error;
  }
}

/** Must the binding be scheduled because its placement is another one? Of ordered groups only the observed one counts. */
export function placementChanged(binding: Binding): boolean {
  const applied = appliedPlacement(binding);
  if (applied === 'none') return true;
  if (applied === 'unreadable') return false;
  const current = normalPlacement(binding.spec.placement);
  if (equal(current, applied)) return false;
  const differs = (field: keyof Placement): boolean => !equal(current[field], applied[field]);
  if (differs('clusterAffinity') || differs('clusterTolerations') || differs('spreadConstraints') || differs('replicaScheduling'))
    return true;
  const observed = binding.status?.schedulerObservingAffinityName;
  if (!observed) return true;
  const now = affinityTerms(current).find(t => t.affinityName === observed);
  const then = affinityTerms(applied).find(t => t.affinityName === observed);
  return !now || !then || !equal(now, then);
}
