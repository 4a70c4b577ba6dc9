// One manifest into one member (specification §4.3): created, updated, or left alone where it is right already.
import type { InterpreterLayer } from '../../interpreter/index.ts';
import { type AnyObject, isStatusError, keyOf, type Resource, saysAbsent } from '../../kube/index.ts';
import { type Member, memberObject } from '../members.ts';
import type { MemberWrites, UpdateResult } from '../operation-metrics.ts';
import { isOlder } from '../own-writes.ts';
import { isUpToDate, mayUpdate, objectToSend } from './member-object.ts';
import type { MemberVersions } from './versions.ts';

export interface SyncOptions {
  readonly member: Member;
  readonly interpreters: InterpreterLayer;
  readonly versions: MemberVersions;
  readonly writes: MemberWrites;
}

const ATTEMPTS = 5;

/** The object as the member has written it; undefined where there was nothing to write. Throws where it belongs to somebody else or the member refuses it. */
export async function syncManifest(
  manifest: AnyObject,
  resource: Resource,
  o: SyncOptions,
  signal: AbortSignal,
): Promise<AnyObject | undefined> {
  for (let attempt = 1; ; attempt++) {
    const present = attempt === 1 ? await atFirst(manifest, resource, o, signal) : await live(manifest, resource, o.member, signal);
    try {
      const now = present ? await update(manifest, present, resource, o, signal) : await create(manifest, resource, o, signal);
      const typed = { ...now, apiVersion: manifest.apiVersion, kind: manifest.kind };
      o.versions.record(o.member.name, typed);
      return now === present ? undefined : typed;
    } catch (error) {
      const again =
        isStatusError(error, 'Conflict') || isStatusError(error, 'AlreadyExists') || (present && isStatusError(error, 'NotFound'));
      if (!again || attempt >= ATTEMPTS) throw error;
    }
  }
}

/**
 * The object as a complete copy has it. One that lacks the object is believed: if it is wrong, the member refuses to create a second one, and is asked then. One
 * that is older than our own last write is not.
 */
async function atFirst(
  manifest: AnyObject,
  resource: Resource,
  { member, versions }: SyncOptions,
  signal: AbortSignal,
): Promise<AnyObject | undefined> {
  const copy = member.informer(resource);
  if (!copy.hasSynced) return memberObject(member, resource, keyOf(manifest), signal);
  const present = copy.get(keyOf(manifest));
  const own = versions.get(member.name, manifest);
  const isStale = present && own !== undefined && isOlder(present.metadata.resourceVersion ?? '', own);
  return isStale ? live(manifest, resource, member, signal) : present;
}

async function live(manifest: AnyObject, resource: Resource, member: Member, signal: AbortSignal): Promise<AnyObject | undefined> {
  try {
    return await member.client.get(resource, keyOf(manifest), { signal });
  } catch (error) {
    if (saysAbsent(error, manifest.metadata.name ?? '')) return undefined;
    throw error;
  }
}

const create = (manifest: AnyObject, resource: Resource, { member, writes }: SyncOptions, signal: AbortSignal): Promise<AnyObject> =>
  writes.create(manifest, member.name, () => member.client.create(resource, manifest, { signal }));

const update = (manifest: AnyObject, present: AnyObject, resource: Resource, o: SyncOptions, signal: AbortSignal): Promise<AnyObject> =>
  o.writes.update(
    manifest,
    o.member.name,
    () => bringUpToDate(manifest, present, resource, o, signal),
    written => resultOf(written, present),
  );

const resultOf = (written: AnyObject, present: AnyObject): UpdateResult => {
  if (written === present) return 'none';
  return written.metadata.resourceVersion === present.metadata.resourceVersion ? 'unchanged' : 'updated';
};

async function bringUpToDate(
  manifest: AnyObject,
  present: AnyObject,
  resource: Resource,
  o: SyncOptions,
  signal: AbortSignal,
): Promise<AnyObject> {
  if (!mayUpdate(manifest, present)) {
    const { namespace = '', name } = manifest.metadata;
    throw new Error(
      `resource(kind=${manifest.kind}, ${namespace}/${name}) already exists in the cluster ${o.member.name} and the work.karmada.io/conflict-resolution strategy value is empty, Karmada will not manage this resource`,
    );
  }
  const desired = await objectToSend(manifest, present, o.interpreters, signal);
  return isUpToDate(desired, present) ? present : o.member.client.update(resource, desired, { signal });
}
