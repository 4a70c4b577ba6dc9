// Writing a decision (specification §1.6): the result, the affinity group, the condition, each a merge patch of what
// differs, against the object as it was read; no difference, no request. Conditions are written last.
import { eventReasons } from '../crds/index.ts';
import { equal } from '../kube/index.ts';
import type { Decided } from './decide.ts';
import { conditionOf, FailureList, isAnswered, SCHEDULED } from './outcome.ts';
import { APPLIED_PLACEMENT, placementText } from './placement.ts';
import type { Binding, BindingStatus, Condition, TargetCluster } from './types.ts';

export interface BindingWriter {
  /** Sends a merge patch; rejects with a StatusError. */
  patch(body: Record<string, unknown>, subresource?: 'status'): Promise<void>;
  /** Records an event about the binding and about the resource it stands for. */
  event(type: 'Normal' | 'Warning', reason: string, message: string): void;
  /** RFC 3339. */
  timestamp(): string;
  /** The generation that the decision covers: that of the binding it was made for, or the one that writing the result made. */
  generation(): number;
}

const SUCCEED = eventReasons.scheduleBindingSucceed;
const FAILED = eventReasons.scheduleBindingFailed;

/** Writes and tells what was decided; the answer is the error that the queue shall know of. */
export async function commit(binding: Binding, { verdict, warnings }: Decided, writer: BindingWriter): Promise<Error | undefined> {
  for (const text of warnings) writer.event('Warning', FAILED, text);
  switch (verdict.kind) {
    case 'deleting':
      writer.event('Warning', FAILED, `skip schedule deleting ${deletingText(binding)}`);
      return undefined;
    case 'broken':
      return verdict.failure;
    case 'idle':
      return syncGeneration(binding, writer);
    case 'placed':
      return writeCondition(binding, await writePlaced(binding, verdict, writer), writer);
    case 'failed':
      return writeCondition(
        binding,
        await writeFailed(binding, { failure: verdict.failure, grouped: warnings.length > 0 }, writer),
        writer,
      );
  }
}

/** Whether the binding tells all of this verdict already, its time aside. */
export function showsResult(binding: Binding, verdict: Decided['verdict']): boolean {
  if (verdict.kind !== 'placed' || resultPatch(binding, verdict.clusters)) return false;
  const { schedulerObservingAffinityName = '', lastScheduledTime = '' } = binding.status ?? {};
  if ((verdict.affinityName ?? '') !== schedulerObservingAffinityName) return false;
  const { generation = 0 } = binding.metadata;
  return Object.keys(statusPatch(binding, undefined, { now: lastScheduledTime, generation })).length === 0;
}

function deletingText({ metadata: { namespace, name = '' } }: Binding): string {
  return namespace ? `resourceBinding: ${namespace}/${name}` : `clusterResourceBinding: ${name}`;
}

async function syncGeneration(binding: Binding, writer: BindingWriter): Promise<Error | undefined> {
  const generation = binding.metadata.generation ?? 0;
  if (generation === (binding.status?.schedulerObservedGeneration ?? 0)) return undefined;
  return attempt(() => writer.patch({ status: { schedulerObservedGeneration: generation } }, 'status'));
}

async function writePlaced(
  binding: Binding,
  o: { readonly clusters: readonly TargetCluster[]; readonly affinityName?: string },
  writer: BindingWriter,
): Promise<Error | undefined> {
  const resultError = await writeResult(binding, o.clusters, writer);
  const nameDiffers = o.affinityName !== undefined && o.affinityName !== (binding.status?.schedulerObservingAffinityName ?? '');
  const name = { schedulerObservingAffinityName: o.affinityName };
  const nameError = nameDiffers ? await attempt(() => writer.patch({ status: name }, 'status')) : undefined;
  const error = FailureList.of(resultError, nameError);
  if (error) writer.event('Warning', FAILED, error.message);
  else writer.event('Normal', SUCCEED, successText(binding, o.clusters));
  return error;
}

