// Wiring of the dependencies distributor.
import { annotations, DEPENDED_BY_PREFIX, eventReasons, finalizers, type ResourceBinding, resourceBindings } from '../../crds/index.ts';
import {
  type AnyObject,
  apiVersionOf,
  type Change,
  controller,
  type Enqueue,
  fromInformer,
  getOrUndefined,
  keyOf,
  keyText,
  type Resource,
  type Runnable,
  type Source,
} from '../../kube/index.ts';
import { byKey, templateKey } from '../bindings.ts';
import type { ControllerContext } from '../context.ts';
import { matchesLabels } from '../label-selector.ts';
import { createOrUpdate, updateFresh } from '../writing.ts';
import { attach, detach, type FindBinding } from './attach.ts';
import { type DependencySteps, meansObject, reconcileDependencies, recordedDependencies } from './reconcile.ts';

export function dependenciesDistributor(context: ControllerContext): Runnable {
  const { informers, clock, log, options } = context;
  const copy = informers.of(resourceBindings);
  const watched = new DependencyWatch(context);
  const steps = dependencySteps(context, watched);
  return controller({
    ...context.runtime,
    name: 'dependencies-distributor',
    sources: [fromInformer(copy, { when: concerns }), watched.source],
    async reconcile(key, signal) {
      const binding = byKey(copy, key);
      if (binding) await reconcileDependencies(binding, steps, signal);
    },
    clock,
    log,
    workers: options.concurrentDependentResourceSyncs,
  });
}

function concerns({ type, object, old }: Change<ResourceBinding>): boolean {
  const marked = object.metadata.finalizers?.includes(finalizers.dependencies) ?? false;
  if (type === 'deleted') return false;
  if (type === 'added') return marked || (object.spec.propagateDeps === true && (object.spec.clusters?.length ?? 0) > 0);
  if (object.metadata.generation === old?.metadata.generation && !object.metadata.deletionTimestamp) return false;
  return object.spec.propagateDeps === true || old?.spec.propagateDeps === true || marked;
}

/** Follows the kinds that dependencies are of; a change brings the bindings back that recorded the object. */
class DependencyWatch {
  readonly #context: ControllerContext;
  readonly #watched = new Set<string>();
  #enqueue: Enqueue | undefined;

  constructor(context: ControllerContext) {
    this.#context = context;
  }

  readonly source: Source = {
    synced: Promise.resolve(),
    start: enqueue => {
      this.#enqueue = enqueue;
      return () => {
        this.#enqueue = undefined;
      };
    },
  };

  watch(resource: Resource): void {
    const id = `${apiVersionOf(resource)} ${resource.plural}`;
    if (this.#watched.has(id)) return;
    this.#watched.add(id);
    this.#context.informers.of(resource).subscribe(change => {
      if (!change.initial) this.#changed(resource, change);
    });
  }

  #changed(resource: Resource, { object, old }: Change<AnyObject>): void {
    const typed = { apiVersion: apiVersionOf(resource), kind: resource.kind };
    const versions = [object, ...(old ? [old] : [])].map(version => ({ ...version, ...typed }));
    for (const binding of this.#context.informers.of(resourceBindings).list(object.metadata.namespace)) {
      const recorded = recordedDependencies(binding);
      if (recorded.some(reference => versions.some(version => meansObject(reference, version)))) this.#enqueue?.(keyText(keyOf(binding)));
    }
  }
}

