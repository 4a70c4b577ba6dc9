// Work: manifests are stored without what a member decides for itself, and with the record of the labels and annotations
// that are ours, so that a later change knows what to take away again.
import { annotations, labels } from '../../crds/index.ts';
import { pruneIrrelevantFields } from '../../interpreter/index.ts';
import { type AnyObject, at, isObject, objectOf, StatusError } from '../../kube/index.ts';
import { type Mutate, objectIn } from '../admission.ts';
import { mutatePermanentId } from './mutate.ts';

const withPermanentId = mutatePermanentId(labels.workId);

/** Gives the Work its permanent id and prepares every manifest. */
export const mutateWork: Mutate = (request, context) => {
  const work = withPermanentId(request, context);
  const manifests = at(work, 'spec', 'workload', 'manifests');
  if (!Array.isArray(manifests)) return objectIn({ ...request, object: work });
  const id = work.metadata.labels?.[labels.workId] ?? '';
  const spec = objectOf(work['spec']);
  const workload = { ...objectOf(spec['workload']), manifests: manifests.map(manifest => prepared(manifest, id)) };
  return { ...work, spec: { ...spec, workload } };
};

function prepared(manifest: unknown, id: string): AnyObject {
  if (!isObject(manifest) || !manifest['kind']) {
    throw new StatusError({ code: 500, message: `Object 'Kind' is missing in '${JSON.stringify(manifest ?? null)}'` });
  }
  const object = pruneIrrelevantFields(manifest as AnyObject);
  const ownLabels = { ...object.metadata?.labels, [labels.workId]: id };
  const ownAnnotations = { ...object.metadata?.annotations };
  const annotationKeys = [...Object.keys(ownAnnotations), annotations.managedAnnotations, annotations.managedLabels];
  return {
    ...object,
    metadata: {
      ...object.metadata,
      labels: ownLabels,
      annotations: {
        ...ownAnnotations,
        [annotations.managedAnnotations]: sortedKeys(annotationKeys),
        [annotations.managedLabels]: sortedKeys(Object.keys(ownLabels)),
      },
    },
  };
}

function sortedKeys(keys: readonly string[]): string {
  return [...new Set(keys)].sort().join(',');
}
