// What an object says about itself when it is applied is told together with the condition of its Work: one write, and the event that follows has nothing to add.
import { clusterOfExecutionSpace, type Work } from '../../crds/index.ts';
import { type AnyObject, keyOf } from '../../kube/index.ts';
import type { ControllerContext } from '../context.ts';
import { manifestsOf } from '../execution/clean-up.ts';
import { isSelected } from '../options.ts';
import { isOlder } from '../own-writes.ts';
import { reflectManifest, withManifestStatus } from './reflect.ts';

export interface FirstReport {
  /** The Work with what the object says; the very same Work where something newer is known or nothing can be told. */
  add(work: Work): Work;
  /** The Work has been written. */
  done(): void;
}

const NOTHING: FirstReport = { add: work => work, done: () => undefined };

/** `written`: what the member answered. A status that cannot be read now is left to the work status controller, which reports why. */
export async function firstReport(
  context: ControllerContext,
  work: Work,
  written: readonly AnyObject[],
  signal: AbortSignal,
): Promise<FirstReport> {
  const [object] = written;
  const member = context.members.get(clusterOfExecutionSpace(work.metadata.namespace ?? '') ?? '');
  const isFollowed = isSelected('workStatus', context.options.controllers);
  if (!object || !member || !isFollowed || manifestsOf(work).length !== 1) return NOTHING;
  try {
    const item = await reflectManifest(work, object, context, signal);
    const copy = member.informer(await context.mapper.resourceFor(object.apiVersion, object.kind, signal));
    return {
      add(present) {
        const newest = copy.get(keyOf(object));
        const isOld = newest && isOlder(object.metadata.resourceVersion ?? '', newest.metadata.resourceVersion ?? '');
        return isOld ? present : withManifestStatus(present, item);
      },
      done: () => context.reported.record(member.name, object),
    };
  } catch {
    signal.throwIfAborted();
    return NOTHING;
  }
}
