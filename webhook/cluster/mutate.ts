// Cluster: defaults on every write. Amounts come out canonical, the zone moves to zones, NoExecute taints are dated.
import { gateEnabled } from '../../crds/index.ts';
import { type AnyObject, equal, formatQuantity, isObject, listOf, objectOf, quantityOfJson, timestamp } from '../../kube/index.ts';
import { type Mutate, objectIn } from '../admission.ts';
import { defaultModels, standardModels } from './models.ts';

type Fields = Record<string, unknown>;

/** The cluster as it is stored: without status, with defaults, its generation risen if the user changed the spec. */
export const mutateCluster: Mutate = (request, { clock }) => {
  const { status: _, ...object } = objectIn(request);
  const spec = normalSpec(object['spec']);
  const old = request.operation === 'UPDATE' ? request.oldObject : undefined;
  const customized = gateEnabled(request.gates, 'CustomizedClusterResourceModeling');
  const models = listOf(spec['resourceModels']);
  const useDefault = customized && models.length === 0 && !old;
  return {
    ...object,
    metadata: { ...object.metadata, generation: old ? nextGeneration(spec, object.metadata.generation ?? 0, old) : 1 },
    spec: {
      ...withZones(spec),
      ...(useDefault ? { resourceModels: defaultModels() } : {}),
      ...(customized && models.length ? { resourceModels: standardModels(models) } : {}),
      ...(Array.isArray(spec['taints']) ? { taints: dated(spec['taints'], timestamp(clock.now())) } : {}),
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
