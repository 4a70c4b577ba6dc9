// How every component speaks to an API server: one interface, two transports (in-process, HTTPS), one contract suite.
// Every failure is a StatusError; every wait ends with its signal.
import type { AnyObject, KubeObject, ObjectKey, ObjectList } from './object.ts';
import type { Resource } from './resource.ts';

export interface RequestOptions {
  readonly signal?: AbortSignal;
}

export interface GetOptions extends RequestOptions {
  readonly subresource?: string;
  readonly resourceVersion?: string;
}

export interface ListOptions extends RequestOptions {
  /** Absent: all namespaces (or cluster scope). */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan';
}

export interface WriteOptions extends RequestOptions {
  readonly subresource?: string;
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
  readonly fieldValidation?: 'Ignore' | 'Warn' | 'Strict';
  /** Receives the texts of Warning headers. */
  readonly onWarning?: (text: string) => void;
}

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

export interface Patch {
  readonly type: PatchType;
  /** JSON Patch: a list of operations; the others: an object. */
  readonly body: unknown;
  /** Server-side apply only: take conflicting fields over. */
  readonly force?: boolean;
}

export interface DeleteOptions extends RequestOptions {
  readonly dryRun?: boolean;
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

export interface WatchOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Only changes after this revision; absent: the present state as ADDED first. */
  readonly resourceVersion?: string;
  readonly allowBookmarks?: boolean;
  /** Ends the watch: required, a watch without an end leaks. */
  readonly signal: AbortSignal;
}

/** BOOKMARK carries only metadata.resourceVersion. An ERROR event is thrown as a StatusError instead. */
export interface WatchEvent<T extends KubeObject = AnyObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: T;
}

export interface Reader {
  get<T extends KubeObject>(r: Resource<T>, key: ObjectKey, o?: GetOptions): Promise<T>;
  list<T extends KubeObject>(r: Resource<T>, o?: ListOptions): Promise<ObjectList<T>>;
}

export interface Writer {
  create<T extends KubeObject>(r: Resource<T>, object: T, o?: WriteOptions): Promise<T>;
  update<T extends KubeObject>(r: Resource<T>, object: T, o?: WriteOptions): Promise<T>;
  patch<T extends KubeObject>(r: Resource<T>, key: ObjectKey, patch: Patch, o?: WriteOptions): Promise<T>;
  /** Resolves with the object if the server kept it (finalizers, grace), else with undefined. */
  delete<T extends KubeObject>(r: Resource<T>, key: ObjectKey, o?: DeleteOptions): Promise<T | undefined>;
}

export interface Watcher {
  /** Ends when the server ends it or the signal fires; throws a StatusError (410 Expired: list again). */
  watch<T extends KubeObject>(r: Resource<T>, o: WatchOptions): AsyncIterable<WatchEvent<T>>;
}

export interface Client extends Reader, Writer, Watcher {}

/** The answer of a request outside the resource verbs. */
export interface RawResponse {
  readonly code: number;
  readonly body: string;
}

/** Requests that are not about one resource: discovery, health, version. Only remote clients have it. */
export interface RawClient {
  raw(
    method: string,
    path: string,
    o?: RequestOptions & { readonly body?: string; readonly contentType?: string; readonly accept?: string },
  ): Promise<RawResponse>;
}

/** The object, or undefined where it does not exist: an expected outcome. */
export async function getOrUndefined<T extends KubeObject>(
  reader: Reader,
  r: Resource<T>,
  key: ObjectKey,
  o?: GetOptions,
): Promise<T | undefined> {
  try {
    return await reader.get(r, key, o);
  } catch (error) {
    if ((error as { reason?: string }).reason === 'NotFound') return undefined;
    throw error;
  }
}
