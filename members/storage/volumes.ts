// The phases of a volume, and what becomes of it when its claim has gone.
import { fromInformer, getOrUndefined, parseKey, type Runnable } from '../../kube/index.ts';
import { loop, type MemberContext } from '../context.ts';
import { CLAIMS, type PersistentVolume, VOLUMES } from '../kinds.ts';
import { deleteObject, writeStatus } from '../writing.ts';

const PROTECTION = 'kubernetes.io/pv-protection';

export function volumeController(c: MemberContext): Runnable {
  return loop(c, {
    name: 'persistentvolume-recycler',
    sources: [
      fromInformer(c.informer(VOLUMES)),
      fromInformer(c.informer(CLAIMS), { keys: ({ object }) => (object.spec.volumeName ? [object.spec.volumeName] : []) }),
    ],
    async reconcile(key, signal) {
      const volume = await getOrUndefined(c.client, VOLUMES, parseKey(key), { signal });
      if (!volume) return;
      const phase = await phaseOf(c, volume);
      if (volume.metadata.deletionTimestamp) return phase === 'Bound' ? undefined : release(c, volume);
      if (!volume.metadata.finalizers?.includes(PROTECTION)) return protect(c, volume);
      if (phase === 'Released' && volume.spec.persistentVolumeReclaimPolicy === 'Delete') return deleteObject(c.client, VOLUMES, volume);
      await writeStatus(c.client, VOLUMES, volume, { ...volume.status, phase });
    },
  });
}

async function phaseOf(c: MemberContext, volume: PersistentVolume): Promise<string> {
  const { claimRef } = volume.spec;
  if (!claimRef?.uid) return 'Available';
  const claim = await getOrUndefined(c.client, CLAIMS, { namespace: claimRef.namespace ?? '', name: claimRef.name ?? '' });
  return claim?.metadata.uid === claimRef.uid ? 'Bound' : 'Released';
}

async function protect(c: MemberContext, volume: PersistentVolume): Promise<void> {
  const finalizers = [...(volume.metadata.finalizers ?? []), PROTECTION];
  await c.client.update(VOLUMES, { ...volume, metadata: { ...volume.metadata, finalizers } });
}

async function release(c: MemberContext, volume: PersistentVolume): Promise<void> {
  const finalizers = (volume.metadata.finalizers ?? []).filter(f => f !== PROTECTION);
  if (finalizers.length < (volume.metadata.finalizers ?? []).length)
    await c.client.update(VOLUMES, { ...volume, metadata: { ...volume.metadata, finalizers } });
}
