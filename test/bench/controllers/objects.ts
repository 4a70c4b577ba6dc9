// What the benchmark of controllers makes.
import { executionSpace, type ResourceBinding, type Work, workName } from '../../../crds/index.ts';
import { type AnyObject, resource } from '../../../kube/index.ts';

export const configMaps = resource({ group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', scope: 'Namespaced' });
export const deployments = resource({ group: 'apps', version: 'v1', kind: 'Deployment', plural: 'deployments', scope: 'Namespaced' });
export const ingresses = resource({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'Ingress',
  plural: 'ingresses',
  scope: 'Namespaced',
});

export const memberNames = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => `m${i + 1}`);

export const configMap = (name: string): AnyObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data: { payload: 'x'.repeat(200) },
});

export const ingress = (name: string): AnyObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name, namespace: 'default' },
  spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } } },
});

export const deployment = (name: string): AnyObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'default' },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'c', image: 'nginx', resources: { requests: { cpu: '1m', memory: '1Mi' } } }] },
    },
  },
});

/** A binding whose clusters were chosen already. */
export const binding = (of: AnyObject, targets: readonly string[]): ResourceBinding => ({
  apiVersion: 'work.karmada.io/v1alpha2',
  kind: 'ResourceBinding',
  metadata: { name: `${of.metadata.name}-configmap`, namespace: 'default', finalizers: ['karmada.io/binding-controller'] },
  spec: {
    resource: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: of.metadata.name ?? '', uid: of.metadata.uid ?? '' },
    clusters: targets.map(name => ({ name })),
  } as ResourceBinding['spec'],
});

/** A Work that carries a ConfigMap, as the binding controller makes it. */
export function work(name: string, cluster: string): Work {
  const namespace = executionSpace(cluster);
  const marks = { 'work.karmada.io/namespace': namespace, 'work.karmada.io/name': workName('ConfigMap', name, 'default') };
  const metadata = { name, namespace: 'default', labels: { 'karmada.io/managed': 'true' }, annotations: marks };
  return {
    apiVersion: 'work.karmada.io/v1alpha1',
    kind: 'Work',
    metadata: { namespace, name: workName('ConfigMap', name, 'default'), finalizers: ['karmada.io/execution-controller'] },
    spec: { workload: { manifests: [{ ...configMap(name), metadata }] } },
  } as unknown as Work;
}

export const policy = (apiVersion: string, kind: string, targets: readonly string[]) =>
  ({
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'PropagationPolicy',
    metadata: { name: 'p', namespace: 'default' },
    spec: {
      resourceSelectors: [{ apiVersion, kind, labelSelector: { matchExpressions: [{ key: 'skip', operator: 'DoesNotExist' }] } }],
      placement: { clusterAffinity: { clusterNames: targets } },
    },
  }) as never;
