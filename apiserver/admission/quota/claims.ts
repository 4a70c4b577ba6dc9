// Claims on volumes against quotas: their number and storage, in all and by storage class.
import { type AnyObject, at, compareQuantities, type Quantity, quantityOfJson, roundUpQuantity, stringOf } from '../../../kube/index.ts';
import { ONE } from './amounts.ts';
import type { Evaluator } from './evaluator.ts';
import { namesInScope } from './scopes.ts';

const CLAIMS = 'persistentvolumeclaims';
const STORAGE = 'requests.storage';
const COUNT = `count/${CLAIMS}`;
const CLASS = '.storageclass.storage.k8s.io/';

export const claimEvaluator: Evaluator = {
  handles: a => a.subresource === '' && (a.operation === 'CREATE' || a.operation === 'UPDATE'),
  counts: r => r === COUNT || r === CLAIMS || r === STORAGE || r.endsWith(CLASS + CLAIMS) || r.endsWith(CLASS + STORAGE),
  usage(claim) {
    const storage = storageOf(claim);
    const className =
      claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? stringOf(at(claim, 'spec', 'storageClassName'));
    const used = new Map([
      [CLAIMS, ONE],
      [COUNT, ONE],
    ]);
    if (storage) used.set(STORAGE, storage);
    if (className === '') return used;
    used.set(className + CLASS + CLAIMS, ONE);
    return storage ? used.set(className + CLASS + STORAGE, storage) : used;
  },
  inScope: (scope, claim) => scope.name === 'VolumeAttributesClass' && namesInScope(scope, attributeClasses(claim)),
};

/** What is asked for, or what a failed growth still holds, in whole bytes. */
function storageOf(claim: AnyObject): Quantity | undefined {
  const asked = at(claim, 'spec', 'resources', 'requests', 'storage');
  if (asked === undefined) return undefined;
  const whole = (value: unknown): Quantity => roundUpQuantity(quantityOfJson(value), 0).quantity;
  const held = at(claim, 'status', 'allocatedResources', 'storage');
  return held !== undefined && compareQuantities(whole(held), whole(asked)) > 0 ? whole(held) : whole(asked);
}

function attributeClasses(claim: AnyObject): string[] {
  const names = [
    at(claim, 'spec', 'volumeAttributesClassName'),
    at(claim, 'status', 'currentVolumeAttributesClassName'),
    at(claim, 'status', 'modifyVolumeStatus', 'targetVolumeAttributesClassName'),
  ];
  return [...new Set(names.map(stringOf).filter(name => name !== ''))];
}
