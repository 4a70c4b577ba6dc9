// What a request brings along besides its object.
import type { UserInfo } from '../auth/user.ts';

export interface RequestContext {
  readonly user: UserInfo;
  readonly signal?: AbortSignal;
  readonly dryRun: boolean;
  /** Who is recorded in managedFields; never empty. */
  readonly fieldManager: string;
  /** CreateOptions, UpdateOptions, PatchOptions or DeleteOptions, for admission. */
  readonly options: Readonly<Record<string, unknown>>;
  warn(text: string): void;
  /** Adds an annotation to the request's audit events, where there is an audit log. */
  readonly annotate?: ((key: string, value: string) => void) | undefined;
}
