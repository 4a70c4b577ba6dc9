// How a loop of the server acts: as its own service account, on behalf of nobody.
import type { Logger } from '../../kube/index.ts';
import { componentUser } from '../auth/user.ts';
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
