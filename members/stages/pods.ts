// What becomes of a pod on a node: pulled, started, ready; a pod of a Job ends by itself; a deleted one stops.
import { timestamp } from '../../kube/index.ts';
import type { Pod, PodCondition, PodStatus } from '../kinds.ts';
import { controllerOf } from '../owners.ts';
import { withCondition } from '../writing.ts';
import {
  containerStatuses,
  endedStatuses,
  exitCodeOf,
  initStatuses,
  type PullReason,
  pullMessage,
  restartedStatuses,
  runsForever,
} from './containers.ts';
import { canPull } from './image.ts';
import type { Stage, StageEvent, Test } from './stage.ts';

/** What pods on nodes need to know of the rest of the member. */
export interface PodWorld {
  nowMs(): number;
  /** Whether the kubelet of that node works. */
  nodeUp(name: string): boolean;
  /** Whether nobody has heard of that node for some time. */
  nodeLost(name: string): boolean;
  /** The address of that node. */
  nodeIP(name: string): string;
  /** A free address. */
  podIP(): string;
}

type PodTest = Test<Pod, PodWorld>;

/** Seconds that a pod of a Job runs, or any other that is not always started again. */
const RUN_SECONDS = 'flotilla.io/run-seconds';

const PULL_MS = 300;
const START_MS = 500;
const BACK_OFF_MS = 2000;
const RUN_MS = 1000;
const MAX_RESTART_MS = 60_000;
const STOP_MS = 300;

const onNode: PodTest = (pod, w) => pod.spec.nodeName !== undefined && pod.spec.nodeName !== '' && w.nodeUp(pod.spec.nodeName);
const terminating: PodTest = pod => pod.metadata.deletionTimestamp !== undefined && pod.metadata.deletionGracePeriodSeconds !== 0;
const live: PodTest = pod => pod.metadata.deletionTimestamp === undefined;
const phase =
  (...names: readonly string[]): PodTest =>
  pod =>
    names.includes(pod.status?.phase ?? 'Pending');
const everyImage: PodTest = pod => images(pod).every(canPull);
const someImageMissing: PodTest = pod => !images(pod).every(canPull);
const waitsFor =
  (reason: string | undefined): PodTest =>
  pod =>
    pullReason(pod) === reason;
const imageChanged: PodTest = pod =>
  pod.spec.containers.some(c => c.image !== pod.status?.containerStatuses?.find(s => s.name === c.name)?.image);
/** Pods of Jobs end by themselves unless their command cannot, and others where an annotation says when. */
const ends: PodTest = pod => {
  if (pod.spec.restartPolicy === 'Always') return false;
  if (pod.metadata.annotations?.[RUN_SECONDS] !== undefined) return true;
  return controllerOf(pod)?.kind === 'Job' && !pod.spec.containers.some(runsForever);
};
/** Whether a container of the pod ends with a failure, and whether it is then started again where it is. */
const fails: PodTest = pod => pod.spec.containers.some(c => exitCodeOf(c) !== 0);
const startsAgain: PodTest = pod => pod.spec.restartPolicy === 'OnFailure';
const nodeLost: PodTest = (pod, w) => w.nodeLost(pod.spec.nodeName ?? '');
const not =
  (test: PodTest): PodTest =>
  (pod, w) =>
    !test(pod, w);
const hasDeadline: PodTest = pod => pod.spec.activeDeadlineSeconds !== undefined && pod.status?.startTime !== undefined;
const isReady: PodTest = pod => pod.status?.conditions?.some(c => c.type === 'Ready' && c.status === 'True') === true;
const readinessMoved: PodTest = pod => pod.status?.conditions?.find(c => c.type === 'Ready')?.status !== readiness(pod).status;

