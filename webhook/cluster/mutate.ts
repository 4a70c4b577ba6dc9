// Cluster: defaults on every write. Amounts come out canonical, the zone moves to zones, NoExecute taints are dated.
import { gateEnabled } from '../../crds/index.ts';
import { type AnyObject, equal, formatQuantity, isObject, listOf, objectOf, quantityOfJson, timestamp } from '../../kube/index.ts';
import { type Mutate, objectIn } from '../admission.ts';
import { defaultModels, standardModels } from './models.ts';

type Fields = Record<string, unknown>;

/** The cluster as it is stored: prepared, its zone among its zones, and its NoExecute taints dated. */
export const mutateCluster: Mutate = (request, context) => {
  const { spec, ...object } = prepareCluster(request, context);
  const { taints, ...rest } = objectOf(spec);
  const now = timestamp(context.clock.now());
  return { ...object, spec: { ...withZones(rest), ...(Array.isArray(taints) ? { taints: dated(taints, now) } : {}) } } as AnyObject;
};

/** The cluster as it is validated: without status, with its models, its generation risen if the user changed the spec. */
export const prepareCluster: Mutate = request => {
  const { status: _, metadata: given, ...object } = objectIn(request);
  const { name, ...metadata } = given;
  const spec = normalSpec(object['spec']);
  const old = request.operation === 'UPDATE' ? request.oldObject : undefined;
  const customized = gateEnabled(request.gates, 'CustomizedClusterResourceModeling');
  const models = listOf(spec['resourceModels']);
  const useDefault = customized && models.length === 0 && !old;
  return {
    ...object,
    metadata: {
      ...metadata,
      ...(name ? { name } : {}),
      generation: old ? nextGeneration(spec, metadata.generation ?? 0, old) : 1,
    },
    spec: {
      ...spec,
      ...(useDefault ? { resourceModels: defaultModels() } : {}),
      ...(customized && models.length ? { resourceModels: standardModels(models) } : {}),
    },
    ...(old && isObject(old['status']) ? { status: old['status'] } : {}),
  } as AnyObject;
};

function nextGeneration(spec: Fields, given: number, old: AnyObject): number {
  return equal(present(spec), present(normalSpec(old['spec']))) ? given : (old.metadata.generation ?? 0) + 1;
}

/** Empty values count as absent, as in the typed form. */
function present(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(present);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, v]) => !isEmpty(v))
      .map(([k, v]) => [k, present(v)]),
  );
}

function isEmpty(value: unknown): boolean {
  return value === null || value === '' || value === false || (Array.isArray(value) && value.length === 0);
}

/** Amounts of resource models in canonical form; empty values of taints left out. */
function normalSpec(value: unknown): Fields {
  const spec = objectOf(value);
  return {
    ...spec,
    syncMode: spec['syncMode'] ?? '',
    ...(Array.isArray(spec['resourceModels']) ? { resourceModels: spec['resourceModels'].map(normalModel) } : {}),
    ...(Array.isArray(spec['taints']) ? { taints: spec['taints'].map(normalTaint) } : {}),
  };
}

function normalModel(value: unknown): Fields {
  const model = objectOf(value);
  const ranges = listOf(model['ranges']).map(objectOf);
  const canonical = (amount: unknown): string => formatQuantity(quantityOfJson(amount));
  return { ...model, ranges: ranges.map(r => ({ ...r, min: canonical(r['min']), max: canonical(r['max']) })) };
}

function normalTaint(value: unknown): Fields {
  return Object.fromEntries(Object.entries(objectOf(value)).filter(([key, v]) => key !== 'value' || v !== ''));
}

function withZones(spec: Fields): Fields {
  const { zone, ...rest } = spec;
  return zone && listOf(spec['zones']).length === 0 ? { ...rest, zones: [zone] } : spec;
}

function dated(taints: readonly unknown[], now: string): Fields[] {
  return taints.map(objectOf).map(taint => (taint['effect'] === 'NoExecute' && !taint['timeAdded'] ? { ...taint, timeAdded: now } : taint));
}
