// No delete without positive evidence. Whoever takes something away from a member or a binding shows what makes it unwanted: a newer desired state, read from
// a source that was complete when it was read. An empty list, an error, a time-out, a server that has just restarted or a cache that has not synced is not
// evidence, and there is no way to say so: an Evidence can only be made here, and every deletion takes one.
import type { KubeObject } from './object.ts';
import { isStatusError, type StatusError } from './status-error.ts';

/** Where a desired state was read: a revision and whether the copy was complete then. */
export interface EvidenceSource {
  readonly hasSynced: boolean;
  /** The revision up to which the source is complete. */
  readonly revision: string;
}

declare const brand: unique symbol;

/** Proof that an object is unwanted; made by the functions of this file only. */
export interface Evidence {
  readonly [brand]: true;
  /** What was seen, for logs. */
  readonly because: string;
  /** The revision at which it was seen. */
  readonly revision: string;
}

/** What was offered proves nothing yet: try again later, delete nothing. */
export class NoEvidenceError extends Error {
  override readonly name = 'NoEvidenceError';
}

function evidence(because: string, revision: string): Evidence {
  return { because, revision } as unknown as Evidence;
}

/** The desired state itself is on its way out: it carries a deletion timestamp. */
export function ownerIsTerminating(owner: KubeObject): Evidence {
  const { deletionTimestamp, resourceVersion = '', name } = owner.metadata;
  if (!deletionTimestamp || !resourceVersion) throw new NoEvidenceError(`${owner.kind} ${name} is not being deleted`);
  return evidence(`${owner.kind} ${name} is being deleted`, resourceVersion);
}

/** The desired state, as present now, no longer asks for something it is known to have asked for or still lists. */
export function notWantedBy(owner: KubeObject, o: { readonly wanted: ReadonlySet<string>; readonly item: string }): Evidence {
  const { resourceVersion = '', name } = owner.metadata;
  if (!resourceVersion) throw new NoEvidenceError(`${owner.kind} ${name} was not read from a server`);
  if (o.wanted.has(o.item)) throw new NoEvidenceError(`${owner.kind} ${name} still wants ${o.item}`);
  return evidence(`${owner.kind} ${name} does not want ${o.item}`, resourceVersion);
}

/**
 * Something that a complete copy has seen and now refuses. `seen` is the object itself as the copy holds it: what the copy does not hold proves nothing.
 */
export function refusedBySnapshot(source: EvidenceSource, o: { readonly seen: KubeObject | undefined; readonly why: string }): Evidence {
  if (!source.hasSynced || !source.revision) throw new NoEvidenceError('the snapshot is not complete');
  const revision = o.seen?.metadata.resourceVersion;
  if (!o.seen || !revision) throw new NoEvidenceError('the snapshot does not hold the object');
  return evidence(`${o.seen.kind} ${o.seen.metadata.name}: ${o.why}`, revision);
}

/**
 * A deletion that a complete copy has watched: the owner was there and its server said that it went (see informer.ts). The last state of the owner must be shown.
 */
export function watchedDeletion(
  source: EvidenceSource & { get(key: string): KubeObject | undefined },
  last: KubeObject,
  key: string,
): Evidence {
  if (!source.hasSynced || !source.revision) throw new NoEvidenceError('the copy is not complete');
  if (source.get(key)) throw new NoEvidenceError(`${last.kind} ${key} is there`);
  if (!last.metadata.uid) throw new NoEvidenceError(`${last.kind} ${key} was never seen`);
  return evidence(`${last.kind} ${key} was deleted`, source.revision);
}

/**
 * Whether the server that owns an object said, about this very name, that it is not there. A server that has just restarted may not know the kind yet: its 404 names
 * nothing, and says nothing about the object.
 */
export function saysAbsent(error: unknown, name: string): boolean {
  const { code, reason, details } = (isStatusError(error) ? error : {}) as Partial<StatusError>;
  return code === 404 && reason === 'NotFound' && details?.name === name;
}

/** The server that owns an object answered, about this very name, that it is not there. Errors of any other sort prove nothing. */
export function answeredNotFound(error: unknown, about: { readonly kind: string; readonly name: string }): Evidence {
  if (!saysAbsent(error, about.name)) throw new NoEvidenceError(`nobody said that ${about.kind} ${about.name} is not there`);
  return evidence(`the server has no ${about.kind} ${about.name}`, '');
}
