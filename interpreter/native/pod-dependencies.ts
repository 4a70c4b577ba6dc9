// What a pod needs beside it: ConfigMaps, Secrets, a ServiceAccount and claims, each named once.
import type { DependentObjectReference } from '../interpreter.ts';
import type { Container, PodSpec, Volume } from './pod-spec.ts';

interface Names {
  readonly configMaps: Set<string>;
  readonly secrets: Set<string>;
  readonly claims: Set<string>;
}

/** References in the namespace of the workload, sorted by kind and name; `ownClaims` are those the workload makes itself. */
export function podDependencies(
  spec: PodSpec = {},
  namespace = '',
  ownClaims: ReadonlySet<string> = new Set(),
): readonly DependentObjectReference[] {
  const names: Names = { configMaps: new Set(), secrets: new Set(), claims: new Set() };
  for (const secret of spec.imagePullSecrets ?? []) names.secrets.add(secret.name ?? '');
  for (const list of [spec.containers, spec.initContainers, spec.ephemeralContainers])
    for (const container of list ?? []) fromContainer(container, names);
  for (const volume of spec.volumes ?? []) fromVolume(volume, names);
  const account = spec.serviceAccountName ?? '';
  const refer = (kind: string, wanted: Iterable<string>): DependentObjectReference[] => {
    const named = [...wanted].filter(name => name !== '').sort();
    return named.map(name => ({ apiVersion: 'v1', kind, ...(namespace ? { namespace } : {}), name }));
  };
  return [
    ...refer('ConfigMap', names.configMaps),
    ...refer(
      'PersistentVolumeClaim',
      [...names.claims].filter(name => !ownClaims.has(name)),
    ),
    ...refer('Secret', names.secrets),
    ...refer('ServiceAccount', account && account !== 'default' ? [account] : []),
  ];
}

function fromContainer(container: Container, names: Names): void {
  for (const source of container.envFrom ?? []) {
    if (source.configMapRef) names.configMaps.add(source.configMapRef.name ?? '');
    if (source.secretRef) names.secrets.add(source.secretRef.name ?? '');
  }
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.configMapKeyRef) names.configMaps.add(valueFrom.configMapKeyRef.name ?? '');
    if (valueFrom?.secretKeyRef) names.secrets.add(valueFrom.secretKeyRef.name ?? '');
  }
}

function fromVolume(v: Volume, names: Names): void {
  if (v.configMap) names.configMaps.add(v.configMap.name ?? '');
  if (v.persistentVolumeClaim) names.claims.add(v.persistentVolumeClaim.claimName ?? '');
  for (const source of v.projected?.sources ?? []) {
    if (source.configMap) names.configMaps.add(source.configMap.name ?? '');
    if (source.secret) names.secrets.add(source.secret.name ?? '');
  }
  for (const given of [v.azureFile, v.secret]) if (given) names.secrets.add(given.secretName ?? '');
  const refs = [v.cephfs, v.cinder, v.flexVolume, v.rbd, v.scaleIO, v.iscsi, v.storageos].map(source => source?.secretRef);
  for (const ref of [...refs, v.csi?.nodePublishSecretRef]) if (ref) names.secrets.add(ref.name ?? '');
}
