// Claims and volumes: a claim is bound to a volume that is there and fits, else a volume is made for it as its class says; a claim
// in use, and a volume that is bound, stay until nobody needs them.
import {
  errorText,
  fromInformer,
  getOrUndefined,
  keyOf,
  keyText,
  labelSelector,
  parseKey,
  parseQuantity,
  quantityValue,
  type Runnable,
} from '../../kube/index.ts';
import { loop, type MemberContext } from '../context.ts';
import {
  CLAIMS,
  type PersistentVolume,
  type PersistentVolumeClaim,
  PODS,
  type Pod,
  STORAGE_CLASSES,
  type StorageClass,
  VOLUMES,
} from '../kinds.ts';
import { hasEnded } from '../workloads/pod-state.ts';
import { writeStatus } from '../writing.ts';

const CLAIM_PROTECTION = 'kubernetes.io/pvc-protection';
const VOLUME_PROTECTION = 'kubernetes.io/pv-protection';
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const PROVISIONER = 'volume.kubernetes.io/storage-provisioner';
const BOUND = { 'pv.kubernetes.io/bind-completed': 'yes', 'pv.kubernetes.io/bound-by-controller': 'yes' };

/** Names of the claims that a pod uses. */
const claimsOf = (pod: Pod): string[] =>
  (pod.spec.volumes ?? []).flatMap(v => (v.persistentVolumeClaim ? [v.persistentVolumeClaim.claimName] : []));

export function claimController(c: MemberContext): Runnable {
  const pods = c.children(PODS);
  const volumes = c.informer(VOLUMES);
  return loop(c, {
    name: 'persistentvolume-binder',
    sources: [
      fromInformer(c.informer(CLAIMS)),
      // A claim may wait for its pod's node, or for its pod's end.
      fromInformer(c.informer(PODS), { keys: ({ object }) => claimsOf(object).map(name => `${object.metadata.namespace}/${name}`) }),
      fromInformer(volumes, {
        when: change => change.type === 'added',
        keys: () =>
          c
            .informer(CLAIMS)
            .list()
            .filter(x => !x.spec.volumeName)
            .map(x => keyText(keyOf(x))),
      }),
    ],
    async reconcile(key, signal) {
      const claim = await getOrUndefined(c.client, CLAIMS, parseKey(key), { signal });
      if (!claim) return;
      const users = pods
        .in(claim.metadata.namespace ?? '')
        .filter(pod => !hasEnded(pod) && claimsOf(pod).includes(claim.metadata.name ?? ''));
      if (claim.metadata.deletionTimestamp) return users.length === 0 ? unprotect(c, claim) : undefined;
      if (!claim.metadata.finalizers?.includes(CLAIM_PROTECTION)) return protect(c, claim);
      if (claim.spec.volumeName) return settle(c, claim);
      await bind(c, claim, users);
    },
  });
}

async function protect(c: MemberContext, claim: PersistentVolumeClaim): Promise<void> {
  const finalizers = [...(claim.metadata.finalizers ?? []), CLAIM_PROTECTION];
  await c.client.update(CLAIMS, { ...claim, metadata: { ...claim.metadata, finalizers } });
}

async function unprotect(c: MemberContext, claim: PersistentVolumeClaim): Promise<void> {
  const finalizers = (claim.metadata.finalizers ?? []).filter(f => f !== CLAIM_PROTECTION);
  if (finalizers.length === (claim.metadata.finalizers ?? []).length) return;
  await c.client.update(CLAIMS, { ...claim, metadata: { ...claim.metadata, finalizers } });
}

/** A claim that names its volume is bound once the volume knows it. */
async function settle(c: MemberContext, claim: PersistentVolumeClaim): Promise<void> {
  const volume = await getOrUndefined(c.client, VOLUMES, { name: claim.spec.volumeName ?? '' });
  if (!volume) return writeStatus(c.client, CLAIMS, claim, { phase: claim.status?.phase === 'Bound' ? 'Lost' : 'Pending' });
  const { claimRef } = volume.spec;
  if (claimRef?.uid !== undefined && claimRef.uid !== claim.metadata.uid) return;
  if (claimRef?.uid === undefined) await attach(c, volume, claim);
  const { capacity = {}, accessModes = [] } = volume.spec;
  await writeStatus(c.client, CLAIMS, claim, { phase: 'Bound', accessModes, capacity });
}

async function attach(c: MemberContext, volume: PersistentVolume, claim: PersistentVolumeClaim): Promise<PersistentVolume> {
  const { name = '', namespace = '', uid = '', resourceVersion = '' } = claim.metadata;
  const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid, resourceVersion };
  return c.client.update(VOLUMES, { ...volume, spec: { ...volume.spec, claimRef } });
}

