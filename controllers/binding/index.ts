// Wiring of the binding controllers: one for each scope, over the same steps.
import {
  annotations,
  type Cluster,
  clusterOfExecutionSpace,
  clusterOverridePolicies,
  clusters,
  eventReasons,
  executionSpace,
  type OverridePolicy,
  overridePolicies,
  type ResourceBinding,
  type Work,
  workName,
  works,
} from '../../crds/index.ts';
import {
  type AnyObject,
  type Change,
  controller,
  fromInformer,
  getOrUndefined,
  type Informer,
  keyOf,
  keyText,
  type Runnable,
} from '../../kube/index.ts';
import {
  type BindingKind,
  bindingKinds,
  byKey,
  kindOfBinding,
  permanentId,
  templateKey,
  templateSubject,
  worksOfBindings,
} from '../bindings.ts';
import type { ControllerContext } from '../context.ts';
import { isOlder } from '../own-writes.ts';
import { selects } from '../resource-selector.ts';
import { updateFresh } from '../writing.ts';
import { ensureWorks } from './ensure-works.ts';
import { deleteAll, deleteOrphans } from './orphans.ts';
import { type BindingSteps, reconcileBinding } from './reconcile.ts';
import { keptClusters } from './targets.ts';

export function bindingControllers(context: ControllerContext): Runnable[] {
  return bindingKinds.map(kind => bindingController(context, kind));
}

function bindingController(context: ControllerContext, kind: BindingKind): Runnable {
  const { informers, clock, log, options } = context;
  const bindings = informers.of(kind.resource);
  const steps = bindingSteps(context);
  const namespaced = kind.resource.scope === 'Namespaced';
  const runnable = controller({
    ...context.runtime,
    name: `${kind.title}-controller`,
    sources: [
      fromInformer(bindings, {
        when: ({ type, object, old }) => type === 'added' || object.metadata.generation !== old?.metadata.generation,
      }),
      // A Work that shows up after its binding has left the cluster.
      fromInformer(informers.of(works), {
        when: ({ type }) => type === 'added',
        keys: ({ object }) => bindingsWithout(bindings, object, namespaced),
      }),
      fromInformer(informers.of(clusterOverridePolicies), { when: isNews, keys: change => affected(context, bindings, change) }),
      ...(namespaced
        ? [fromInformer(informers.of(overridePolicies), { when: isNews, keys: change => affected(context, bindings, change) })]
        : []),
    ],
    async reconcile(key, signal) {
      const binding = byKey(bindings, key);
      if (binding) return reconcileBinding(binding, steps, signal);
    },
    clock,
    log,
    workers: namespaced ? options.concurrentResourceBindingSyncs : options.concurrentClusterResourceBindingSyncs,
  });
  context.backlog.add(runnable.queue);
  return runnable;
}

function bindingsWithout(bindings: Informer<ResourceBinding>, { metadata }: Work, namespaced: boolean): string[] {
  const text = (key: string): string => metadata.annotations?.[key] ?? '';
  const key = namespaced
    ? `${text(annotations.resourceBindingNamespace)}/${text(annotations.resourceBindingName)}`
    : text(annotations.clusterResourceBindingName);
  const binding = byKey(bindings, key);
  const isWanted = binding && keptClusters(binding.spec).has(clusterOfExecutionSpace(metadata.namespace ?? '') ?? '');
  return binding && (!isWanted || binding.metadata.deletionTimestamp) ? [key] : [];
}

/** Bindings see every override policy that is there when they start; only later changes concern them again. */
function isNews({ initial, type, object, old }: Change<OverridePolicy>): boolean {
  return !initial && (type !== 'updated' || object.metadata.generation !== old?.metadata.generation);
}

/** Bindings whose template a changed policy selects, before or after the change. */
function affected(
  { informers }: ControllerContext,
  bindings: Informer<ResourceBinding>,
  { object, old }: Change<OverridePolicy>,
): string[] {
  const versions = old && old !== object ? [object, old] : [object];
  return bindings
    .list(object.metadata.namespace)
    .filter(binding => {
      const template = templateIn(informers, binding);
      return versions.some(({ spec }) => !spec.resourceSelectors?.length || selects(spec.resourceSelectors, template));
    })
    .map(binding => keyText(keyOf(binding)));
}

