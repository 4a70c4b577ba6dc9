import { type AnyObject, at } from '../../kube/index.ts';
import { type NativeRules, withSpec, withStatus } from './rules.ts';
import { asBuiltin, asMessage } from './typed.ts';
import { isPresent } from './workload.ts';

interface ClaimStatus {
  readonly phase?: string;
}

const read = (object: AnyObject): { readonly status?: ClaimStatus } => asBuiltin('v1', 'PersistentVolumeClaim', object);

/** v1 PersistentVolumeClaim */
export const persistentVolumeClaim: NativeRules = {
  retain(desired, observed) {
    const volumeName = at(observed, 'spec', 'volumeName');
    return typeof volumeName === 'string' && volumeName !== '' ? withSpec(desired, 'volumeName', volumeName) : desired;
  },
  aggregate(object, items) {
    read(object);
    let phase = 'Bound';
    for (const item of items.filter(isPresent)) {
      const member = asMessage<ClaimStatus>('api.core.v1.PersistentVolumeClaimStatus', item.status).phase ?? '';
      if (phase !== 'Lost' && member !== 'Bound') phase = member;
    }
    return withStatus(object, phase ? { phase } : {});
  },
  health: observed => read(observed).status?.phase === 'Bound',
};
