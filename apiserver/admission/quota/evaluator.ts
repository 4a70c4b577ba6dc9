// How the objects of one resource count against quotas.
import type { AnyObject } from '../../../kube/index.ts';
import type { Attributes } from '../plugin.ts';
import type { Amounts } from './amounts.ts';
import type { Scope } from './scopes.ts';

export interface Evaluator {
  /** Whether the request can change what is used. */
  handles(a: Attributes): boolean;
  /** Whether a resource that a quota limits is one that these objects use. */
  counts(resource: string): boolean;
  usage(object: AnyObject): Amounts;
  /** Without it no quota with scopes is about these objects. */
  inScope?(scope: Scope, object: AnyObject): boolean;
  /** Why the object cannot be counted: what it must say and does not. */
  missing?(required: readonly string[], object: AnyObject): string | undefined;
}