function dependencySteps(context: ControllerContext, watched: DependencyWatch): DependencySteps {
  const { hub, clock, recorder, informers, mapper, interpreters } = context;
  const copy = informers.of(resourceBindings);
  const byLabel = copy.indexed(({ metadata }) =>
    Object.entries(metadata.labels ?? {}).flatMap(([key, value]) => (key.startsWith(DEPENDED_BY_PREFIX) ? [`${key} ${value}`] : [])),
  );
  const target = { client: hub, clock, resource: resourceBindings };
  return {
    recorder,
    async template(binding, signal) {
      const { apiVersion, kind } = binding.spec.resource;
      const resource = await mapper.find(apiVersion, kind, signal);
      return resource && getOrUndefined(hub, resource, templateKey(binding), { signal });
    },
    interpret(template) {
      const ask = interpreters.interpreterFor(template.apiVersion, template.kind)?.dependencies;
      return ask && (signal => ask(template, signal));
    },
    attachedTo: ({ key, id }) => byLabel(`${key} ${id}`),
    async objectsOf({ apiVersion, kind, namespace, name, labelSelector }, signal) {
      const resource = await mapper.resourceFor(apiVersion, kind, signal);
      watched.watch(resource);
      const typed = (object: AnyObject): AnyObject => (object.kind ? object : { ...object, apiVersion, kind });
      if (name) {
        const found = await getOrUndefined(hub, resource, namespace ? { namespace, name } : { name }, { signal });
        return found ? [typed(found)] : [];
      }
      if (!labelSelector) return [];
      const { items } = await hub.list(resource, { ...(namespace ? { namespace } : {}), signal });
      return items.filter(item => matchesLabels(labelSelector, item.metadata.labels ?? {})).map(typed);
    },
    attach: (independent, dependency, signal) => writeAttached(context, { independent, dependency }, signal),
    async detach(independent, attached, signal) {
      await detachFresh(context, { independent, attached }, signal);
    },
    async mark(independent, recorded, signal) {
      return (await updateFresh(target, keyOf(independent), { cached: independent, change: present => marked(present, recorded) }, signal))
        ?.object;
    },
  };
}

function marked(binding: ResourceBinding, recorded: string | undefined): ResourceBinding {
  const present = binding.metadata.finalizers ?? [];
  const others = present.filter(f => f !== finalizers.dependencies);
  if (recorded === undefined) return { ...binding, metadata: { ...binding.metadata, finalizers: others } };
  const kept = present.includes(finalizers.dependencies) ? present : [...present, finalizers.dependencies];
  const annotationMap = { ...binding.metadata.annotations, [annotations.dependencies]: recorded };
  return { ...binding, metadata: { ...binding.metadata, finalizers: kept, annotations: annotationMap } };
}

interface Pair {
  readonly independent: ResourceBinding;
  readonly dependency: AnyObject;
}

/** Reads requirers out of the copy, else live. */
function bindingFinder({ hub, informers }: ControllerContext, signal: AbortSignal): FindBinding {
  return (namespace, name) => {
    const cached = informers.of(resourceBindings).get(`${namespace}/${name}`);
    return cached ? Promise.resolve(cached) : hub.get(resourceBindings, { namespace, name }, { signal });
  };
}

async function detachFresh(
  context: ControllerContext,
  { independent, attached }: { readonly independent: ResourceBinding; readonly attached: ResourceBinding },
  signal: AbortSignal,
): Promise<void> {
  const { hub } = context;
  const live = await getOrUndefined(hub, resourceBindings, keyOf(attached), { signal });
  if (!live) return;
  const binding = await detach(independent, live, bindingFinder(context, signal));
  if (binding !== live) await hub.update(resourceBindings, binding, { signal });
}

async function writeAttached(context: ControllerContext, { independent, dependency }: Pair, signal: AbortSignal): Promise<void> {
  const { hub, clock, recorder } = context;
  const fresh = await attach(independent, dependency, undefined, async () => independent);
  const key = keyOf(fresh.binding);
  const existing = await getOrUndefined(hub, resourceBindings, key, { signal });
  const { binding, conflict } = await attach(independent, dependency, existing, bindingFinder(context, signal));
  if (conflict) recorder.event(binding, 'Warning', eventReasons.dependencyPolicyConflict, conflict);
  if (binding === existing) return;
  const change = (present: ResourceBinding): ResourceBinding =>
    present.metadata.resourceVersion === existing?.metadata.resourceVersion ? binding : present;
  await createOrUpdate({ client: hub, clock, resource: resourceBindings }, binding, { cached: existing, change }, signal);
}
