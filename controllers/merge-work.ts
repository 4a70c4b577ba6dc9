// Writing a desired Work over an existing one: keys that others added stay, the spec is replaced, the manifest learns the Work's permanent id.
import { labels, type Work } from '../crds/index.ts';
import { type AnyObject, equal } from '../kube/index.ts';
import { recordManaged, withMetadata } from './manifest.ts';

/** The Work to write; the very same existing object where nothing changes. Throws where it is on its way out. */
export function mergeWork(existing: Work, desired: Work): Work {
  const { namespace, name, deletionTimestamp } = existing.metadata;
  if (deletionTimestamp) throw new Error(`work ${namespace}/${name} is being deleted`);
  const merged = withMetadata(existing, {
    ...(desired.metadata.labels ? { labels: desired.metadata.labels } : {}),
    ...(desired.metadata.annotations ? { annotations: desired.metadata.annotations } : {}),
  });
  const finalizers = [...new Set([...(existing.metadata.finalizers ?? []), ...(desired.metadata.finalizers ?? [])])].sort();
  const id = existing.metadata.labels?.[labels.workId];
  const result: Work = {
    ...merged,
    metadata: {
      ...merged.metadata,
      ...(finalizers.length > 0 ? { finalizers } : {}),
      ...(desired.metadata.ownerReferences ? { ownerReferences: desired.metadata.ownerReferences } : {}),
    },
    spec: id ? withWorkId(desired, id) : desired.spec,
  };
  return equal(result, existing) ? existing : result;
}

function withWorkId({ spec }: Work, id: string): Work['spec'] {
  const manifests = (spec.workload?.manifests ?? []).map(manifest =>
    recordManaged(withMetadata(manifest as AnyObject, { labels: { [labels.workId]: id } })),
  );
  return { ...spec, workload: { manifests } };
}
