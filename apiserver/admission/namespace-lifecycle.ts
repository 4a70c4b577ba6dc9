// NamespaceLifecycle: nothing is created in a namespace that is missing or on its way out, and some may never go.
import { forbidden, getOrUndefined, isObject, notFound, type Reader, resource } from '../../kube/index.ts';
import type { AdmissionPlugin, Attributes } from './plugin.ts';

const NAMESPACES = resource({ group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', scope: 'Cluster' });
const IMMORTAL = new Set(['default', 'kube-system', 'kube-public']);

/** Refuses creation outside live namespaces and the deletion of those the cluster stands on. */
export function namespaceLifecycle(reader: Reader): AdmissionPlugin {
  return {
    name: 'NamespaceLifecycle',
    async mutate(a, signal) {
      const namespaces = a.resource.group === '' && a.resource.plural === 'namespaces';
      if (a.operation === 'DELETE' && namespaces && a.subresource === '' && IMMORTAL.has(a.name))
        throw forbidden({ group: '', plural: 'namespaces', name: a.name }, 'this namespace may not be deleted');
      if (namespaces || a.resource.scope === 'Cluster' || a.namespace === '' || a.operation !== 'CREATE' || isReview(a)) return;
      const found = await getOrUndefined(reader, NAMESPACES, { name: a.namespace }, signal ? { signal } : {});
      if (!found) throw notFound({ group: '', plural: 'namespaces', name: a.namespace });
      const status = found['status'];
      if (found.metadata.deletionTimestamp !== undefined || (isObject(status) && status['phase'] === 'Terminating')) terminating(a);
    },
  };
}

const isReview = (a: Attributes): boolean =>
  a.resource.group === 'authorization.k8s.io' && a.resource.plural === 'localsubjectaccessreviews';

function terminating(a: Attributes): never {
  const why = `unable to create new content in namespace ${a.namespace} because it is being terminated`;
  throw forbidden({ group: a.resource.group, plural: a.resource.plural, name: a.name }, why, [
    { reason: 'NamespaceTerminating', message: `namespace ${a.namespace} is being terminated`, field: 'metadata.namespace' },
  ]);
}
