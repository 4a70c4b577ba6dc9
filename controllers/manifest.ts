// Manifests in Works (specification §2.3 step 8): marked as ours, pointing back to template and Work, without what a control plane writes, and with the
// list of keys we set, so that a key removed later is removed in the member too.
import { annotations, labels } from '../crds/index.ts';
import { pruneIrrelevantFields } from '../interpreter/index.ts';
import type { AnyObject, ObjectMeta } from '../kube/index.ts';

/** The address of the Work that carries a manifest. */
export interface WorkAddress {
  readonly namespace: string;
  readonly name: string;
  /** The Work's permanent id, once it has one. */
  readonly id?: string | undefined;
}

/** The manifest as it lies in the Work. */
export function preparedManifest(object: AnyObject, work: WorkAddress, templateUid: string): AnyObject {
  const marked = withMetadata(object, {
    labels: { [labels.managed]: 'true', ...(work.id ? { [labels.workId]: work.id } : {}) },
    annotations: {
      [annotations.templateUid]: templateUid,
      [annotations.workName]: work.name,
      [annotations.workNamespace]: work.namespace,
    },
  });
  return recordManaged(pruneIrrelevantFields(marked));
}

/** Writes down which label and annotation keys the manifest has; the two lists count among the annotations. */
export function recordManaged(manifest: AnyObject): AnyObject {
  const list = (keys: readonly string[]): string => [...new Set(keys)].sort().join(',');
  const own = [annotations.managedAnnotations, annotations.managedLabels];
  return withMetadata(manifest, {
    annotations: {
      [annotations.managedAnnotations]: list([...Object.keys(manifest.metadata.annotations ?? {}), ...own]),
      [annotations.managedLabels]: list(Object.keys(manifest.metadata.labels ?? {})),
    },
  });
}

type Keys = Pick<ObjectMeta, 'labels' | 'annotations'>;

/** The object with labels and annotations added over its own. */
export function withMetadata<T extends { readonly metadata: ObjectMeta }>(object: T, added: Keys): T {
  const { metadata } = object;
  return {
    ...object,
    metadata: {
      ...metadata,
      ...(added.labels ? { labels: { ...metadata.labels, ...added.labels } } : {}),
      ...(added.annotations ? { annotations: { ...metadata.annotations, ...added.annotations } } : {}),
    },
  };
}
