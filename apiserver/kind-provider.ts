// Where the registry gets what a built-in kind adds to the generic verbs.
import { type AnyObject, at, builtinType, isObject, listOf, pruneUnknown } from '../kube/index.ts';
import type { MutableObject } from './admission/plugin.ts';
import { autoscalerFromStored, autoscalerToStored } from './conversions/autoscalers.ts';
import { eventConversion } from './conversions/events.ts';
import { crdRules } from './crd/crd-rules.ts';
import { withMetadata } from './custom-rules.ts';
import { dropDuplicateOwners, kindFacts, kindRules } from './kinds/index.ts';
import type { KindProvider } from './registry/builtin.ts';
import type { KindRules, KindTraits } from './registry/index.ts';
import { builtinColumns } from './table/index.ts';

const PLAIN_RULES: KindRules = { defaults: () => undefined, validate: () => [], validateUpdate: () => [] };

const ORPHANS_BY_DEFAULT = new Map([
  [
    'batch/v1 Job',
    'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
  ],
  ['v1 ReplicationController', ''],
]);

const POD_GRACE_SECONDS = 30;

/** Traits that only some kinds have. */
const SPECIAL: ReadonlyMap<string, Partial<KindTraits>> = new Map([
  ['v1 Namespace', { holds: hasSpecFinalizers, onTerminate: terminateNamespace }],
  ['v1 Pod', { graceSeconds: podGrace }],
  ['v1 Event', { uncollected: true, uncached: true }],
  ['events.k8s.io/v1 Event', { uncollected: true, uncached: true }],
  ['v1 LimitRange', { randomNameWhenAbsent: true }],
  [
    'apiextensions.k8s.io/v1 CustomResourceDefinition',
    { generation: 'spec', unconditionalUpdate: false, finalizerOnDelete: 'customresourcecleanup.apiextensions.k8s.io' },
  ],
  ['discovery.k8s.io/v1 EndpointSlice', { generationAlso: (o: Readonly<MutableObject>) => at(o, 'metadata', 'labels') }],
  ['apps/v1 Deployment', { generationAlso: (o: Readonly<MutableObject>) => at(o, 'metadata', 'annotations') }],
]);

function hasSpecFinalizers(object: AnyObject): boolean {
  return listOf(at(object, 'spec', 'finalizers')).length > 0;
}

function terminateNamespace(object: MutableObject): void {
  object['status'] = { ...(isObject(object['status']) ? object['status'] : {}), phase: 'Terminating' };
}

/** A pod on a node is given time to stop; one that never got a node, or has ended, is gone at once. */
function podGrace(pod: AnyObject): number {
  const phase = at(pod, 'status', 'phase');
  if (!at(pod, 'spec', 'nodeName') || phase === 'Succeeded' || phase === 'Failed') return 0;
  const seconds = at(pod, 'spec', 'terminationGracePeriodSeconds');
  return typeof seconds === 'number' ? seconds : POD_GRACE_SECONDS;
}

function traits(apiVersion: string, kind: string): KindTraits {
  const facts = kindFacts(apiVersion, kind);
  const id = `${apiVersion} ${kind}`;
  const orphans = ORPHANS_BY_DEFAULT.get(id);
  return {
    generation: facts?.tracksGeneration ? 'spec' : 'none',
    unconditionalUpdate: facts?.unconditionalUpdate ?? true,
    createOnUpdate: facts?.createOnUpdate ?? false,
    deleteReply: facts?.deleteReply ?? 'status',
    metadataOnce: facts?.metadataOnce ?? false,
    ...(orphans === undefined ? {} : { orphansByDefault: orphans }),
    ...(facts?.faultGroup === undefined ? {} : { faultGroup: facts.faultGroup }),
    ...(facts?.deprecated ? { deprecated: facts.deprecated } : {}),
    tidy: tellDuplicateOwners,
    ...SPECIAL.get(id),
  };
}

function tellDuplicateOwners(object: MutableObject, warn: (text: string) => void): void {
  const text = dropDuplicateOwners(object);
  if (text) warn(text);
}

/** Versions that are not the stored one. */
const CONVERSIONS = new Map([
  ['events.k8s.io/v1 Event', eventConversion],
  ['autoscaling/v1 HorizontalPodAutoscaler', { fromStored: autoscalerFromStored, toStored: autoscalerToStored }],
]);

export const kindProvider: KindProvider = {
  rules: (apiVersion, kind) =>
    kind === 'CustomResourceDefinition' ? withMetadata(crdRules, 'Cluster', 'none') : (kindRules(apiVersion, kind) ?? PLAIN_RULES),
  traits,
  table: builtinColumns,
  prune: (object, apiVersion, kind) => {
    const type = builtinType(apiVersion, kind);
    return type ? pruneUnknown(object, type) : [];
  },
  conversion: (apiVersion, kind) => CONVERSIONS.get(`${apiVersion} ${kind}`),
  subresource: () => undefined,
};