/** The template as far as selectors need it; the binding's reference where no copy is at hand. */
function templateIn(informers: ControllerContext['informers'], binding: ResourceBinding): AnyObject {
  const { apiVersion, kind } = binding.spec.resource;
  return informers.cached(apiVersion, kind, templateKey(binding)) ?? (templateSubject(binding) as AnyObject);
}

/** Those of the copy, and those made so recently that the copy may not have them: the names of Works are known. */
async function allWorksOf(
  { hub }: ControllerContext,
  binding: ResourceBinding,
  cached: readonly Work[],
  signal: AbortSignal,
): Promise<readonly Work[]> {
  const { kind, name, namespace } = binding.spec.resource;
  const seen = new Set(cached.map(({ metadata }) => metadata.namespace));
  const others = [...keptClusters(binding.spec)].map(executionSpace).filter(space => !seen.has(space));
  const found = await Promise.all(
    others.map(space => getOrUndefined(hub, works, { namespace: space, name: workName(kind, name, namespace) }, { signal })),
  );
  const id = permanentId(binding);
  return [...cached, ...found.flatMap(work => (work && work.metadata.labels?.[kindOfBinding(binding).idLabel] === id ? [work] : []))];
}

function bindingSteps(context: ControllerContext): BindingSteps {
  const { hub, clock, recorder, informers, mapper, interpreters, gates } = context;
  const worksOf = worksOfBindings(informers);
  const copies = {
    works: informers.of(works),
    clusters: informers.of(clusters) as Informer<Cluster>,
    cops: informers.of(clusterOverridePolicies),
    ops: informers.of(overridePolicies),
  };
  return {
    recorder,
    worksOf,
    async template(binding, signal) {
      const { apiVersion, kind, resourceVersion } = binding.spec.resource;
      const copy = informers.cached(apiVersion, kind, templateKey(binding));
      if (copy && resourceVersion && !isOlder(copy.metadata.resourceVersion ?? '', resourceVersion)) return copy;
      const resource = await mapper.find(apiVersion, kind, signal);
      return resource && getOrUndefined(hub, resource, templateKey(binding), { signal });
    },
    async deleteAll(binding, signal) {
      await copies.works.synced;
      await deleteAll(hub, binding, await allWorksOf(context, binding, worksOf(binding), signal), signal);
    },
    async deleteOrphans(binding, signal) {
      await copies.works.synced;
      await deleteOrphans(hub, binding, worksOf(binding), signal);
    },
    async ensureWorks(binding, template, signal) {
      await Promise.all([copies.cops.synced, copies.ops.synced, copies.clusters.synced, copies.works.synced]);
      await ensureWorks(
        binding,
        template,
        {
          hub,
          clock,
          interpreters,
          gates,
          cluster: name => copies.clusters.get(name),
          clusterOverridePolicies: () => copies.cops.list(),
          overridePolicies: namespace => copies.ops.list(namespace),
          cachedWork: (namespace, name) => copies.works.get(`${namespace}/${name}`),
          report: (type, message) => {
            const reason = type === 'Normal' ? eventReasons.applyOverridePolicySucceed : eventReasons.applyOverridePolicyFailed;
            recorder.event(template, type, reason, message);
          },
        },
        signal,
      );
    },
    async removeFinalizer(binding, signal) {
      const { resource, finalizer } =
        bindingKinds.find(k => (k.resource.scope === 'Namespaced') === Boolean(binding.metadata.namespace)) ?? {};
      if (!resource) return;
      const change = (present: ResourceBinding): ResourceBinding => {
        const kept = (present.metadata.finalizers ?? []).filter(f => f !== finalizer);
        return kept.length === (present.metadata.finalizers ?? []).length
          ? present
          : { ...present, metadata: { ...present.metadata, finalizers: kept } };
      };
      await updateFresh({ client: hub, clock, resource }, keyOf(binding), { cached: binding, change }, signal);
    },
  };
}
