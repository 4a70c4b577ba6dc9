// Everything that runs in a member beside its API server.
import { fromInformer, type Runnable } from '../kube/index.ts';
import type { MemberContext } from './context.ts';
import { NODES, PODS } from './kinds.ts';
import { podScheduler } from './placement/scheduler.ts';
import { endpointsController } from './services/endpoints.ts';
import { nodeTaints } from './stages/node-taints.ts';
import { nodeStages, powerChanged, readinessChanged } from './stages/nodes.ts';
import { podStages } from './stages/pods.ts';
import { alsoWhen, stages } from './stages/stage.ts';
import { daemonSetController } from './workloads/daemon-set.ts';
import { deploymentController } from './workloads/deployment/index.ts';
import { jobController } from './workloads/job/index.ts';
import { replicaSetController } from './workloads/replica-set.ts';
import { statefulSetController } from './workloads/stateful-set/index.ts';
import { world } from './world.ts';

/** The controllers and simulated machines of one member. */
export function memberLoops(c: MemberContext, o: { readonly kubernetesVersion: string }): Runnable[] {
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
    podScheduler(c),
    replicaSetController(c),
    deploymentController(c),
    daemonSetController(c),
    statefulSetController(c),
    jobController(c),
    endpointsController(c),
  ];
}
