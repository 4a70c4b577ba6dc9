// The statuses of a pod's containers, as a kubelet would report them.
import type { Container, ContainerState, ContainerStatus, Pod } from '../kinds.ts';
import { canPull } from './image.ts';

export type PullReason = 'ErrImagePull' | 'ImagePullBackOff';

/** Runs beside the containers although it is listed among the init containers. */
const isSidecar = (c: Container): boolean => c.restartPolicy === 'Always';

/** Nothing is pulled or run for real: there are no digests, and no ids of runs. */
function statusOf(
  c: Container,
  o: { readonly known: ContainerStatus | undefined; readonly now: string; readonly reason: PullReason },
): ContainerStatus {
  const image = c.image ?? '';
  const { restartCount = 0, lastState = {} } = o.known ?? {};
  const base = { name: c.name, image, imageID: '' };
  if (!canPull(image)) {
    const waiting = { reason: o.reason, message: pullMessage(image, o.reason) };
    return { ...base, ready: false, restartCount, state: { waiting }, lastState };
  }
  const running = o.known?.state?.running;
  if (o.known?.image === image && running) return o.known;
  return {
    ...base,
    ready: true,
    restartCount: running ? restartCount + 1 : restartCount,
    state: { running: { startedAt: o.now } },
    lastState,
  };
}

/** What goes wrong when an image is pulled. */
export function pullMessage(image: string, reason: PullReason): string {
  if (reason === 'ImagePullBackOff') return `Back-off pulling image "${image}": ErrImagePull: ${notFoundText(image)}`;
  return notFoundText(image);
}

const notFoundText = (image: string): string => `failed to pull image "${image}": repository does not exist or may require authorization`;

const byName = (list: readonly ContainerStatus[] | undefined, name: string): ContainerStatus | undefined =>
  list?.find(s => s.name === name);

/** Statuses of the containers: running where the image is there, waiting where it is not. */
export function containerStatuses(pod: Pod, now: string, reason: PullReason = 'ErrImagePull'): ContainerStatus[] {
  return pod.spec.containers.map(c => statusOf(c, { known: byName(pod.status?.containerStatuses, c.name), now, reason }));
}

/** Init containers have run to their end, sidecars go on; none starts before its image is there. */
export function initStatuses(pod: Pod, now: string, reason: PullReason = 'ErrImagePull'): ContainerStatus[] {
  return (pod.spec.initContainers ?? []).map(c => {
    const known = byName(pod.status?.initContainerStatuses, c.name);
    if (known?.state?.terminated) return known;
    const status = statusOf(c, { known, now, reason });
    if (isSidecar(c) || status.state?.waiting) return status;
    return { ...status, ready: true, state: terminated(0, now, now) };
  });
}

/** All containers have ended. */
export function endedStatuses(pod: Pod, exitCode: (c: Container) => number, now: string): ContainerStatus[] {
  return containerStatuses(pod, now).map(status => {
    const container = pod.spec.containers.find(c => c.name === status.name);
    const code = container ? exitCode(container) : 0;
    return { ...status, ready: false, state: terminated(code, status.state?.running?.startedAt ?? now, now) };
  });
}

/** Containers that failed have been started again in their pod. */
export function restartedStatuses(pod: Pod, exitCode: (c: Container) => number, now: string): ContainerStatus[] {
  return containerStatuses(pod, now).map(status => {
    const container = pod.spec.containers.find(c => c.name === status.name);
    const code = container ? exitCode(container) : 0;
    const lastState = terminated(code, status.state?.running?.startedAt ?? now, now);
    if (code === 0) return { ...status, ready: false, state: lastState };
    return { ...status, restartCount: status.restartCount + 1, state: { running: { startedAt: now } }, lastState };
  });
}

function terminated(exitCode: number, startedAt: string, finishedAt: string): ContainerState {
  return { terminated: { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', startedAt, finishedAt } };
}

/** Whether a container's command never ends: a loop without a condition, an endless sleep, following a file. */
export function runsForever(c: Container): boolean {
  return /(?:^|[;&|\s])(?:while (?:true|:|\[ 1 \])|sleep (?:infinity|inf)\b|tail -[fF])/.test(wordsOf(c));
}

const wordsOf = (c: Container): string => [...(c.command ?? []), ...(c.args ?? [])].join(' ').trim();

/** The code a container's command ends with: `false`, or a last `exit N`, says that it fails. */
export function exitCodeOf(c: Container): number {
  const words = wordsOf(c);
  if (/(?:^|[;&\s/])false$/.test(words)) return 1;
  const code = /(?:^|[;&\s])exit (\d{1,3})$/.exec(words)?.[1];
  return code === undefined ? 0 : Number(code) % 256;
}
