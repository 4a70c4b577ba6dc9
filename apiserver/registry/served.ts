// What the server knows of one resource in one version: where it is stored, how it is converted, and its kind's own rules.
import { ANY, type AnyObject, type MapSchema, type Resource, rootSchema, type SelectableFields } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import type { Collection, Entry } from '../cache/index.ts';
import type { TableColumns } from '../table/index.ts';
import type { Connecting } from './connection.ts';
import type { RequestContext } from './context.ts';
import type { KindRules } from './rules.ts';

/** How the generic verbs treat a kind, where kinds differ (specification §2.3–§2.7, §2.15). */
export interface KindTraits {
  /** metadata.generation: never kept, or raised with the spec (`also` names further fields that count). */
  readonly generation: 'none' | 'spec' | 'all-but-metadata';
  readonly generationAlso?: (object: Readonly<MutableObject>) => unknown;
  /** PUT without resourceVersion is taken. */
  readonly unconditionalUpdate: boolean;
  readonly createOnUpdate: boolean;
  /** What DELETE answers once the object is gone. */
  readonly deleteReply: 'object' | 'status';
  /** Dependents are orphaned when DELETE names no policy; the text is the warning that says so. */
  readonly orphansByDefault?: string;
  /** Seconds of grace a DELETE gives this object when it names none; 0 = gone at once. */
  readonly graceSeconds?: (object: AnyObject) => number;
  readonly randomNameWhenAbsent?: boolean;
  /** Whether a terminating object must stay although its metadata has no finalizers (spec.finalizers of a Namespace). */
  readonly holds?: (object: AnyObject) => boolean;
  /** DELETE leaves dependents alone, whatever policy it names. */
  readonly uncollected?: boolean;
  /** Reads wait for no revision. */
  readonly uncached?: boolean;
  /** A first DELETE only adds this finalizer: neither generation nor grace change. */
  readonly finalizerOnDelete?: string;
  /** A change of what only the server sets is told once, not twice. */
  readonly metadataOnce?: boolean;
  /** The group that refusals of the object name, where it is not its own. */
  readonly faultGroup?: string;
  /** A Warning with every request: the kind is going away. */
  readonly deprecated?: string;
  /** Before anything else: what the server corrects in what clients send. */
  readonly tidy?: (object: MutableObject, warn: (text: string) => void) => void;
  /** What else changes when an object begins to terminate (phase of a Namespace). */
  readonly onTerminate?: (object: MutableObject) => void;
}

/** The answer of a subresource that is not a part of its parent. */
export interface SubresourceAnswer {
  readonly code: number;
  readonly object: AnyObject;
}

export interface Subresource {
  /** Kind of the bodies, where it is not the parent's. */
  readonly kind?: { readonly group: string; readonly version: string; readonly kind: string };
  readonly verbs: readonly string[];
  /** `part`: the parent object itself, of which this path may change a part (status, finalize, approval). */
  readonly type: 'part' | 'scale' | 'virtual' | 'connect';
  /** `scale`: where the numbers are. */
  readonly scale?: {
    readonly specReplicas: readonly string[];
    readonly statusReplicas: readonly string[];
    readonly selector?: (object: AnyObject) => string;
  };
  /** `virtual`: POST of a body. */
  create?(c: RequestContext, parent: AnyObject, body: MutableObject): Promise<SubresourceAnswer>;
  get?(c: RequestContext, parent: AnyObject): Promise<AnyObject>;
  /** `connect`: answers by itself. */
  readonly connect?: Connecting;
}

/** Answers a POST to a resource of which nothing is stored; the body is its own to change. */
export type Answering = (c: RequestContext, body: MutableObject, namespace: string) => Promise<AnyObject> | AnyObject;

export interface Served {
  readonly resource: Resource;
  readonly singular: string;
  readonly listKind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
  readonly collection: Collection;
  /** Set where a POST is answered at once and nothing is ever stored: reviews. */
  readonly answer?: Answering;
  /** Identifies the version's view of a stored object. */
  readonly viewId: string;
  /** Converts between the stored version and this one; returns the object itself where both are the same. */
  readonly fromStored: (object: AnyObject) => AnyObject;
  readonly toStored: (object: AnyObject) => AnyObject;
  /** Where somebody else converts: makes the views of entries, which must be done before they are read. */
  readonly ready?: (entries: readonly Entry[], signal?: AbortSignal) => Promise<void>;
  /** The same for one object in its stored version; `fromStored` cannot be used then. */
  readonly presenting?: (object: AnyObject, signal?: AbortSignal) => Promise<AnyObject>;
  /** The same for an object that is to be stored; `toStored` cannot be used then. */
  readonly storing?: (object: AnyObject, signal?: AbortSignal) => Promise<AnyObject>;
  readonly rules: KindRules;
  readonly traits: KindTraits;
  /** How the fields of this version are owned. */
  readonly fieldSchema: () => MapSchema;
  /** An object of this version as it is when nobody has said anything. */
  readonly blank: () => Readonly<MutableObject>;
  /** All versions of the same stored objects by apiVersion, this one and those that are not served among them. */
  readonly versions: () => ReadonlyMap<string, Served>;
  /** Custom resources know neither strategic merge nor protobuf. */
  readonly custom: boolean;
  readonly fields: SelectableFields;
  readonly subresources: ReadonlyMap<string, Subresource>;
  /** What a server-side table shows. */
  readonly table: TableColumns;
  /** Removes fields that the kind does not have, in place; names them as clients read it: `unknown field "spec.foo"`. */
  prune(object: MutableObject): string[];
  /** Given as a Warning with every request: a deprecated version. */
  readonly warning?: string;
}

/** As much of a kind as ownership of fields needs. */
export type OwnedKind = Pick<
  Served,
  'resource' | 'custom' | 'subresources' | 'fieldSchema' | 'blank' | 'fromStored' | 'toStored' | 'presenting' | 'storing'
> & { readonly versions: () => ReadonlyMap<string, OwnedKind> };

/** What a kind without a type of its own is: owned by what its fields look like. */
export const UNDESCRIBED: MapSchema = rootSchema(new Map(), ANY);

/** What ownership is told of a kind of which nothing is ever stored. */
export const NEVER_WRITTEN: Pick<Served, 'fieldSchema' | 'blank' | 'versions'> = {
  fieldSchema: () => UNDESCRIBED,
  blank: () => ({}),
  versions: () => new Map(),
};

/** The entry in this version. */
export const viewOf = (s: Served, entry: Entry): Entry => entry.view(s.viewId, s.fromStored);

/** The entry in this version, whoever converts it. */
export async function readyView(s: Served, entry: Entry, signal?: AbortSignal): Promise<Entry> {
  if (s.ready) await s.ready([entry], signal);
  return viewOf(s, entry);
}

/** A stored object in this version, whoever converts it. */
export const presentedForm = (
  s: Pick<Served, 'presenting' | 'fromStored'>,
  object: AnyObject,
  signal?: AbortSignal,
): Promise<AnyObject> | AnyObject => (s.presenting ? s.presenting(object, signal) : s.fromStored(object));

/** An object as it is stored, whoever converts it. */
export const storedForm = (
  s: Pick<Served, 'storing' | 'toStored'>,
  object: AnyObject,
  signal?: AbortSignal,
): Promise<AnyObject> | AnyObject => (s.storing ? s.storing(object, signal) : s.toStored(object));

/** What a refusal of an object is about. */
export const subjectOf = (s: Served, name: string): Resource & { readonly name: string } => ({
  ...s.resource,
  ...(s.traits.faultGroup === undefined ? {} : { group: s.traits.faultGroup }),
  name,
});
