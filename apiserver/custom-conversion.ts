// How the versions of a custom kind become each other (specification §2.17). Data gets the defaults of the version it is in, is
// converted, and loses what the version asked for does not know. A CRD with a conversion webhook is asked once for all objects
// of a list; what it answers stays with the cache entries, so each object is converted once.
import { type AnyObject, clone, plain500 } from '../kube/index.ts';
import type { MutableObject } from './admission/plugin.ts';
import type { Entry } from './cache/index.ts';
import { type CallWebhook, convertObjects } from './crd/convert.ts';
import type { CustomKind } from './crd/custom-kind.ts';
import type { Served } from './registry/index.ts';

/** Converts between the stored version and another one of the same CRD. */
export type Conversion = (object: AnyObject, apiVersion: string) => AnyObject;

export interface VersionOptions {
  readonly kind: CustomKind;
  readonly storage: CustomKind;
  /** All versions, also those that are not served. */
  readonly kinds: readonly CustomKind[];
  readonly viewId: string;
  /** Versions that differ in shape and are converted here. */
  readonly convert: Conversion | undefined;
  /** The CRD and how to ask its webhook; without it versions differ in name only. */
  readonly webhook?: { readonly crd: AnyObject; readonly call: CallWebhook; readonly uuid: () => string };
}

type Conversions = Pick<Served, 'fromStored' | 'toStored' | 'ready' | 'presenting' | 'storing'>;

const renamed: Conversion = (object, apiVersion) => ({ ...object, apiVersion });

/** The conversions of one version. */
export function versionConversions(o: VersionOptions): Conversions {
  const { kind, storage } = o;
  const asked = `${kind.group}/${kind.version}`;
  const stored = `${kind.group}/${storage.version}`;
  const convert = o.convert ?? renamed;
  const own = (object: AnyObject): AnyObject => {
    if (kind.isSettled(object)) return object;
    const copy = defaulted(o.kinds, object);
    kind.prune(copy);
    return copy as AnyObject;
  };
  const local: Conversions = {
    fromStored(object) {
      if (object.apiVersion === asked) return own(object);
      return pruned(kind, convert(defaulted(o.kinds, object) as AnyObject, asked));
    },
    toStored: object => (object.apiVersion === stored ? object : pruned(storage, convert(object, stored))),
  };
  if (kind.conversion !== 'Webhook' || o.convert || !o.webhook) return local;
  return remote(o, { asked, stored, own, ...o.webhook });
}

interface Remote {
  readonly asked: string;
  readonly stored: string;
  readonly own: (object: AnyObject) => AnyObject;
  readonly crd: AnyObject;
  readonly call: CallWebhook;
  readonly uuid: () => string;
}

/** Conversions that have to be waited for. */
function remote(o: VersionOptions, { asked, stored, own, crd, call, uuid }: Remote): Conversions {
  const late = (object: AnyObject): never => {
    throw plain500(`conversion webhook for ${object.apiVersion}, Kind=${object.kind} failed: it was not asked`);
  };
  const context = (signal: AbortSignal | undefined) => ({ call, uuid, ...(signal ? { signal } : {}) });
  return {
    fromStored: object => (object.apiVersion === asked ? own(object) : late(object)),
    toStored: object => (object.apiVersion === stored ? object : late(object)),
    async ready(entries, signal) {
      const strange = entries.filter(e => e.object.apiVersion !== asked && !e.hasView(o.viewId));
      if (strange.length === 0) return;
      for (const batch of byVersion(strange)) {
        const objects = batch.map(e => defaulted(o.kinds, e.object));
        const made = await convertObjects(objects, crd, o.kind.version, context(signal));
        batch.forEach((entry, i) => {
          entry.view(o.viewId, () => pruned(o.kind, made[i] as unknown as AnyObject));
        });
      }
    },
    async presenting(object, signal) {
      if (object.apiVersion === asked) return own(object);
      const [made] = await convertObjects([defaulted(o.kinds, object)], crd, o.kind.version, context(signal));
      return pruned(o.kind, (made ?? object) as unknown as AnyObject);
    },
    async storing(object, signal) {
      if (object.apiVersion === stored) return object;
      const [made] = await convertObjects([object as unknown as MutableObject], crd, o.storage.version, context(signal));
      return pruned(o.storage, (made ?? object) as unknown as AnyObject);
    },
  };
}

/** A review asks about objects of one version. */
function byVersion(entries: readonly Entry[]): Entry[][] {
  const groups = new Map<string, Entry[]>();
  for (const e of entries) groups.set(e.object.apiVersion, [...(groups.get(e.object.apiVersion) ?? []), e]);
  return [...groups.values()];
}

/** A copy with the defaults of the version the data is in. */
function defaulted(kinds: readonly CustomKind[], object: AnyObject): MutableObject {
  const copy = clone(object) as unknown as MutableObject;
  kinds.find(k => `${k.group}/${k.version}` === object.apiVersion)?.rules.defaults(copy);
  return copy;
}

function pruned(kind: CustomKind, object: AnyObject): AnyObject {
  const copy = clone(object) as unknown as MutableObject;
  kind.prune(copy);
  return copy as unknown as AnyObject;
}
