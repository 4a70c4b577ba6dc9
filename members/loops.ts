// Everything that runs in a member beside its API server.
import { fromInformer, type Runnable } from '../kube/index.ts';
import { type AutoscalingOptions, autoscalingController } from './autoscaling/index.ts';
import type { MemberContext } from './context.ts';
import { NODES, PODS } from './kinds.ts';
import { podScheduler } from './placement/scheduler.ts';
import { budgetController } from './policy/budget.ts';
import { endpointsController } from './services/endpoints.ts';
import { loadBalancerController } from './services/load-balancer.ts';
import { mirroringController } from './services/mirrored-slices.ts';
import { nodeTaints } from './stages/node-taints.ts';
import { nodeStages, powerChanged, readinessChanged } from './stages/nodes.ts';
import { podStages } from './stages/pods.ts';
import { alsoWhen, stages } from './stages/stage.ts';
import { taintEviction } from './stages/taint-eviction.ts';
import { claimController } from './storage/binder.ts';
import { volumeController } from './storage/volumes.ts';
import { cronJobController } from './workloads/cron-job/index.ts';
import { daemonSetController } from './workloads/daemon-set.ts';
import { deploymentController } from './workloads/deployment/index.ts';
import { jobController } from './workloads/job/index.ts';
import { replicaSetController, replicationController } from './workloads/replica-set.ts';
import { statefulSetController } from './workloads/stateful-set/index.ts';
import { world } from './world.ts';

/** The controllers and simulated machines of one member. */
export function memberLoops(c: MemberContext, o: AutoscalingOptions & { readonly kubernetesVersion: string }): Runnable[] {
  const pods = c.informer(PODS);
  const nodes = c.informer(NODES);
  const w = world({ clock: c.clock, kubernetesVersion: o.kubernetesVersion, nodes, pods });
  return [
    stages(c, { name: 'node', resource: NODES, stages: nodeStages, world: w }),
    stages(c, {
      name: 'kubelet',
      resource: PODS,
      stages: podStages,
      world: w,
      sources: [
        alsoWhen(fromInformer(nodes, { when: change => change.type === 'added' || powerChanged(change) || readinessChanged(change) }), () =>
          pods.list(),
        ),
      ],
    }),
    nodeTaints(c),
    taintEviction(c),
    podScheduler(c),
    replicaSetController(c),
    replicationController(c),
    deploymentController(c),
    daemonSetController(c),
    statefulSetController(c),
    jobController(c),
    cronJobController(c),
    claimController(c),
    volumeController(c),
    autoscalingController(c, o),
    budgetController(c),
    loadBalancerController(c),
    endpointsController(c),
    mirroringController(c),
  ];
}
