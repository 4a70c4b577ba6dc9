// One pass over one independent binding (specification §8.3).
import { annotations, eventReasons, finalizers, type ResourceBinding } from '../../crds/index.ts';
import type { DependentObjectReference } from '../../interpreter/index.ts';
import { type AnyObject, type EventRecorder, isStatusError } from '../../kube/index.ts';
import { matchesLabels } from '../label-selector.ts';
import { throwTogether } from '../writing.ts';
import { dependedByLabel } from './attach.ts';

export interface DependencySteps {
  readonly recorder: EventRecorder;
  /** Undefined where it is gone. */
  readonly template: (binding: ResourceBinding, signal: AbortSignal) => Promise<AnyObject | undefined>;
  /** Undefined where the kind has no dependencies. */
  readonly interpret: (template: AnyObject) => ((signal: AbortSignal) => Promise<readonly DependentObjectReference[]>) | undefined;
  /** Attached bindings that carry the label. */
  readonly attachedTo: (label: { readonly key: string; readonly id: string }) => readonly ResourceBinding[];
  /** Every object that a reference means. */
  readonly objectsOf: (reference: DependentObjectReference, signal: AbortSignal) => Promise<readonly AnyObject[]>;
  readonly attach: (independent: ResourceBinding, dependency: AnyObject, signal: AbortSignal) => Promise<void>;
  readonly detach: (independent: ResourceBinding, attached: ResourceBinding, signal: AbortSignal) => Promise<void>;
  /** Writes finalizer and annotation; no annotation takes the finalizer off. */
  readonly mark: (independent: ResourceBinding, recorded: string | undefined, signal: AbortSignal) => Promise<ResourceBinding | undefined>;
}

export async function reconcileDependencies(binding: ResourceBinding, o: DependencySteps, signal: AbortSignal): Promise<void> {
  if (!binding.spec.propagateDeps || binding.metadata.deletionTimestamp) return release(binding, o, signal);
  const template = await o.template(binding, signal);
  const ask = template && o.interpret(template);
  if (!template || !ask) return;
  const wanted = await interpreted(template, ask, o, signal);
  const marked = (await o.mark(binding, JSON.stringify(wanted), signal)) ?? binding;
  try {
    await syncAttached(marked, wanted, o, signal);
  } catch (error) {
    if (!signal.aborted)
      o.recorder.event(
        binding,
        'Warning',
        eventReasons.syncScheduleResultToDependenciesFailed,
        error instanceof Error ? error.message : String(error),
      );
    throw error;
  }
  o.recorder.event(
    binding,
    'Normal',
    eventReasons.syncScheduleResultToDependenciesSucceed,
    'Sync schedule results to dependencies succeed.',
  );
}

async function release(binding: ResourceBinding, o: DependencySteps, signal: AbortSignal): Promise<void> {
  if (!binding.metadata.finalizers?.includes(finalizers.dependencies)) return;
  for (const attached of o.attachedTo(dependedByLabel(binding))) await o.detach(binding, attached, signal);
  await o.mark(binding, undefined, signal);
}

async function interpreted(
  template: AnyObject,
  ask: (signal: AbortSignal) => Promise<readonly DependentObjectReference[]>,
  { recorder }: DependencySteps,
  signal: AbortSignal,
): Promise<readonly DependentObjectReference[]> {
  try {
    const found = [...(await ask(signal))].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
    recorder.event(template, 'Normal', eventReasons.getDependenciesSucceed, `Get dependencies([${found.map(printed).join(' ')}]) succeed.`);
    return found;
  } catch (error) {
    recorder.event(template, 'Warning', eventReasons.getDependenciesFailed, (error as Error).message);
    throw error;
  }
}

const sortKey = ({ apiVersion, kind, namespace, name }: DependentObjectReference): string =>
  [apiVersion, kind, namespace ?? '', name ?? ''].join(' ');

const printed = (d: DependentObjectReference): string =>
  `{APIVersion:${d.apiVersion} Kind:${d.kind} Namespace:${d.namespace ?? ''} Name:${d.name ?? ''} LabelSelector:${d.labelSelector ? JSON.stringify(d.labelSelector) : 'nil'}}`;

async function syncAttached(
  binding: ResourceBinding,
  wanted: readonly DependentObjectReference[],
  o: DependencySteps,
  signal: AbortSignal,
): Promise<void> {
  const errors: unknown[] = [];
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      signal.throwIfAborted();
      errors.push(error);
    }
  };
  for (const attached of o.attachedTo(dependedByLabel(binding))) {
    const needed = await isNeeded(attached, wanted, o, signal);
    if (!needed) await attempt(() => o.detach(binding, attached, signal));
  }
  for (const reference of wanted) {
    await attempt(async () => {
      for (const object of await o.objectsOf(reference, signal)) await o.attach(binding, object, signal);
    });
  }
  throwTogether(errors);
}

/** Whether the resource of an attached binding is still among the dependencies. */
async function isNeeded(
  attached: ResourceBinding,
  wanted: readonly DependentObjectReference[],
  o: DependencySteps,
  signal: AbortSignal,
): Promise<boolean> {
  const { apiVersion, kind, namespace, name } = attached.spec.resource;
  const alike = wanted.filter(d => d.apiVersion === apiVersion && d.kind === kind && (d.namespace ?? '') === (namespace ?? ''));
  if (alike.some(d => d.name === name)) return true;
  for (const { labelSelector } of alike) {
    if (!labelSelector) continue;
    const live = await o.template(attached, signal).catch((error: unknown) => {
      if (isStatusError(error, 'NotFound')) return undefined;
      throw error;
    });
    if (live && matchesLabels(labelSelector, live.metadata.labels ?? {})) return true;
  }
  return false;
}

/** What a binding has recorded; nothing where that cannot be read. */
export function recordedDependencies({ metadata }: ResourceBinding): readonly DependentObjectReference[] {
  const text = metadata.annotations?.[annotations.dependencies];
  if (!text) return [];
  try {
    const value = JSON.parse(text) as unknown;
    return Array.isArray(value) ? (value as DependentObjectReference[]) : [];
  } catch {
    return [];
  }
}

/** Whether a reference means the object, by its labels now or before. */
export function meansObject(d: DependentObjectReference, { apiVersion, kind, metadata }: AnyObject): boolean {
  if (d.apiVersion !== apiVersion || d.kind !== kind || (d.namespace ?? '') !== (metadata.namespace ?? '')) return false;
  return d.name ? d.name === metadata.name : d.labelSelector !== undefined && matchesLabels(d.labelSelector, metadata.labels ?? {});
}