async function bind(c: MemberContext, claim: PersistentVolumeClaim, users: readonly Pod[]): Promise<void> {
  const known = matching(claim, c.informer(VOLUMES).list());
  if (known) return name(c, claim, await attach(c, known, claim));
  const className = claim.spec.storageClassName ?? '';
  const refuse = async (reason: string, message: string): Promise<void> => {
    await writeStatus(c.client, CLAIMS, claim, { phase: 'Pending' });
    c.events.event(claim, reason === 'WaitForFirstConsumer' ? 'Normal' : 'Warning', reason, message);
  };
  if (className === '') return refuse('FailedBinding', 'no persistent volumes available for this claim and no storage class is set');
  const kind = await getOrUndefined(c.client, STORAGE_CLASSES, { name: className });
  if (!kind) return refuse('ProvisioningFailed', `storageclass.storage.k8s.io "${className}" not found`);
  if (kind.provisioner === 'kubernetes.io/no-provisioner')
    return refuse('FailedBinding', 'no persistent volumes available for this claim and its storage class provisions none');
  const node = users.find(pod => pod.spec.nodeName)?.spec.nodeName;
  if (kind.volumeBindingMode === 'WaitForFirstConsumer' && node === undefined)
    return refuse('WaitForFirstConsumer', 'waiting for first consumer to be created before binding');
  await provision(c, claim, kind, node);
}

async function provision(c: MemberContext, claim: PersistentVolumeClaim, kind: StorageClass, node: string | undefined): Promise<void> {
  const volume = volumeFor(claim, kind);
  try {
    const present = await getOrUndefined(c.client, VOLUMES, keyOf(volume));
    const made = present ?? (await c.client.create(VOLUMES, volume));
    c.events.event(claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${made.metadata.name}`);
    await name(c, claim, made, { [PROVISIONER]: kind.provisioner, ...(node ? { [SELECTED_NODE]: node } : {}) });
  } catch (error) {
    c.events.event(claim, 'Warning', 'ProvisioningFailed', errorText(error));
    throw error;
  }
}

function volumeFor(claim: PersistentVolumeClaim, kind: StorageClass): PersistentVolume {
  const { name: claimName = '', namespace = '', uid = '' } = claim.metadata;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: `pvc-${uid}`,
      annotations: { 'pv.kubernetes.io/provisioned-by': kind.provisioner },
      finalizers: [VOLUME_PROTECTION],
    },
    spec: {
      capacity: { storage: claim.spec.resources?.requests?.['storage'] ?? '0' },
      accessModes: claim.spec.accessModes ?? [],
      persistentVolumeReclaimPolicy: kind.reclaimPolicy ?? 'Delete',
      storageClassName: kind.metadata.name ?? '',
      volumeMode: claim.spec.volumeMode ?? 'Filesystem',
      hostPath: { path: `/var/local-path-provisioner/pvc-${uid}_${namespace}_${claimName}`, type: 'DirectoryOrCreate' },
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name: claimName, namespace, uid },
    },
  };
}

/** Writes the volume's name into the claim; its status follows. */
async function name(
  c: MemberContext,
  claim: PersistentVolumeClaim,
  volume: PersistentVolume,
  more: Record<string, string> = {},
): Promise<void> {
  const annotations = { ...claim.metadata.annotations, ...BOUND, ...more };
  const spec = { ...claim.spec, volumeName: volume.metadata.name ?? '' };
  const now = await c.client.update(CLAIMS, { ...claim, metadata: { ...claim.metadata, annotations }, spec });
  await settle(c, now);
}

const bytes = (text: string | undefined): bigint => quantityValue(parseQuantity(text ?? '0'));

/** The smallest free volume that holds what the claim asks for. */
function matching(claim: PersistentVolumeClaim, volumes: readonly PersistentVolume[]): PersistentVolume | undefined {
  const { accessModes = [], resources, storageClassName = '', volumeMode = 'Filesystem', selector } = claim.spec;
  const wanted = bytes(resources?.requests?.['storage']);
  const size = (v: PersistentVolume): bigint => bytes(v.spec.capacity?.['storage']);
  const meant = (v: PersistentVolume): boolean => {
    const ref = v.spec.claimRef;
    return (
      ref?.name === claim.metadata.name &&
      ref?.namespace === claim.metadata.namespace &&
      (ref?.uid ?? claim.metadata.uid) === claim.metadata.uid
    );
  };
  const fits = volumes.filter(
    v =>
      !v.metadata.deletionTimestamp &&
      (v.spec.claimRef === undefined || meant(v)) &&
      (v.spec.storageClassName ?? '') === storageClassName &&
      (v.spec.volumeMode ?? 'Filesystem') === volumeMode &&
      accessModes.every(mode => v.spec.accessModes?.includes(mode)) &&
      size(v) >= wanted &&
      (!selector || labelSelector(selector).matches(v.metadata.labels ?? {})),
  );
  return fits.sort((a, b) => Number(meant(b)) - Number(meant(a)) || (size(a) < size(b) ? -1 : 1))[0];
}
