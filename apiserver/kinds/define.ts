// From the description of a kind to its rules. The order of checks on update is the reference's: metadata as a whole, what
// may not change in metadata, then the kind's own steps, which may tell a fault of metadata again.
import { clone, equal } from '../../kube/index.ts';
import type { MutableObject } from '../admission/plugin.ts';
import type { KindRules } from '../registry/rules.ts';
import { canonical } from './canonical.ts';
import { asSent } from './emptied.ts';
import { finalizersUpdate, type MetadataRules, metadata, metadataUpdate, type NameRule } from './metadata.ts';
import { type Faults, has, inside, number, type Obj, sub } from './read.ts';

/** `meta`: what may not change in metadata; `metadata`: its rules for a new object; `full`: all rules of a new object; `spec`: those without metadata; `changes`: the kind's own. */
export type UpdateStep = 'meta' | 'metadata' | 'full' | 'spec' | 'changes';

/** What the generic verbs need to know of a kind beyond its rules. */
export interface KindFacts {
  readonly scope: 'Namespaced' | 'Cluster';
  readonly name: NameRule;
  /** metadata.generation is kept. */
  readonly tracksGeneration: boolean;
  /** PUT without resourceVersion is taken. */
  readonly unconditionalUpdate: boolean;
  /** PUT of a missing object creates it. */
  readonly createOnUpdate: boolean;
  /** What DELETE answers when the object is gone at once. */
  readonly deleteReply: 'object' | 'status';
  /** What a DELETE without propagation policy does with dependents. */
  readonly propagation: 'Background' | 'Orphan';
  readonly subresources: readonly string[];
  /** Warned of on every request for the kind. */
  readonly deprecated?: string;
  /** The group that Invalid errors name, where it is not the kind's own. */
  readonly faultGroup?: string;
  /** A change of what only the server sets is told once, not twice: the kind itself does not look at metadata again. */
  readonly metadataOnce: boolean;
  /** Paths of the scale subresource. */
  readonly scale?: { readonly spec: string; readonly status: string; readonly selector?: string };
}

export interface KindDefinition extends Partial<Omit<KindFacts, 'scope'>> {
  readonly scope: 'Namespaced' | 'Cluster';
  /** Of the family that takes any qualified-looking finalizer. */
  readonly anyFinalizer?: boolean;
  defaults?(object: MutableObject): void;
  prepareCreate?(object: MutableObject): void;
  prepareUpdate?(object: MutableObject, old: Obj, subresource: string): void;
  /** What becomes of a new object once it has been judged. */
  settle?(object: MutableObject): void;
  /** Faults of a new object beside those of its metadata. */
  spec?(faults: Faults, object: Obj): void;
  changes?(faults: Faults, object: Obj, old: Obj, subresource: string): void;
  /** Faults of a status that is written as such. */
  statusFaults?(faults: Faults, object: Obj, old: Obj): void;
  readonly update?: readonly UpdateStep[];
  /** The generation stays 1. */
  readonly generationFixed?: boolean;
  /** Where metadata is checked: before the specification (the default), by `spec` itself, or only once nothing else is wrong. */
  readonly metadataPlace?: 'inside' | 'last';
  /** What a name must be beyond its rule. */
  readonly exactName?: (name: string, object: Obj) => string[];
  /** The generation also counts changes of labels. */
  readonly generationCountsLabels?: boolean;
  /** Has a status of its own: reset on create, kept by writes of the object, written alone by /status. */
  readonly status?: boolean;
  warnings?(object: Obj, old?: Obj): string[];
}

const DEFAULT_UPDATE: readonly UpdateStep[] = ['meta', 'changes', 'full'];
const GENERIC: Pick<MetadataRules, 'name' | 'standardFinalizers'> = { name: 'segment', standardFinalizers: false };

