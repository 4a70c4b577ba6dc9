// Wiring of the detector: copies of everything propagatable, one queue of templates, one queue of policies for each scope.
import {
  bindingName,
  clusterPropagationPolicies,
  clusterResourceBindings,
  conditionTypes,
  eventReasons,
  type PropagationPolicy,
  propagationPolicies,
  type ResourceBinding,
  resourceBindings,
} from '../../crds/index.ts';
import {
  type AnyObject,
  at,
  type Change,
  controller,
  fromInformer,
  keyOf,
  keyText,
  Metrics,
  parseKey,
  periodic,
  type Resource,
  type Runnable,
  resource,
} from '../../kube/index.ts';
import { conditionOf } from '../condition.ts';
import type { ControllerContext } from '../context.ts';
import { searches } from '../operation-metrics.ts';
import { applyPolicy } from './apply-policy.ts';
import { CLAIM_KEYS, claimOf, type PolicyScope, scopeOf } from './claim.ts';
import type { Policies } from './find-policy.ts';
import { type PolicyOptions, reconcilePolicy, requireOverrides } from './policy.ts';
import { policyFeed } from './policy-feed.ts';
import { priorityOf } from './select.ts';
import { reconcileTemplate, type TemplateOptions } from './template.ts';
import { type FactsOptions, templateFacts } from './template-facts.ts';
import { parseTemplateKey } from './template-key.ts';
import { unclaim, unclaimBinding } from './unclaim.ts';
import { WatchedKinds } from './watched-kinds.ts';

const DISCOVERY_MS = 30_000;
const POLICY_DRIVEN = { priority: -100 };
const customResourceDefinitions = resource({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  scope: 'Cluster',
});
const priorityClasses = resource({
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  scope: 'Cluster',
});

/** Controllers that claim templates and make their bindings. */
export function detector(context: ControllerContext): Runnable[] {
  const { clock, log, options } = context;
  const policies = policyLister(context);
  const bindings = bindingIndex(context);
  const waiting = new Map<string, AnyObject>();
  const kinds = new WatchedKinds(context, template => {
    const claim = claimOf(template);
    return claim !== undefined && policies.get(claim)?.spec.activationPreference === 'Lazy';
  });
  const templates = controller({
    ...context.runtime,
    name: 'detector',
    sources: [kinds.source],
    reconcile: (key, signal) => reconcileTemplate(key, templateOptions(context, { policies, bindings, waiting, kinds }), signal),
    clock,
    log,
    workers: options.concurrentResourceTemplateSyncs,
  });
  const feed = policyFeed({
    enqueue: key => templates.queue.add(key, POLICY_DRIVEN),
    isPending: key => templates.queue.holds(key) || isUnscheduled(bindings, key),
    backlog: context.backlog,
    clock,
  });
  const shared: Omit<PolicyOptions, 'resource'> = {
    context,
    policies,
    bindingsOf: bindings.withLabel,
    waiting: () => [...waiting.values()],
    enqueue: (ref, changedByUs) => feed.add(ref, changedByUs),
  };
  return [
    periodic({ name: 'detector-discovery', everyMs: DISCOVERY_MS, clock, log }, signal => kinds.refresh(signal)),
    newKinds(context, kinds),
    templates,
    feed,
    policyController(context, shared, { resource: propagationPolicies, workers: options.concurrentPropagationPolicySyncs }),
    policyController(context, shared, { resource: clusterPropagationPolicies, workers: options.concurrentClusterPropagationPolicySyncs }),
  ];
}

/** Does not wait for the next discovery where a CRD says that there is a new kind. */
function newKinds(context: ControllerContext, kinds: WatchedKinds): Runnable {
  const { informers, clock, log, mapper } = context;
  return controller({
    ...context.runtime,
    name: 'detector-new-kinds',
    sources: [fromInformer(informers.of(customResourceDefinitions), { when: ({ initial, type }) => !initial && type !== 'deleted' })],
    async reconcile(_key, signal) {
      await mapper.renew(signal);
      await kinds.refresh(signal);
    },
    clock,
    log,
  });
}

function policyLister({ informers, clock, runtime }: ControllerContext): Policies {
  const namespaced = informers.of(propagationPolicies);
  const clusterWide = informers.of(clusterPropagationPolicies);
  return {
    get: ({ scope, namespace, name }) => (scope === 'Namespaced' ? namespaced.get(`${namespace}/${name}`) : clusterWide.get(name)),
    list: namespace => (namespace === undefined ? clusterWide.list() : namespaced.list(namespace)),
    measured: searches(runtime.metrics ?? new Metrics(), clock),
  };
}

interface BindingIndex {
  readonly withLabel: (scope: PolicyScope, id: string) => readonly ResourceBinding[];
  readonly get: (namespace: string | undefined, name: string) => ResourceBinding | undefined;
}

