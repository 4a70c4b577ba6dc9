// What a FederatedHPA scales: the template, its binding, and the copies in the ready clusters with their pods (specification §8.7).
import { clusters, conditionTypes, type FederatedHPA, labels, type ResourceBinding, resourceBindings } from '../../crds/index.ts';
import { type AnyObject, at, type Resource, resource, stringOf } from '../../kube/index.ts';
import { isTrue } from '../condition.ts';
import type { ControllerContext } from '../context.ts';
import type { Member } from '../members.ts';

const pods = resource({ group: '', version: 'v1', kind: 'Pod', plural: 'pods', scope: 'Namespaced' });

export interface ScaleTarget {
  readonly resource: Resource;
  readonly template: AnyObject;
  /** The template's own scale. */
  readonly scale: AnyObject;
}

/** A step that failed, in the words of condition and Event. */
export class TargetError extends Error {
  override readonly name = 'TargetError';
  readonly reason: string;
  readonly eventReason: string;

  constructor(o: { readonly reason: string; readonly eventReason?: string; readonly message: string; readonly cause?: unknown }) {
    super(o.message, { cause: o.cause });
    this.reason = o.reason;
    this.eventReason = o.eventReason ?? o.reason;
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Throws a TargetError. */
export async function scaleTarget({ hub, mapper }: ControllerContext, hpa: FederatedHPA, signal: AbortSignal): Promise<ScaleTarget> {
  const { apiVersion = '', kind, name } = hpa.spec.scaleTargetRef;
  const key = { namespace: hpa.metadata.namespace ?? '', name };
  let found: Resource;
  let template: AnyObject;
  try {
    found = await mapper.resourceFor(apiVersion, kind, signal);
    template = await hub.get(found, key, { signal });
  } catch (cause) {
    const message = `the HPA controller was unable to get the target reference object: ${textOf(cause)}`;
    throw new TargetError({ reason: 'FailedGetScaleTargetRef', message, cause });
  }
  try {
    return { resource: found, template, scale: await hub.get(found, key, { subresource: 'scale', signal }) };
  } catch (cause) {
    const message = `the HPA controller was unable to get the target's current scale: ${textOf(cause)}`;
    throw new TargetError({ reason: 'FailedGetScale', message, cause });
  }
}

/** The binding that the template's policy made. Throws a TargetError. */
export function bindingOfTarget({ informers }: ControllerContext, { template }: ScaleTarget): ResourceBinding {
  const key = [labels.propagationPolicyId, labels.clusterPropagationPolicyId].find(k => template.metadata.labels?.[k]);
  const id = key && template.metadata.labels?.[key];
  const found = informers
    .of(resourceBindings)
    .list(template.metadata.namespace)
    .find(({ metadata, spec }) => {
      const { apiVersion, kind, name } = spec.resource;
      const same = apiVersion === template.apiVersion && kind === template.kind && name === template.metadata.name;
      return same && key !== undefined && metadata.labels?.[key] === id;
    });
  if (found) return found;
  const message = 'the HPA controller was unable to get the binding by scaleTargetRef: the target is not propagated by any policy';
  throw new TargetError({ reason: 'FailedGetBinding', eventReason: 'FailedGetBindings', message });
}

/** The ready clusters of a binding. Throws a TargetError where there is none. */
export function targetMembers({ informers, members }: ControllerContext, { spec }: ResourceBinding): Member[] {
  const found = (spec.clusters ?? []).flatMap(({ name }) => {
    const cluster = informers.of(clusters).get(name);
    if (!cluster || !members.serves(cluster) || !isTrue(cluster.status?.conditions, conditionTypes.clusterReady)) return [];
    return [members.require(cluster)];
  });
  if (found.length > 0) return found;
  const message = 'the HPA controller was unable to get the target clusters from binding: no target clusters';
  throw new TargetError({ reason: 'FailedGetTargetClusters', message });
}

export interface MemberScales {
  readonly pods: readonly AnyObject[];
  readonly specReplicas: number;
  readonly statusReplicas: number;
}

/** Over all clusters that answer. */
export async function memberScales(target: ScaleTarget, members: readonly Member[], signal: AbortSignal): Promise<MemberScales> {
  const { namespace = '', name = '' } = target.template.metadata;
  const parts = await Promise.allSettled(
    members.map(async ({ client }) => {
      const scale = await client.get(target.resource, { namespace, name }, { subresource: 'scale', signal });
      const labelSelector = stringOf(at(scale, 'status', 'selector'));
      if (labelSelector === '') throw new Error('selector is required');
      const found = await client.list(pods, { namespace, labelSelector, signal });
      return { scale, pods: found.items };
    }),
  );
  signal.throwIfAborted();
  const answered = parts.flatMap(part => (part.status === 'fulfilled' ? [part.value] : []));
  const sum = (part: 'spec' | 'status'): number => answered.reduce((n, { scale }) => n + Number(at(scale, part, 'replicas') ?? 0), 0);
  return { pods: answered.flatMap(part => part.pods), specReplicas: sum('spec'), statusReplicas: sum('status') };
}
