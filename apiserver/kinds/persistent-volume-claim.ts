// PersistentVolumeClaim: hardly anything of it changes once stored.
import { compareQuantities, equal } from '../../kube/index.ts';
import { forbiddenField, IMMUTABLE, invalidValue } from './checks.ts';
import type { KindDefinition } from './define.ts';
import { changed } from './emptied.ts';
import { printGo } from './go-print.ts';
import { claimSpec } from './pod/claim-spec.ts';
import { claimDefaults } from './pod/defaults.ts';
import { quantity } from './pod/resources.ts';
import { claimWarnings } from './pod/warnings.ts';
import { ensure, type Faults, has, type Obj, optional, presetText, sub, text } from './read.ts';
import { jsonDiff } from './unified-diff.ts';

export const persistentVolumeClaim: KindDefinition = {
  scope: 'Namespaced',
  status: true,
  deleteReply: 'object',
  update: ['full', 'meta', 'changes'],
  defaults(o) {
    presetText(ensure(o, 'status'), 'phase', 'Pending');
    const spec = ensure(o, 'spec');
    claimDefaults(spec);
  },
  prepareCreate(o) {
    o['status'] = { phase: 'Pending' };
    dataSources(ensure(o, 'spec'));
  },
  prepareUpdate(o, old) {
    if (!has(sub(old, 'spec'), 'dataSourceRef')) dataSources(ensure(o, 'spec'));
    else keepDataSource(ensure(o, 'spec'), sub(old, 'spec'));
  },
  spec: (faults, o) => claimSpec(faults, 'spec', sub(o, 'spec')),
  changes: claimChanges,
  warnings: claimObjectWarnings,
};

const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

function claimObjectWarnings(o: Obj): string[] {
  const old = Object.hasOwn(sub(sub(o, 'metadata'), 'annotations'), CLASS_ANNOTATION);
  return [
    ...(old ? [`metadata.annotations[${CLASS_ANNOTATION}]: deprecated since v1.8; use "storageClassName" attribute instead`] : []),
    ...claimWarnings('spec', sub(o, 'spec')),
  ];
}

/** The two spellings of where data comes from are one, unless the reference crosses namespaces. */
function dataSources(spec: Record<string, unknown>): void {
  dropForeignSource(spec);
  const one = optional(spec, 'dataSource');
  const ref = optional(spec, 'dataSourceRef');
  if (ref && text(ref, 'namespace') !== '') return;
  if (one && !ref) spec['dataSourceRef'] = { ...one };
  else if (ref && !one) {
    const { namespace: _namespace, ...rest } = ref;
    spec['dataSource'] = rest;
  }
}

/** dataSource names claims and snapshots only; anything else is not kept. */
function dropForeignSource(spec: Record<string, unknown>): void {
  const source = optional(spec, 'dataSource');
  if (!source) return;
  const group = text(source, 'apiGroup');
  const claim = text(source, 'kind') === 'PersistentVolumeClaim' && group === '';
  const snapshot = text(source, 'kind') === 'VolumeSnapshot' && group === 'snapshot.storage.k8s.io';
  if (!claim && !snapshot) delete spec['dataSource'];
  else if (group === '') spec['dataSource'] = { ...source, apiGroup: null };
}

function keepDataSource(spec: Record<string, unknown>, was: Obj): void {
  if (has(spec, 'dataSource') && !has(spec, 'dataSourceRef') && equal(spec['dataSource'], was['dataSource']))
    spec['dataSourceRef'] = structuredClone(was['dataSourceRef']);
}

function claimChanges(faults: Faults, o: Obj, old: Obj): void {
  const spec = sub(o, 'spec');
  // The volume's name may be set once.
  const named = text(sub(old, 'spec'), 'volumeName') === '';
  const was = named ? changed(sub(old, 'spec'), { volumeName: spec['volumeName'] }) : sub(old, 'spec');
  const bound = text(sub(old, 'status'), 'phase') === 'Bound';
  const munged = changed(spec, {});
  if (!has(was, 'storageClassName') && has(spec, 'storageClassName')) munged['storageClassName'] = was['storageClassName'];
  if (bound) {
    munged['resources'] = was['resources'];
    munged['volumeAttributesClassName'] = was['volumeAttributesClassName'];
  }
  if (!equal(munged, was)) {
    const diff = jsonDiff(printGo('PersistentVolumeClaimSpec', was), printGo('PersistentVolumeClaimSpec', munged));
    faults.push(
      forbiddenField(
        'spec',
        `spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n${diff}`,
      ),
    );
  }
  storageShrinks(faults, spec, was, old);
  if (!equal(spec['volumeMode'] ?? null, was['volumeMode'] ?? null))
    faults.push(invalidValue('volumeMode', spec['volumeMode'] ?? null, IMMUTABLE));
}

function storageShrinks(faults: Faults, spec: Obj, was: Obj, old: Obj): void {
  const [now, before] = [sub(sub(spec, 'resources'), 'requests')['storage'], sub(sub(was, 'resources'), 'requests')['storage']];
  const held = sub(sub(old, 'status'), 'capacity')['storage'];
  const [a, b] = [quantity(now ?? '0'), quantity(before ?? '0')];
  if (compareQuantities(a, b) < 0 && compareQuantities(a, quantity(held ?? '0')) <= 0)
    faults.push(forbiddenField('spec.resources.requests.storage', 'field can not be less than status.capacity'));
}
