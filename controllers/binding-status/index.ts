// Wiring of the binding status controllers: one for each scope, over the same steps.
import { annotations, eventReasons, type ResourceBinding, type Work, works } from '../../crds/index.ts';
import { type Change, controller, equal, fromInformer, isStatusError, type Runnable, timestamp } from '../../kube/index.ts';
import {
  type BindingKind,
  bindingKinds,
  bindingTitle,
  byKey,
  keyOfBinding,
  templateKey,
  templateSubject,
  worksOfBindings,
} from '../bindings.ts';
import type { ControllerContext } from '../context.ts';
import { updateFresh } from '../writing.ts';
import { aggregateStatus } from './aggregate.ts';
import { writeTemplateStatus } from './template-status.ts';

export function bindingStatusControllers(context: ControllerContext): Runnable[] {
  return bindingKinds.map(kind => bindingStatusController(context, kind));
}

function bindingStatusController(context: ControllerContext, kind: BindingKind): Runnable {
  const { informers, clock, log, options } = context;
  const bindings = informers.of(kind.resource);
  const copy = informers.of(works);
  const worksOf = worksOfBindings(informers);
  const namespaced = kind.resource.scope === 'Namespaced';
  const runnable = controller({
    ...context.runtime,
    name: `${kind.title}-status-controller`,
    sources: [
      fromInformer(copy, {
        when: ({ type, object, old }) =>
          type === 'deleted' || (type === 'added' && object.status !== undefined) || !equal(object.status, old?.status),
        keys: ({ object }) => bindingKeyOf(object, namespaced),
      }),
      fromInformer(bindings, { when: isRescheduled }),
    ],
    async reconcile(key, signal) {
      const binding = byKey(bindings, key);
      if (!binding || binding.metadata.deletionTimestamp) return;
      await reconcile(context, { binding, kind, worksOf }, signal);
    },
    clock,
    log,
    workers: namespaced ? options.concurrentResourceBindingSyncs : options.concurrentClusterResourceBindingSyncs,
  });
  context.backlog.add(runnable.queue);
  return runnable;
}

function isRescheduled({ type, object, old }: Change<ResourceBinding>): boolean {
  if (type === 'deleted' || !object.status?.lastScheduledTime) return false;
  return !old || object.spec.resource.resourceVersion !== old.spec.resource.resourceVersion;
}

function bindingKeyOf({ metadata }: Work, namespaced: boolean): string[] {
  const text = (key: string): string => metadata.annotations?.[key] ?? '';
  if (!namespaced) return text(annotations.clusterResourceBindingName) ? [text(annotations.clusterResourceBindingName)] : [];
  const [namespace, name] = [text(annotations.resourceBindingNamespace), text(annotations.resourceBindingName)];
  return namespace && name ? [`${namespace}/${name}`] : [];
}

interface Subject {
  readonly binding: ResourceBinding;
  readonly kind: BindingKind;
  readonly worksOf: (binding: ResourceBinding) => readonly Work[];
}

async function reconcile(context: ControllerContext, { binding, kind, worksOf }: Subject, signal: AbortSignal): Promise<void> {
  const { hub, clock, recorder, mapper } = context;
  const title = bindingTitle(binding);
  const present = await reporting(
    () => {
      const now = timestamp(clock.now());
      const change = (live: ResourceBinding): ResourceBinding => {
        const status = aggregateStatus(live, worksOf(live), now);
        return status === live.status ? live : { ...live, status };
      };
      const target = { client: hub, clock, resource: kind.resource };
      return updateFresh(target, keyOfBinding(binding), { cached: binding, change, subresource: 'status' }, signal);
    },
    error => recorder.event(binding, 'Warning', eventReasons.aggregateStatusFailed, error),
  );
  if (!present) return;
  if (present.changed)
    recorder.event(present.object, 'Normal', eventReasons.aggregateStatusSucceed, `Update ${title} with AggregatedStatus successfully.`);
  const { apiVersion, kind: templateKind } = binding.spec.resource;
  const resource = await mapper.find(apiVersion, templateKind, signal);
  if (!resource) return;
  const items = present.object.status?.aggregatedStatus ?? [];
  const template = await reporting(
    () => writeTemplateStatus({ resource, key: templateKey(binding), items }, context, signal).catch(unlessGone),
    error => recorder.event(templateSubject(binding), 'Warning', eventReasons.aggregateStatusFailed, error),
  );
  if (template)
    recorder.event(template, 'Normal', eventReasons.aggregateStatusSucceed, 'Update Resource with AggregatedStatus successfully.');
}

function unlessGone(error: unknown): undefined {
  if (isStatusError(error, 'NotFound')) return undefined;
  throw error;
}

async function reporting<T>(work: () => Promise<T>, report: (text: string) => void): Promise<T> {
  try {
    return await work();
  } catch (error) {
    report(error instanceof Error ? error.message : String(error));
    throw error;
  }
}
