// How a loop of the server acts: as its own service account, on behalf of nobody.
import type { AnyObject, Client, Logger } from '../../kube/index.ts';
import { traced } from '../audit/index.ts';
import { componentUser } from '../auth/user.ts';
import { inProcessClient } from '../registry/in-process-client.ts';
import {
  type Change,
  type Core,
  type Deleted,
  type Deletion,
  modify,
  type RequestContext,
  remove,
  type Served,
  type Target,
} from '../registry/index.ts';

export interface LoopOptions {
  readonly core: Core;
  readonly log?: Logger;
}

/** The request of a loop: `name` appears in managedFields. */
export function loopContext(name: string, signal?: AbortSignal): RequestContext {
  return {
    user: componentUser(name),
    dryRun: false,
    fieldManager: name,
    options: {},
    warn: () => undefined,
    ...(signal ? { signal } : {}),
  };
}

/** The verbs, as the loop: it passes permission, admission and validation like any other client. */
export function loopClient(core: Core, name: string): Client {
  return inProcessClient(core, { user: componentUser(name), fieldManager: name });
}

export interface LoopCall {
  readonly core: Core;
  /** Who acts. */
  readonly loop: string;
  readonly s: Served;
  readonly target: Target;
  readonly signal?: AbortSignal;
}

/** Deletes an object as the loop. */
export function removeAs(c: LoopCall, o: Deletion): Promise<Deleted> {
  return logged(c, 'delete', () => remove(c.core.plane, c.s, loopContext(c.loop, c.signal), c.target, o));
}

/** Changes an object as the loop. */
export function modifyAs(c: LoopCall, change: Change): Promise<AnyObject> {
  return logged(c, 'update', () => modify(c.core.plane, c.s, loopContext(c.loop, c.signal), c.target, change));
}

function logged<T>({ core, loop, s, target }: LoopCall, verb: string, call: () => Promise<T>): Promise<T> {
  const { audit } = core;
  if (!audit) return call();
  return traced({ audit, clock: core.plane.clock, user: componentUser(loop) }, { verb, r: s.resource, ...target }, 200, call);
}
