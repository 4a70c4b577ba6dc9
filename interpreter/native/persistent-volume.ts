import { at } from '../../kube/index.ts';
import { type NativeRules, withSpec, withStatus } from './rules.ts';
import { asBuiltin, asMessage } from './typed.ts';
import { isPresent } from './workload.ts';

/** The phase of the whole is the first of these that some cluster reports. */
const PHASES = ['Failed', 'Pending', 'Available', 'Bound', 'Released'];

/** v1 PersistentVolume */
export const persistentVolume: NativeRules = {
  retain(desired, observed) {
    const claimRef = at(observed, 'spec', 'claimRef');
    return claimRef === undefined ? desired : withSpec(desired, 'claimRef', claimRef);
  },
  aggregate(object, items) {
    asBuiltin('v1', 'PersistentVolume', object);
    const seen = new Set(
      items.map(item =>
        isPresent(item) ? asMessage<{ readonly phase?: string }>('api.core.v1.PersistentVolumeStatus', item.status).phase : 'Pending',
      ),
    );
    const phase = PHASES.find(candidate => seen.has(candidate));
    return withStatus(object, phase ? { phase } : {});
  },
};