/** The rules of one kind of one version. */
export function rulesOf(definition: KindDefinition, apiVersion: string, kind: string): KindRules {
  const own: MetadataRules = {
    name: definition.name ?? 'subdomain',
    scope: definition.scope,
    standardFinalizers: definition.anyFinalizer !== true,
    ...(definition.exactName ? { exactName: definition.exactName } : {}),
  };
  const full = (faults: Faults, object: Obj): void => {
    if (!definition.metadataPlace) metadata(faults, object, own);
    definition.spec?.(faults, object);
  };
  return {
    defaults(object) {
      canonical(object, apiVersion, kind);
      definition.defaults?.(object);
    },
    sent: asSent,
    ...(definition.settle ? { settle: definition.settle.bind(definition) } : {}),
    prepareCreate(object) {
      resetGeneration(object, definition);
      if (definition.status) restoreStatus(object, emptyStatus(apiVersion, kind));
      definition.prepareCreate?.(object);
    },
    prepareUpdate: (object, old, subresource) => prepareUpdate(definition, object, old, subresource),
    validate(object) {
      const faults: Faults = [];
      full(faults, object);
      if (definition.metadataPlace === 'last' && faults.length === 0) metadata(faults, object, { scope: own.scope, ...GENERIC });
      return faults;
    },
    validateUpdate(object, old, subresource) {
      const faults: Faults = [];
      metadata(faults, object, { scope: own.scope, ...GENERIC });
      metadataUpdate(faults, object, old);
      const steps: Record<UpdateStep, () => void> = {
        meta() {
          metadataUpdate(faults, object, old);
          if (own.standardFinalizers) finalizersUpdate(faults, object);
        },
        metadata: () => metadata(faults, object, own),
        full: () => full(faults, object),
        spec: () => definition.spec?.(faults, object),
        changes: () => definition.changes?.(faults, object, old, subresource),
      };
      for (const step of definition.update ?? DEFAULT_UPDATE) steps[step]();
      if (subresource === 'status') definition.statusFaults?.(faults, object, old);
      return faults;
    },
    ...(definition.warnings ? { warnings: definition.warnings.bind(definition) } : {}),
  };
}

function resetGeneration(object: MutableObject, definition: KindDefinition): void {
  const meta = inside(object, 'metadata');
  if (meta && definition.tracksGeneration) meta['generation'] = 1;
}

/** A write of the object keeps the stored status; a write of /status keeps everything else; an approval is written into the status. */
function prepareUpdate(definition: KindDefinition, object: MutableObject, old: Obj, subresource: string): void {
  if (subresource === 'status') keepAllButStatus(object, old);
  else if (definition.status && subresource !== 'approval') restoreStatus(object, old['status']);
  definition.prepareUpdate?.(object, old, subresource);
  if (definition.tracksGeneration && !definition.generationFixed)
    nextGeneration(object, old, { subresource, labels: definition.generationCountsLabels === true });
}

const OUTSIDE = new Set(['metadata', 'status', 'apiVersion', 'kind']);

/** The generation counts changes outside metadata and status. */
function nextGeneration(object: MutableObject, old: Obj, o: { readonly subresource: string; readonly labels: boolean }): void {
  const meta = inside(object, 'metadata');
  const before = number(sub(old, 'metadata'), 'generation');
  if (!meta) return;
  const body = (of: Obj): unknown => [
    Object.fromEntries(Object.entries(of).filter(([key]) => !OUTSIDE.has(key))),
    o.labels ? sub(sub(of, 'metadata'), 'labels') : undefined,
  ];
  meta['generation'] = o.subresource !== 'status' && !equal(body(object), body(old)) ? before + 1 : before;
}

function keepAllButStatus(object: MutableObject, old: Obj): void {
  for (const key of Object.keys(object))
    if (!['status', 'metadata', 'apiVersion', 'kind'].includes(key) && !has(old, key)) delete object[key];
  for (const [key, value] of Object.entries(old))
    if (!['status', 'metadata', 'apiVersion', 'kind'].includes(key)) object[key] = clone(value);
}

function restoreStatus(object: MutableObject, status: unknown): void {
  if (status === undefined) delete object['status'];
  else object['status'] = clone(status);
}

const emptyStatuses = new Map<string, unknown>();

/** The status of an object that nobody has observed. */
function emptyStatus(apiVersion: string, kind: string): unknown {
  const key = `${apiVersion} ${kind}`;
  if (!emptyStatuses.has(key)) {
    const empty: MutableObject = {};
    canonical(empty, apiVersion, kind);
    emptyStatuses.set(key, empty['status']);
  }
  return emptyStatuses.get(key);
}

/** The facts of a kind, with the values that most kinds have filled in. */
export function factsOf(d: KindDefinition): KindFacts {
  return {
    scope: d.scope,
    name: d.name ?? 'subdomain',
    tracksGeneration: d.tracksGeneration === true && !d.generationFixed,
    unconditionalUpdate: d.unconditionalUpdate ?? true,
    createOnUpdate: d.createOnUpdate ?? false,
    deleteReply: d.deleteReply ?? 'status',
    propagation: d.propagation ?? 'Background',
    metadataOnce: !(d.update ?? DEFAULT_UPDATE).includes('meta') && d.metadataPlace !== 'inside',
    subresources: d.subresources ?? (d.status ? ['status'] : []),
    ...(d.scale ? { scale: d.scale } : {}),
    ...(d.deprecated ? { deprecated: d.deprecated } : {}),
    ...(d.faultGroup === undefined ? {} : { faultGroup: d.faultGroup }),
  };
}
