// One pass over one binding (specification §2.2).
import { clusterOfExecutionSpace, eventReasons, type ResourceBinding, type Work } from '../../crds/index.ts';
import type { AnyObject, EventRecorder, ReconcileResult } from '../../kube/index.ts';
import { bindingTitle, templateSubject } from '../bindings.ts';
import { purgedDirectly } from './targets.ts';

const PURGE_POLL_MS = 5000;

export interface BindingSteps {
  readonly recorder: EventRecorder;
  readonly worksOf: (binding: ResourceBinding) => readonly Work[];
  /** Undefined where there is none any more. */
  readonly template: (binding: ResourceBinding, signal: AbortSignal) => Promise<AnyObject | undefined>;
  readonly deleteAll: (binding: ResourceBinding, signal: AbortSignal) => Promise<void>;
  readonly deleteOrphans: (binding: ResourceBinding, signal: AbortSignal) => Promise<void>;
  readonly ensureWorks: (binding: ResourceBinding, template: AnyObject, signal: AbortSignal) => Promise<void>;
  readonly removeFinalizer: (binding: ResourceBinding, signal: AbortSignal) => Promise<void>;
}

export async function reconcileBinding(binding: ResourceBinding, o: BindingSteps, signal: AbortSignal): Promise<ReconcileResult | void> {
  if (binding.metadata.deletionTimestamp) {
    await o.deleteAll(binding, signal);
    return o.removeFinalizer(binding, signal);
  }
  const warn = (reason: string, error: unknown): void => {
    if (signal.aborted) return;
    const text = error instanceof Error ? error.message : String(error);
    for (const subject of [binding, templateSubject(binding)]) o.recorder.event(subject, 'Warning', reason, text);
  };
  await o.deleteOrphans(binding, signal).catch((error: unknown) => {
    warn(eventReasons.cleanupWorkFailed, error);
    throw error;
  });
  const purged = purgedDirectly(binding.spec);
  if (o.worksOf(binding).some(work => purged.has(clusterOfExecutionSpace(work.metadata.namespace ?? '') ?? '')))
    return { requeueAfterMs: PURGE_POLL_MS };
  const template = await o.template(binding, signal);
  if (!template) return;
  await o.ensureWorks(binding, template, signal).catch((error: unknown) => {
    warn(eventReasons.syncWorkFailed, error);
    throw error;
  });
  const text = `Sync work of ${bindingTitle(binding)} successful.`;
  for (const subject of [binding, template]) o.recorder.event(subject, 'Normal', eventReasons.syncWorkSucceed, text);
}