const images = (pod: Pod): string[] => [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map(c => c.image ?? '');

function pullReason(pod: Pod): string | undefined {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  return statuses.find(s => s.state?.waiting && !canPull(s.image))?.state?.waiting?.reason;
}

/** The stages of a pod that has a node. */
export const podStages: readonly Stage<Pod, PodWorld>[] = [
  {
    name: 'stopped',
    when: [onNode, terminating],
    delayMs: pod => Math.min(STOP_MS, (pod.metadata.deletionGracePeriodSeconds ?? 0) * 1000),
    then: 'delete',
    events: pod => pod.spec.containers.map(c => ({ type: 'Normal', reason: 'Killing', message: `Stopping container ${c.name}` })),
  },
  {
    name: 'pull-failed',
    when: [onNode, live, phase('Pending', 'Running'), someImageMissing, imageChanged],
    delayMs: PULL_MS,
    then: pulling('ErrImagePull'),
    events: pullEvents,
  },
  {
    name: 'pull-backs-off',
    when: [onNode, live, someImageMissing, waitsFor('ErrImagePull')],
    delayMs: BACK_OFF_MS,
    then: pulling('ImagePullBackOff'),
  },
  { name: 'started', when: [onNode, live, phase('Pending'), everyImage], delayMs: START_MS, then: started, events: startEvents },
  { name: 'restarted', when: [onNode, live, phase('Running'), everyImage, imageChanged], delayMs: START_MS, then: started },
  { name: 'failed-and-restarted', when: [onNode, live, phase('Running'), ends, fails, startsAgain], delayMs: restartMs, then: restarted },
  { name: 'ended', when: [onNode, live, phase('Running'), ends], delayMs: runMs, then: ended },
  { name: 'node-lost', when: [live, phase('Running'), nodeLost, isReady], delayMs: 0, then: lost },
  { name: 'readiness', when: [onNode, not(nodeLost), live, phase('Running'), readinessMoved], delayMs: 0, then: started },
  // The last one: where it comes first it would hold up what else becomes of the pod.
  { name: 'deadline', when: [onNode, live, phase('Pending', 'Running'), hasDeadline], delayMs: deadlineMs, then: pastDeadline },
];

function pulling(reason: PullReason): (pod: Pod, w: PodWorld) => PodStatus {
  return (pod, w) => {
    const now = timestamp(w.nowMs());
    return {
      ...placed(pod, w, now),
      phase: pod.status?.phase ?? 'Pending',
      conditions: conditions(pod, now, [
        { type: 'Initialized', status: 'True' },
        notReady('Ready', pod),
        notReady('ContainersReady', pod),
        { type: 'PodScheduled', status: 'True' },
      ]),
      ...statuses(pod, now, reason),
    };
  };
}

const notReady = (type: string, pod: Pod): PodCondition => ({
  type,
  status: 'False',
  reason: 'ContainersNotReady',
  message: `containers with unready status: [${pod.spec.containers
    .filter(c => !canPull(c.image ?? ''))
    .map(c => c.name)
    .join(' ')}]`,
});

function started(pod: Pod, w: PodWorld): PodStatus {
  const now = timestamp(w.nowMs());
  const podIP = pod.status?.podIP ?? (pod.spec.hostNetwork ? w.nodeIP(pod.spec.nodeName ?? '') : w.podIP());
  return {
    ...placed(pod, w, now),
    phase: 'Running',
    podIP,
    podIPs: [{ ip: podIP }],
    conditions: conditions(pod, now, [
      { type: 'Initialized', status: 'True' },
      readiness(pod),
      { type: 'ContainersReady', status: 'True' },
      { type: 'PodScheduled', status: 'True' },
    ]),
    ...statuses(pod, now),
  };
}

/** How long a pod of a Job runs: a second, or as its annotation says. */
function runMs(pod: Pod): number {
  const seconds = Number(pod.metadata.annotations?.[RUN_SECONDS] ?? 'none');
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : RUN_MS;
}

/** Each restart waits twice as long as the one before. */
function restartMs(pod: Pod): number {
  const restarts = Math.max(0, ...(pod.status?.containerStatuses ?? []).map(s => s.restartCount));
  return Math.min(MAX_RESTART_MS, runMs(pod) * 2 ** restarts);
}

function restarted(pod: Pod, w: PodWorld): PodStatus {
  const now = timestamp(w.nowMs());
  return { ...placed(pod, w, now), phase: 'Running', containerStatuses: restartedStatuses(pod, exitCodeOf, now) };
}

/** The node lifecycle controller speaks for a kubelet that is silent. */
function lost(pod: Pod, w: PodWorld): PodStatus {
  return { ...pod.status, conditions: conditions(pod, timestamp(w.nowMs()), [{ type: 'Ready', status: 'False' }]) };
}

/** Ready once the containers are and every readiness gate says so. */
function readiness(pod: Pod): PodCondition {
  const closed = (pod.spec.readinessGates ?? []).find(
    g => pod.status?.conditions?.find(c => c.type === g.conditionType)?.status !== 'True',
  );
  if (!closed) return { type: 'Ready', status: 'True' };
  const message = `corresponding condition of pod readiness gate "${closed.conditionType}" does not exist or is not True.`;
  return { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', message };
}

function ended(pod: Pod, w: PodWorld): PodStatus {
  const now = timestamp(w.nowMs());
  const failed = pod.spec.containers.some(c => exitCodeOf(c) !== 0);
  const over = (type: string): PodCondition => ({ type, status: 'False', reason: failed ? 'PodFailed' : 'PodCompleted' });
  return {
    ...placed(pod, w, now),
    phase: failed ? 'Failed' : 'Succeeded',
    conditions: conditions(pod, now, [over('Ready'), over('ContainersReady')]),
    containerStatuses: endedStatuses(pod, exitCodeOf, now),
  };
}

function deadlineMs(pod: Pod): number {
  return (pod.spec.activeDeadlineSeconds ?? 0) * 1000;
}

/** The code of a process that was killed. */
const KILLED = 137;

function pastDeadline(pod: Pod, w: PodWorld): PodStatus {
  const now = timestamp(w.nowMs());
  const over = (type: string): PodCondition => ({ type, status: 'False', reason: 'PodFailed' });
  return {
    ...placed(pod, w, now),
    phase: 'Failed',
    reason: 'DeadlineExceeded',
    message: 'Pod was active on the node longer than the specified deadline',
    conditions: conditions(pod, now, [over('Ready'), over('ContainersReady')]),
    containerStatuses: endedStatuses(pod, () => KILLED, now),
  };
}

/** What every report of a kubelet says. */
function placed(pod: Pod, w: PodWorld, now: string): PodStatus {
  const hostIP = w.nodeIP(pod.spec.nodeName ?? '');
  return {
    ...pod.status,
    hostIP,
    hostIPs: [{ ip: hostIP }],
    startTime: pod.status?.startTime ?? now,
  };
}

function statuses(pod: Pod, now: string, reason?: PullReason): Pick<PodStatus, 'containerStatuses' | 'initContainerStatuses'> {
  const init = initStatuses(pod, now, reason);
  return { ...(init.length > 0 ? { initContainerStatuses: init } : {}), containerStatuses: containerStatuses(pod, now, reason) };
}

function conditions(pod: Pod, now: string, next: readonly PodCondition[]): PodCondition[] {
  const lastProbeTime = null;
  let all: PodCondition[] = [...(pod.status?.conditions ?? [])];
  for (const condition of next) all = withCondition(all, { lastProbeTime, ...condition }, now);
  return all;
}

function startEvents(pod: Pod): StageEvent[] {
  const normal = (reason: string, message: string): StageEvent => ({ type: 'Normal', reason, message });
  return pod.spec.containers.flatMap(c => [
    normal('Pulled', `Container image "${c.image}" already present on machine`),
    normal('Created', `Container created: ${c.name}`),
    normal('Started', `Container started: ${c.name}`),
  ]);
}

function pullEvents(pod: Pod): StageEvent[] {
  return images(pod)
    .filter(image => !canPull(image))
    .map(image => ({
      type: 'Warning',
      reason: 'Failed',
      message: `Failed to pull image "${image}": ${pullMessage(image, 'ErrImagePull')}`,
    }));
}
