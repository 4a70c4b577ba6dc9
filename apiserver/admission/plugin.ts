// The contract of admission: a plugin sees every write after decoding and defaulting, and may change it, warn, or refuse it
// by throwing a StatusError. Mutating plugins run in order, then the object is validated, then validating plugins run.
import type { Resource } from '../../kube/index.ts';
import type { UserInfo } from '../auth/user.ts';

/** An object while it is being built: the only place where API objects are changed in place. */
export type MutableObject = Record<string, unknown>;

export interface Attributes {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly resource: Resource;
  /** '' for the object itself. */
  readonly subresource: string;
  readonly namespace: string;
  /** '' on create with generateName. */
  readonly name: string;
  /** The object to be stored (create, update), absent on delete. Mutating plugins change it in place. */
  readonly object?: MutableObject;
  /** The object as stored now (update, delete). */
  readonly oldObject?: Readonly<MutableObject>;
  /** CreateOptions, UpdateOptions, PatchOptions or DeleteOptions as sent. */
  readonly options: Readonly<MutableObject>;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  /** Adds a Warning header to the answer. */
  warn(text: string): void;
  /** Adds an annotation to the request's audit events, where there is an audit log. */
  readonly annotate?: ((key: string, value: string) => void) | undefined;
}

export interface AdmissionPlugin {
  readonly name: string;
  mutate?(a: Attributes, signal?: AbortSignal): Promise<void> | void;
  validate?(a: Attributes, signal?: AbortSignal): Promise<void> | void;
}
