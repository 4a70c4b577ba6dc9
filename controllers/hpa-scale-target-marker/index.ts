// The scale target of a propagated HorizontalPodAutoscaler keeps its members' replica counts: it gets a label that says so, and loses it with the autoscaler.
import { labels } from '../../crds/index.ts';
import { type AnyObject, at, controller, fromInformer, isStatusError, type Runnable, resource, stringOf } from '../../kube/index.ts';
import type { ControllerContext } from '../context.ts';

const autoscalers = resource({
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  scope: 'Namespaced',
});

export function hpaScaleTargetMarker(context: ControllerContext): Runnable {
  const { hub, clock, log, informers, mapper } = context;
  const copy = informers.of(autoscalers);
  const targetOf = (hpa: AnyObject): string =>
    [
      stringOf(at(hpa, 'spec', 'scaleTargetRef', 'apiVersion')),
      stringOf(at(hpa, 'spec', 'scaleTargetRef', 'kind')),
      hpa.metadata.namespace ?? '',
      stringOf(at(hpa, 'spec', 'scaleTargetRef', 'name')),
    ].join('|');
  const isPropagated = ({ metadata }: AnyObject): boolean =>
    Boolean(metadata.labels?.[labels.propagationPolicyId] ?? metadata.labels?.[labels.clusterPropagationPolicyId]);
  return controller({
    ...context.runtime,
    name: 'hpa-scale-target-marker',
    sources: [fromInformer(copy, { keys: ({ object, old }) => [...new Set([object, ...(old ? [old] : [])].map(targetOf))] })],
    async reconcile(key, signal) {
      const [apiVersion = '', kind = '', namespace = '', name = ''] = key.split('|');
      const found = await mapper.find(apiVersion, kind, signal);
      if (!found) return;
      const marked = copy.list(namespace).some(hpa => isPropagated(hpa) && targetOf(hpa) === key);
      const present = await hub.get(found, { namespace, name }, { signal }).catch((error: unknown) => {
        if (isStatusError(error, 'NotFound')) return undefined;
        throw error;
      });
      if (!present || (present.metadata.labels?.[labels.retainReplicas] === 'true') === marked) return;
      const body = { metadata: { labels: { [labels.retainReplicas]: marked ? 'true' : null } } };
      await hub.patch(found, { namespace, name }, { type: 'merge', body }, { signal });
    },
    clock,
    log,
  });
}
