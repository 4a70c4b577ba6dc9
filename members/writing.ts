// Writes that every controller makes: a status where it differs, a deletion that may find nothing.
import { type Client, equal, isStatusError, type KubeObject, keyOf, type Resource } from '../kube/index.ts';

/** Writes the status where it differs, on the condition that nobody wrote in between (Conflict). */
export async function writeStatus<T extends KubeObject & { readonly status?: unknown }>(
  client: Client,
  r: Resource<T>,
  object: T,
  status: unknown,
): Promise<void> {
  if (equal(object.status, status)) return;
  await client.update(r, { ...object, status } as T, { subresource: 'status' });
}

/** Deletes this very object; what is gone or was made anew is fine. */
export async function deleteObject<T extends KubeObject>(
  client: Client,
  r: Resource<T>,
  object: T,
  o: { readonly gracePeriodSeconds?: number } = {},
): Promise<void> {
  const { uid } = object.metadata;
  try {
    await client.delete(r, keyOf(object), { propagationPolicy: 'Background', ...o, ...(uid ? { preconditions: { uid } } : {}) });
  } catch (error) {
    if (!isStatusError(error, 'NotFound') && !isStatusError(error, 'Conflict')) throw error;
  }
}

/** A list with one condition set; its lastTransitionTime moves only with its status. */
export function withCondition<C extends { readonly type: string; readonly status: string; readonly lastTransitionTime?: string | null }>(
  conditions: readonly C[] | undefined,
  next: Omit<C, 'lastTransitionTime'> & { readonly type: string; readonly status: string },
  now: string,
): C[] {
  const present = conditions?.find(c => c.type === next.type);
  const lastTransitionTime = present?.status === next.status ? present.lastTransitionTime : now;
  const made = { ...next, lastTransitionTime } as unknown as C;
  return present ? (conditions ?? []).map(c => (c === present ? made : c)) : [...(conditions ?? []), made];
}
