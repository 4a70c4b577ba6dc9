// What the controllers of EndpointSlices have in common: the kinds, who wrote a slice, and how a slice lies in a Work.
import { executionSpace, type Work, workName } from '../../crds/index.ts';
import { type AnyObject, resource } from '../../kube/index.ts';
import { preparedManifest } from '../manifest.ts';

export const endpointSlices = resource({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  scope: 'Namespaced',
});
export const services = resource({ group: '', version: 'v1', kind: 'Service', plural: 'services', scope: 'Namespaced' });

/** Labels that Kubernetes itself reads. */
export const SERVICE_NAME = 'kubernetes.io/service-name';
export const SLICE_MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
/** Who wrote a slice that came from another cluster. */
export const DISPATCHER = 'endpointslice-dispatch-controller.karmada.io';
export const IMPORTER = 'endpointslice-controller.karmada.io';

/** Whether a slice came from another cluster: it is never reported onwards. */
export function isForeign({ metadata }: AnyObject): boolean {
  const manager = metadata.labels?.[SLICE_MANAGED_BY];
  return manager === DISPATCHER || manager === IMPORTER;
}

export const serviceOfSlice = ({ metadata }: AnyObject): string => metadata.labels?.[SERVICE_NAME] ?? '';

/** The Work of a slice: the same name in every execution space. */
const sliceWorkName = (namespace: string, slice: string): string => workName('EndpointSlice', slice, namespace);

/** The slice as data in the Work of the cluster it was seen in; members never get it from there. */
export function reportedWork(slice: AnyObject, cluster: string, marks: Work['metadata']): Work {
  const { namespace = '', name = '', uid = '' } = slice.metadata;
  const address = { namespace: executionSpace(cluster), name: sliceWorkName(namespace, name) };
  const typed: AnyObject = { ...slice, apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' };
  return {
    apiVersion: 'work.karmada.io/v1alpha1',
    kind: 'Work',
    metadata: { ...marks, ...address },
    spec: { suspendDispatching: true, workload: { manifests: [preparedManifest(typed, address, uid)] } },
  };
}

/** The first manifest of a Work. */
export const manifestOf = (work: Work): AnyObject | undefined => work.spec.workload?.manifests?.[0] as AnyObject | undefined;

/** Whether a Work carries an object of that kind. */
export const carries = (work: Work, group: string, kind: string): boolean =>
  (work.spec.workload?.manifests ?? []).some(
    manifest => manifest['kind'] === kind && String(manifest['apiVersion'] ?? '').startsWith(`${group}/`),
  );