function bindingIndex({ informers }: ControllerContext): BindingIndex {
  const copies = [informers.of(resourceBindings), informers.of(clusterResourceBindings)] as const;
  const claims = ({ metadata }: ResourceBinding): string[] =>
    (['Namespaced', 'Cluster'] as const).flatMap(scope => {
      const id = metadata.labels?.[CLAIM_KEYS[scope].id];
      return id ? [`${scope} ${id}`] : [];
    });
  const find = copies.map(copy => copy.indexed(claims));
  return {
    withLabel: (scope, id) => find.flatMap(f => f(`${scope} ${id}`)),
    get: (namespace, name) => (namespace ? copies[0].get(`${namespace}/${name}`) : copies[1].get(name)),
  };
}

/** Whether the scheduler is yet to look at the binding of the template. */
function isUnscheduled(bindings: BindingIndex, key: string): boolean {
  const { namespace, kind, name } = parseTemplateKey(key);
  const binding = bindings.get(namespace || undefined, bindingName(kind, name));
  if (!binding || binding.spec.suspension?.scheduling || isFailed(binding)) return false;
  return (binding.status?.schedulerObservedGeneration ?? 0) < (binding.metadata.generation ?? 0);
}

const isFailed = ({ status }: ResourceBinding): boolean =>
  conditionOf(status?.conditions, conditionTypes.bindingScheduled)?.status === 'False';

interface Parts {
  readonly policies: Policies;
  readonly bindings: BindingIndex;
  readonly waiting: Map<string, AnyObject>;
  readonly kinds: WatchedKinds;
}

function templateOptions(context: ControllerContext, { policies, bindings, waiting, kinds }: Parts): TemplateOptions {
  const { hub, clock, recorder, gates } = context;
  return {
    find: ref => kinds.find(ref),
    policies,
    waiting,
    requireOverrides: (policy, signal) => requireOverrides(policy, context, signal),
    apply: (application, signal) =>
      applyPolicy(
        application,
        {
          hub,
          clock,
          recorder,
          gates,
          facts: (template, policy, s) => templateFacts(template, policy, factsOptions(context, template, s), s),
          cachedBinding: ({ metadata }) => bindings.get(metadata.namespace, metadata.name ?? ''),
        },
        signal,
      ),
    async removeClaim(template, r, claim, signal) {
      const { namespace, name = '' } = template.metadata;
      const binding = bindings.get(namespace, bindingName(template.kind, name));
      if (binding) await unclaimBinding({ hub, clock }, binding, claim, signal);
      await unclaim({ hub, clock }, { resource: r, key: keyOf(template), claim }, signal);
    },
  };
}

function factsOptions({ hub, interpreters, gates, recorder }: ControllerContext, template: AnyObject, signal: AbortSignal): FactsOptions {
  const succeed = { Replicas: eventReasons.getReplicasSucceed, Components: eventReasons.getComponentsSucceed };
  const failed = { Replicas: eventReasons.getReplicasFailed, Components: eventReasons.getComponentsFailed };
  return {
    interpreters,
    gates,
    async priorityOfClass(name) {
      const found = await hub.get(priorityClasses, { name }, { signal }).catch((error: unknown) => {
        throw (error as { reason?: string }).reason === 'NotFound'
          ? new Error(`PriorityClass.scheduling.k8s.io "${name}" not found`, { cause: error })
          : error;
      });
      return Number(at(found, 'value') ?? 0);
    },
    report(subject, error) {
      const what = subject.toLowerCase();
      if (error) recorder.event(template, 'Warning', failed[subject], error.message);
      else recorder.event(template, 'Normal', succeed[subject], `Get ${what} of resource template successfully.`);
    },
  };
}

interface PolicyKind {
  readonly resource: Resource<PropagationPolicy>;
  readonly workers: number;
}

function policyController(
  context: ControllerContext,
  shared: Omit<PolicyOptions, 'resource'>,
  { resource: r, workers }: PolicyKind,
): Runnable {
  const informer = context.informers.of(r);
  const options: PolicyOptions = { ...shared, resource: () => r };
  const changed = ({ type, object, old }: Change<PropagationPolicy>): boolean =>
    type === 'added' || (type === 'updated' && object.metadata.generation !== old?.metadata.generation);
  return controller({
    ...context.runtime,
    name: `${r.plural}-detector`,
    sources: [
      fromInformer(informer, { when: changed, keys: change => [keyText(keyOf(change.object)), ...becameWeaker(change, informer.list())] }),
    ],
    async reconcile(key, signal) {
      const policy = informer.get(parseKey(key));
      if (policy) await reconcilePolicy(policy, options, signal);
    },
    clock: context.clock,
    log: context.log,
    workers,
  });
}

/** Policies that can take over what a policy of lowered priority holds, the strongest first. */
function becameWeaker({ object, old }: Change<PropagationPolicy>, all: readonly PropagationPolicy[]): string[] {
  if (!old || priorityOf(object) >= priorityOf(old)) return [];
  return all
    .filter(
      p =>
        p.spec.preemption === 'Always' &&
        p.spec.priority !== undefined &&
        scopeOf(p) === scopeOf(object) &&
        p.metadata.namespace === object.metadata.namespace &&
        priorityOf(p) > priorityOf(object) &&
        priorityOf(p) < priorityOf(old),
    )
    .sort((a, b) => priorityOf(b) - priorityOf(a))
    .map(p => keyText(keyOf(p)));
}