function successText(binding: Binding, clusters: readonly TargetCluster[]): string {
  const list = clusters.map(t => `${t.name}:${t.replicas ?? 0}`).join(', ');
  return `Binding has been scheduled successfully. Result${binding.metadata.namespace ? ':' : ''} {${list}}`;
}

/** No cluster fits: the targets are taken away. Any other failure leaves them. */
async function writeFailed(
  binding: Binding,
  { failure, grouped }: { readonly failure: Error; readonly grouped: boolean },
  writer: BindingWriter,
): Promise<Error> {
  if (!isAnswered(failure)) {
    if (!grouped) writer.event('Warning', FAILED, failure.message);
    return failure;
  }
  const patchError = await writeResult(binding, [], writer);
  const error = patchError ? new FailureList([failure, patchError]) : failure;
  writer.event('Warning', FAILED, error.message);
  return error;
}

const comparable = (targets: readonly TargetCluster[] = []): TargetCluster[] =>
  targets.map(({ name, replicas, components }) => ({
    name,
    ...(replicas ? { replicas } : {}),
    ...(components?.length ? { components: components.map(c => ({ name: c.name, ...(c.replicas ? { replicas: c.replicas } : {}) })) } : {}),
  }));

/** The patch that makes the binding hold these targets; undefined where it does. */
function resultPatch(binding: Binding, clusters: readonly TargetCluster[]): Record<string, unknown> | undefined {
  const text = placementText(binding.spec.placement ?? {});
  const annotated = binding.metadata.annotations?.[APPLIED_PLACEMENT] === text;
  const targets = comparable(clusters);
  const same = equal(targets, comparable(binding.spec.clusters));
  if (annotated && same) return undefined;
  return {
    ...(annotated ? {} : { metadata: { annotations: { [APPLIED_PLACEMENT]: text } } }),
    ...(same ? {} : { spec: { clusters: targets.length ? targets : null } }),
  };
}

async function writeResult(binding: Binding, clusters: readonly TargetCluster[], writer: BindingWriter): Promise<Error | undefined> {
  const patch = resultPatch(binding, clusters);
  return patch ? attempt(() => writer.patch(patch)) : undefined;
}

async function writeCondition(binding: Binding, error: Error | undefined, writer: BindingWriter): Promise<Error | undefined> {
  const status = statusPatch(binding, error, { now: writer.timestamp(), generation: writer.generation() });
  const failed = Object.keys(status).length ? await attempt(() => writer.patch({ status }, 'status')) : undefined;
  if (failed) return failed;
  return isAnswered(error) ? undefined : error;
}

/** The fields of the status that change; the time of transition moves only when the condition turns. */
function statusPatch(
  binding: Binding,
  error: Error | undefined,
  { now, generation }: { readonly now: string; readonly generation: number },
): BindingStatus {
  const status = binding.status ?? {};
  const conditions = setCondition(status.conditions ?? [], conditionOf(error), now);
  return {
    ...(equal(conditions, status.conditions ?? []) ? {} : { conditions }),
    ...(error || generation === (status.schedulerObservedGeneration ?? 0) ? {} : { schedulerObservedGeneration: generation }),
    ...(error || status.lastScheduledTime === now ? {} : { lastScheduledTime: now }),
  };
}

function setCondition(conditions: readonly Condition[], next: Omit<Condition, 'lastTransitionTime'>, now: string): Condition[] {
  const present = conditions.find(c => c.type === SCHEDULED);
  if (!present) return [...conditions, { ...next, lastTransitionTime: now }];
  const since = present.status === next.status ? (present.lastTransitionTime ?? now) : now;
  return conditions.map(c => (c === present ? { ...next, lastTransitionTime: since } : c));
}

async function attempt(f: () => Promise<void>): Promise<Error | undefined> {
  try {
    await f();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
