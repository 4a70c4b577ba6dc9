// The AdmissionRequest that webhooks receive and policies see as `request`.
import { type AnyObject, objectOf, type Resource, stringOf } from '../../kube/index.ts';
import { type Core, scaleOf } from '../registry/index.ts';
import type { Attributes, MutableObject } from './plugin.ts';

type Raw = Readonly<Record<string, unknown>>;

/** The request without uid and objects. `asked` is the resource the client named, where the rules name another one. */
export function admissionRequest(core: Core, a: Attributes, asked: Resource = a.resource): Raw {
  const part = a.subresource ? { subResource: a.subresource, requestSubResource: a.subresource } : {};
  const namespace = namespaceOf(a);
  return {
    kind: kindOf(core, a.resource, a.subresource),
    resource: gvr(a.resource),
    requestKind: kindOf(core, asked, a.subresource),
    requestResource: gvr(asked),
    ...part,
    ...(a.name ? { name: a.name } : {}),
    ...(namespace ? { namespace } : {}),
    operation: a.operation,
    userInfo: { ...a.user },
    dryRun: a.dryRun,
    options: optionsOf(a),
  };
}

/** Namespace objects count as being in themselves. */
function namespaceOf(a: Attributes): string {
  if (a.resource.group !== '' || a.resource.plural !== 'namespaces') return a.namespace;
  return a.name || stringOf(objectOf(a.object?.['metadata'])['name']);
}

const gvr = (r: Resource): Raw => ({ group: r.group, version: r.version, resource: r.plural });

function kindOf(core: Core, r: Resource, subresource: string): Raw {
  const sub = subresource ? core.catalog.find(r.group, r.version, r.plural)?.subresources.get(subresource) : undefined;
  if (sub?.type === 'scale') return { group: 'autoscaling', version: 'v1', kind: 'Scale', ...sub.kind };
  return { group: r.group, version: r.version, kind: r.kind };
}

/** A patch is an update (or a creation) by the time admission sees it. */
function optionsOf(a: Attributes): Raw {
  const { force: _force, ...options } = a.options;
  const kind = stringOf(options['kind']);
  if (a.operation === 'CREATE') return { ...options, kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' };
  return kind === 'PatchOptions' || kind === ''
    ? { ...options, kind: `${a.operation === 'DELETE' ? 'Delete' : 'Update'}Options`, apiVersion: 'meta.k8s.io/v1' }
    : options;
}

/** Object and old object as the request shows them: of a scale subresource the Scale, not its parent. */
export function admissionObjects(core: Core, a: Attributes): { readonly object: Raw | null; readonly oldObject: Raw | null } {
  const { group, version, plural } = a.resource;
  const sub = a.subresource ? core.catalog.find(group, version, plural)?.subresources.get(a.subresource) : undefined;
  const paths = sub?.type === 'scale' ? sub.scale : undefined;
  const shown = (o: Readonly<MutableObject> | undefined): Raw | null =>
    o === undefined ? null : paths ? (scaleOf(o as unknown as AnyObject, paths) as Raw) : o;
  return { object: shown(a.object), oldObject: shown(a.oldObject) };
}
