// What a path of the API takes from the stored object whatever a client sends (status on the object itself, spec on /status ...):
// nobody comes to own such fields by writing them there.
import { EMPTY, exclude, type FieldSet, fieldElement, setOf } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import type { OwnedKind } from '../registry/served.ts';

export interface ResetFields {
  /** Top-level fields: they need not be looked at. */
  readonly skip: ReadonlySet<string>;
  /** The set without what is reset below the top level. */
  keep(set: FieldSet): FieldSet;
}

const NOTHING: ResetFields = { skip: new Set(), keep: set => set };

/** Beside spec, what /status of a built-in kind resets: `group kind` -> paths. */
const ON_STATUS: ReadonlyMap<string, string> = new Map([
  [' Pod', 'spec metadata.deletionTimestamp metadata.ownerReferences'],
  ['apps Deployment', 'spec metadata.labels'],
  ['networking.k8s.io ServiceCIDR', 'spec metadata'],
  ['resource.k8s.io ResourceClaim', 'spec metadata'],
  ['admissionregistration.k8s.io ValidatingAdmissionPolicy', 'spec metadata'],
  ['storage.k8s.io VolumeAttachment', 'spec metadata'],
  ['flowcontrol.apiserver.k8s.io FlowSchema', 'spec metadata'],
  ['flowcontrol.apiserver.k8s.io PriorityLevelConfiguration', 'spec metadata'],
  ['apiregistration.k8s.io APIService', 'spec metadata'],
  ['certificates.k8s.io CertificateSigningRequest', 'spec status.conditions'],
]);

/** Other paths than /status, by `group kind subresource`. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  [' Namespace finalize', 'status'],
  ['certificates.k8s.io CertificateSigningRequest approval', 'spec status.certificate'],
]);

const known = new WeakMap<OwnedKind, Map<string, ResetFields>>();

/** What is reset by a write to `subresource` ('' for the object itself). */
export function resetFields(s: OwnedKind, subresource: string): ResetFields {
  const found = known.get(s)?.get(subresource);
  if (found) return found;
  const compiled = compile(s, subresource);
  known.set(s, new Map(known.get(s)).set(subresource, compiled));
  return compiled;
}

function compile(s: OwnedKind, subresource: string): ResetFields {
  const paths = pathsOf(s, subresource).map(path => path.split('.'));
  if (paths.length === 0) return NOTHING;
  const below = setOf(...paths.filter(p => p.length > 1).map(p => p.map(fieldElement)));
  const skip = new Set(paths.filter(p => p.length === 1).map(p => p[0] ?? ''));
  return { skip, keep: below === EMPTY ? set => set : set => exclude(set, below) };
}

function pathsOf(s: OwnedKind, subresource: string): string[] {
  const { group, kind } = s.resource;
  if (subresource === '') return s.subresources.has('status') ? ['status'] : [];
  if (subresource === 'status') return (s.custom ? 'spec metadata' : (ON_STATUS.get(`${group} ${kind}`) ?? 'spec')).split(' ');
  return ELSEWHERE.get(`${group} ${kind} ${subresource}`)?.split(' ') ?? [];
}

/** Puts back the metadata that a write to /status of a built-in kind may not change; the rest is the kind's own business. */
export function restoreMetadata(s: OwnedKind, object: MutableObject, old: Readonly<MutableObject>): void {
  if (s.custom) return;
  const meta = object['metadata'] as MutableObject;
  const was = old['metadata'] as MutableObject;
  for (const path of pathsOf(s, 'status')) {
    const [head, name] = path.split('.');
    if (head !== 'metadata') continue;
    if (name === undefined) object['metadata'] = { ...was, managedFields: meta['managedFields'], resourceVersion: meta['resourceVersion'] };
    else if (was[name] === undefined) delete meta[name];
    else meta[name] = was[name];
  }
}
