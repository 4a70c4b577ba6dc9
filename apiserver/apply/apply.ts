// PATCH with an applied configuration: changes the object, or creates it where it is missing and the user may.
import { type AnyObject, badRequest, conflict, isStatusError, notFound, stringOf, timestamp } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import { allow, type Core } from '../registry/call.ts';
import type { RequestContext } from '../registry/context.ts';
import { create } from '../registry/create.ts';
import { type ScalePaths, updateScale } from '../registry/scale.ts';
import type { Served } from '../registry/served.ts';
import { modify, type Target, type Written } from '../registry/update.ts';
import { applyConfiguration } from './configuration.ts';
import { scaleKind } from './scale-managers.ts';

export interface ApplyRequest {
  readonly config: Readonly<MutableObject>;
  readonly force: boolean;
  /** Called once the configuration has been applied, before anything is stored: faults of its text. */
  readonly strict?: () => void;
}

const MAX_ATTEMPTS = 5;

/** Applies until it is stored or refused: an object may come and go in between. */
export async function apply(core: Core, s: Served, c: RequestContext, o: Target & ApplyRequest): Promise<Written> {
  const scale = s.subresources.get(o.subresource)?.scale;
  if (scale) return { object: await changeScale(core, s, c, { ...o, paths: scale }), created: false };
  for (let attempt = 1; ; attempt++) {
    try {
      if (s.collection.get(o.namespace, o.name)) return { object: await change(core, s, c, o), created: false };
      if (o.subresource !== '') throw notFound({ ...s.resource, name: o.name });
      return { object: await make(core, s, c, o), created: true };
    } catch (error) {
      const moved = isStatusError(error, 'AlreadyExists') || (o.subresource === '' && isStatusError(error, 'NotFound'));
      if (!moved || attempt >= MAX_ATTEMPTS) throw error;
      if (isStatusError(error, 'AlreadyExists') && !s.collection.get(o.namespace, o.name)) continue;
      if (isStatusError(error, 'NotFound') && s.collection.get(o.namespace, o.name)) throw error;
    }
  }
}

const nowOf = (core: Core): string => timestamp(core.plane.clock.now());

async function change(core: Core, s: Served, c: RequestContext, o: Target & ApplyRequest): Promise<AnyObject> {
  return modify(core.plane, s, c, o, {
    tracked: true,
    async make(live) {
      const object = await applyConfiguration(s, { ...o, live, manager: c.fieldManager, now: nowOf(core) });
      o.strict?.();
      checkPlace(s, o, object);
      const { resourceVersion } = object['metadata'] as { resourceVersion?: unknown };
      if (stringOf(resourceVersion) !== '' && resourceVersion !== live.metadata.resourceVersion)
        throw conflict({ ...s.resource, name: o.name });
      return object;
    },
  });
}

/** The configuration of a Scale. */
function changeScale(core: Core, s: Served, c: RequestContext, o: Target & ApplyRequest & { paths: ScalePaths }): Promise<AnyObject> {
  return updateScale(core.plane, s, c, o, {
    paths: o.paths,
    tracked: true,
    patched: true,
    async make(live) {
      const scale = await applyConfiguration(scaleKind, { ...o, live, manager: c.fieldManager, now: nowOf(core) });
      o.strict?.();
      return scale;
    },
  });
}

async function make(core: Core, s: Served, c: RequestContext, o: Target & ApplyRequest): Promise<AnyObject> {
  const object = await applyConfiguration(s, { ...o, live: undefined, manager: c.fieldManager, now: nowOf(core) });
  o.strict?.();
  const { uid } = object['metadata'] as { uid?: unknown };
  if (stringOf(uid) !== '')
    throw conflict(
      { ...s.resource, name: o.name },
      `uid mismatch: the provided object specified uid ${stringOf(uid)}, and no existing object was found`,
    );
  checkPlace(s, o, object);
  delete (object['metadata'] as MutableObject)['resourceVersion'];
  await allow(core, { user: c.user, verb: 'create', resource: s.resource, subresource: '', namespace: o.namespace, name: o.name });
  const options = { ...c.options, kind: 'CreateOptions' };
  return create(core.plane, s, { ...c, options }, { namespace: o.namespace, object, tracked: true });
}

/** The object must be the one the path names. */
function checkPlace(s: Served, t: Target, object: MutableObject): void {
  const meta = object['metadata'] as MutableObject;
  const namespace = stringOf(meta['namespace']);
  if (s.resource.scope === 'Namespaced' && namespace === '') meta['namespace'] = t.namespace;
  else if (s.resource.scope === 'Namespaced' && namespace !== t.namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  const name = stringOf(meta['name']);
  if (name === '') throw badRequest(`the name of the object (${t.name} based on URL) was undeterminable: name must be provided`);
  if (name !== t.name) throw badRequest(`the name of the object (${name}) does not match the name on the URL (${t.name})`);
}
