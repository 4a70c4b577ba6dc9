// Defaults of a CRD, and what the server sets on create whatever the client sent.
import { isObject, objectOf, stringOf } from '../../kube/index.ts';
import { canonicaliseCrd } from './canonical-crd.ts';
import { versionsOf } from './internal-form.ts';

type Mutable = Record<string, unknown>;

/** Brings the spec into canonical form and fills names, conversion and the webhook's port, in place. */
export function defaultCrd(crd: Mutable): void {
  canonicaliseCrd(crd);
  const spec = ensure(crd, 'spec');
  const names = ensure(spec, 'names');
  const kind = stringOf(names['kind']);
  if (!stringOf(names['singular']) && kind) names['singular'] = kind.toLowerCase();
  if (!stringOf(names['listKind']) && kind) names['listKind'] = `${kind}List`;
  if (!isObject(spec['conversion'])) spec['conversion'] = { strategy: 'None' };
  const service = objectOf(objectOf(objectOf(spec['conversion'])['webhook'])['clientConfig'])['service'];
  if (isObject(service) && service['port'] === undefined) service['port'] = 443;
}

function ensure(parent: Mutable, key: string): Mutable {
  const value = parent[key];
  if (isObject(value)) return value;
  const made: Mutable = {};
  parent[key] = made;
  return made;
}

/** The status of a new CRD: its storage version is stored, nothing else is known yet. */
export function prepareCrdCreate(crd: Mutable): void {
  const storage = versionsOf(objectOf(crd['spec'])).find(v => v['storage'] === true);
  crd['status'] = {
    conditions: null,
    acceptedNames: { plural: '', kind: '' },
    storedVersions: storage ? [stringOf(storage['name'])] : null,
  };
}

/** On update of the spec, status stays, and a new storage version joins the stored ones. */
export function prepareCrdUpdate(crd: Mutable, old: Readonly<Mutable>): void {
  crd['status'] = { ...objectOf(old['status']) };
  storeStorageVersion(crd);
}

/** The storage version is always among the stored ones, whatever a client writes. */
export function storeStorageVersion(crd: Mutable): void {
  const status: Mutable = { ...objectOf(crd['status']) };
  const stored = Array.isArray(status['storedVersions']) ? status['storedVersions'] : [];
  for (const v of versionsOf(objectOf(crd['spec']))) {
    if (v['storage'] === true && !stored.includes(v['name'])) status['storedVersions'] = [...stored, v['name']];
  }
  crd['status'] = status;
}
