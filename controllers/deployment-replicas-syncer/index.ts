// The template of a Deployment that is scaled in its members follows the sum that they report (specification §8.10).
import { bindingName, labels, resourceBindings } from '../../crds/index.ts';
import {
  type AnyObject,
  at,
  controller,
  fromInformer,
  keyOf,
  parseKey,
  type ReconcileResult,
  type Runnable,
  resource,
} from '../../kube/index.ts';
import type { ControllerContext } from '../context.ts';
import { updateFresh } from '../writing.ts';
import { isCollected } from './is-collected.ts';

const deployments = resource({ group: 'apps', version: 'v1', kind: 'Deployment', plural: 'deployments', scope: 'Namespaced' });
const WAIT: ReconcileResult = { requeueAfterMs: 1000 };

const isRetained = (object: AnyObject | undefined): boolean => object?.metadata.labels?.[labels.retainReplicas] === 'true';
const counts = (object: AnyObject | undefined): readonly unknown[] => [at(object, 'spec', 'replicas'), at(object, 'status', 'replicas')];

export function deploymentReplicasSyncer(context: ControllerContext): Runnable {
  const { hub, clock, log, informers } = context;
  const copy = informers.of(deployments);
  const bindings = informers.of(resourceBindings);
  return controller({
    ...context.runtime,
    name: 'deployment-replicas-syncer',
    sources: [
      fromInformer(copy, {
        when: ({ type, object, old }) =>
          type === 'updated' && isRetained(object) && (!isRetained(old) || counts(object).some((count, i) => count !== counts(old)[i])),
      }),
    ],
    async reconcile(key, signal) {
      const deployment = copy.get(parseKey(key));
      const [wanted, reported] = counts(deployment);
      if (!deployment || !isRetained(deployment) || wanted === reported) return undefined;
      const { namespace = '', name = '' } = deployment.metadata;
      const binding = bindings.get({ namespace, name: bindingName('Deployment', name) });
      if (binding?.spec.placement?.replicaScheduling?.replicaSchedulingType !== 'Divided') return undefined;
      if (!isCollected(binding, { wanted: Number(wanted ?? 0), reported: Number(reported ?? 0) })) return WAIT;
      const change = (present: AnyObject): AnyObject => ({
        ...present,
        spec: { ...(present['spec'] as object), replicas: Number(reported ?? 0) },
      });
      await updateFresh({ client: hub, clock, resource: deployments }, keyOf(deployment), { cached: deployment, change }, signal);
      return undefined;
    },
    clock,
    log,
  });
}
