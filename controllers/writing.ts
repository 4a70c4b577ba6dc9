// Writes that depend on what is there: read, change, write, and again where somebody else was faster. Nothing is written where nothing changes.
import {
  type Client,
  type Clock,
  equal,
  getOrUndefined,
  isStatusError,
  type KubeObject,
  type ObjectKey,
  type Resource,
  sleep,
} from '../kube/index.ts';
import { inTurn } from './in-turn.ts';
import { newestKnown, rememberOwnWrite, writeId } from './own-writes.ts';

export interface Target<T extends KubeObject> {
  readonly client: Client;
  readonly clock: Clock;
  readonly resource: Resource<T>;
}

export interface UpdateOptions<T extends KubeObject> {
  /** The new object; the very same one where nothing is to be written. */
  readonly change: (present: T) => T;
  readonly subresource?: string;
  /** A copy to begin with; one that does not show what this process wrote itself is left alone, one that misses another's write costs one more round. */
  readonly cached?: T | undefined;
}

export interface CreateOptions<T extends KubeObject> extends Omit<UpdateOptions<T>, 'subresource'> {
  /** The copy is complete and does not have the object: it is created without asking first. */
  readonly isNew?: boolean;
}

const ATTEMPTS = 5;
const WAIT_MS = 10;

interface Updated<T> {
  readonly object: T;
  readonly changed: boolean;
}

/** The object after the change; undefined where it does not exist. Rejects with the last conflict after five attempts. */
export function updateFresh<T extends KubeObject>(
  target: Target<T>,
  key: ObjectKey,
  o: UpdateOptions<T>,
  signal: AbortSignal,
): Promise<Updated<T> | undefined> {
  const id = writeId(target.resource, key);
  return inTurn(target.client, id, () => update(target, { key, id }, o, signal));
}

async function update<T extends KubeObject>(
  { client, clock, resource }: Target<T>,
  { key, id }: { readonly key: ObjectKey; readonly id: string },
  o: UpdateOptions<T>,
  signal: AbortSignal,
): Promise<Updated<T> | undefined> {
  const known = o.cached && newestKnown(client, id, o.cached);
  for (let attempt = 1; ; attempt++) {
    const present = attempt === 1 && known ? known : await getOrUndefined(client, resource, key, { signal });
    if (!present) return undefined;
    const wanted = o.change(present);
    if (wanted === present || equal(wanted, present)) return { object: present, changed: false };
    try {
      const object = await client.update(resource, wanted, { signal, ...(o.subresource ? { subresource: o.subresource } : {}) });
      rememberOwnWrite(client, id, object);
      return { object, changed: true };
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return undefined;
      if (!isStatusError(error, 'Conflict') || attempt >= ATTEMPTS) throw error;
      await sleep(clock, WAIT_MS * attempt * (0.9 + 0.2 * clock.random()), signal);
    }
  }
}

/** Creates the object, or changes the one that is there. */
export async function createOrUpdate<T extends KubeObject>(
  target: Target<T>,
  desired: T,
  o: CreateOptions<T>,
  signal: AbortSignal,
): Promise<Updated<T>> {
  const { namespace, name = '' } = desired.metadata;
  const key = namespace ? { namespace, name } : { name };
  const updated = o.isNew ? undefined : await updateFresh(target, key, o, signal);
  if (updated) return updated;
  try {
    return { object: await target.client.create(target.resource, desired, { signal }), changed: true };
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error;
    const { cached: _, isNew: __, ...fresh } = o;
    const again = await updateFresh(target, key, fresh, signal);
    if (!again) throw error;
    return again;
  }
}

/** Deletes; what is not there any more is fine. */
export async function deleteIfPresent(client: Client, r: Resource<KubeObject>, key: ObjectKey, signal: AbortSignal): Promise<void> {
  try {
    await client.delete(r, key, { signal });
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error;
  }
}

/** Runs all, then throws what failed as one error with each text once. */
export async function allOrErrors(tasks: readonly (() => Promise<unknown>)[]): Promise<void> {
  const results = await Promise.allSettled(tasks.map(task => task()));
  throwTogether(results.flatMap(result => (result.status === 'rejected' ? [result.reason as unknown] : [])));
}

export function throwTogether(errors: readonly unknown[]): void {
  if (errors.length === 0) return;
  if (errors.length === 1) throw errors[0];
  throw new Error(aggregatedText(errors), { cause: errors[0] });
}

/** `[a, b]`, or the text alone. */
export function aggregatedText(errors: readonly unknown[]): string {
  const texts = [...new Set(errors.map(error => (error instanceof Error ? error.message : String(error))))];
  return texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
}
