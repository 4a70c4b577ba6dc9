// The versions of a kind as ownership sees them: entries of managedFields are about the fields of the version they were written in.
import { type AnyObject, apiVersionOf, type MapSchema } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import { type OwnedKind, presentedForm, storedForm } from '../registry/served.ts';

export interface FieldVersions {
  readonly served: OwnedKind;
  /** The version of the request. */
  readonly own: string;
  /** The schema of a version; undefined where there is no such version (any more). */
  schema(apiVersion: string): MapSchema | undefined;
  /** The object, given in one version, in another one. Neither carries managedFields. */
  convert(object: Plain, to: string): Promise<Plain>;
}

export type Plain = Readonly<MutableObject>;

const made = new WeakMap<OwnedKind, FieldVersions>();

export function fieldVersions(s: OwnedKind): FieldVersions {
  const known = made.get(s);
  if (known) return known;
  const compiled = compile(s);
  made.set(s, compiled);
  return compiled;
}

function compile(s: OwnedKind): FieldVersions {
  const own = apiVersionOf(s.resource);
  const all = s.versions();
  return {
    served: s,
    own,
    schema: apiVersion => (apiVersion === own ? s.fieldSchema() : all.get(apiVersion)?.fieldSchema()),
    async convert(object, to) {
      if (object['apiVersion'] === to) return object;
      const from = all.get(String(object['apiVersion'])) ?? s;
      const target = to === own ? s : all.get(to);
      if (!target || target === from) return object;
      return presentedForm(target, await storedForm(from, object as AnyObject));
    },
  };
}

/** The object without what says who owns it. */
export function unmanaged(object: Plain): Plain {
  const metadata = object['metadata'] as Record<string, unknown> | undefined;
  if (metadata?.['managedFields'] === undefined) return object;
  const { managedFields: _, ...rest } = metadata;
  return { ...object, metadata: rest };
}
