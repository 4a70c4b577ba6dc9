// What becomes of a node: ready as soon as it is there, a sign of life now and then, unknown some time after it was switched off.
import { timestamp } from '../../kube/index.ts';
import type { Node } from '../kinds.ts';
import type { Stage, Test } from './stage.ts';

/** `off` in this annotation of a Node stops its kubelet; anything else lets it work. */
export const POWER_ANNOTATION = 'flotilla.io/power';

export interface NodeWorld {
  nowMs(): number;
  /** As nodes report it. */
  readonly kubernetesVersion: string;
  /** A free address for a node. */
  nodeIP(): string;
}

/** What a node can hold when nothing says otherwise. */
export const DEFAULT_CAPACITY = { cpu: '8', 'ephemeral-storage': '100Gi', memory: '16Gi', pods: '110' } as const;

const HEARTBEAT_MS = 300_000;
const SILENCE_MS = 5000;

/** Whether a node's kubelet works. */
export const isUp = (node: Node): boolean => node.metadata.annotations?.[POWER_ANNOTATION] !== 'off';

/** Whether a change switched a node on or off. */
export const powerChanged = (change: { readonly object: Node; readonly old?: Node }): boolean =>
  change.old !== undefined && isUp(change.old) !== isUp(change.object);

/** Whether a change is one of the Ready condition. */
export const readinessChanged = (change: { readonly object: Node; readonly old?: Node }): boolean =>
  change.old !== undefined && readyStatus(change.old) !== readyStatus(change.object);

const up: Test<Node, NodeWorld> = isUp;
const down: Test<Node, NodeWorld> = node => !isUp(node);
const ready =
  (...statuses: readonly (string | undefined)[]): Test<Node, NodeWorld> =>
  node =>
    statuses.includes(readyStatus(node));

/** The status of a node's Ready condition. */
export const readyStatus = (node: Node): string | undefined => node.status?.conditions?.find(c => c.type === 'Ready')?.status;

/** The stages of a node. */
export const nodeStages: readonly Stage<Node, NodeWorld>[] = [
  { name: 'ready', when: [up, ready(undefined, 'False', 'Unknown')], delayMs: 0, then: reportReady },
  { name: 'heartbeat', when: [up], delayMs: HEARTBEAT_MS, then: reportReady },
  { name: 'silent', when: [down, ready('True', 'False')], delayMs: SILENCE_MS, then: reportUnknown },
];

const PRESSURES = [
  ['MemoryPressure', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
] as const;

type NodeCondition = NonNullable<NonNullable<Node['status']>['conditions']>[number];

function reportReady(node: Node, w: NodeWorld): unknown {
  const now = timestamp(w.nowMs());
  const capacity = node.status?.capacity ?? DEFAULT_CAPACITY;
  const wanted: NodeCondition[] = [
    ...PRESSURES.map(([type, reason, message]) => ({ type, status: 'False', reason, message })),
    { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' },
  ];
  return {
    ...node.status,
    capacity,
    allocatable: node.status?.allocatable ?? capacity,
    addresses: node.status?.addresses ?? [
      { type: 'InternalIP', address: w.nodeIP() },
      { type: 'Hostname', address: node.metadata.name ?? '' },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: nodeInfo(node, w.kubernetesVersion),
    conditions: wanted.map(c => stamped(node, c, now, now)),
  };
}

/** Nobody has heard of the node: every condition is unknown, since the last sign of life. */
function reportUnknown(node: Node, w: NodeWorld): unknown {
  const now = timestamp(w.nowMs());
  const known = node.status?.conditions ?? [];
  return {
    ...node.status,
    conditions: known.map(c =>
      stamped(
        node,
        { type: c.type, status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' },
        now,
        c.lastHeartbeatTime ?? now,
      ),
    ),
  };
}

function stamped(node: Node, c: NodeCondition, now: string, lastHeartbeatTime: string): NodeCondition {
  const present = node.status?.conditions?.find(p => p.type === c.type);
  const lastTransitionTime = present?.status === c.status ? (present.lastTransitionTime ?? now) : now;
  return { ...c, lastHeartbeatTime, lastTransitionTime };
}

function nodeInfo(node: Node, kubernetesVersion: string): Record<string, string> {
  const { uid = '' } = node.metadata;
  return {
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    bootID: uid,
    containerRuntimeVersion: 'containerd://2.1.3',
    kernelVersion: '6.8.0',
    kubeProxyVersion: '',
    kubeletVersion: kubernetesVersion,
    machineID: uid.replaceAll('-', ''),
    operatingSystem: 'linux',
    osImage: 'Simulated node',
    systemUUID: uid,
  };
}
