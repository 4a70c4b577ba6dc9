// How a loop of the server acts: as its own service account, on behalf of nobody.
import type { Client, Logger } from '../../kube/index.ts';
import { componentUser } from '../auth/user.ts';
import { inProcessClient } from '../registry/in-process-client.ts';
import type { Core, RequestContext } from '../registry/index.ts';

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
