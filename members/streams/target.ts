// Which container of a pod a stream is about, and whether it can be had; refusals as an API server and its kubelets give them.
import { badRequest, StatusError } from '../../kube/index.ts';
import type { Container, ContainerStatus, Pod } from '../kinds.ts';

export interface Target {
  readonly pod: Pod;
  readonly container: Container;
  readonly status: ContainerStatus | undefined;
}

const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container';

/** Throws a StatusError where the pod has no such container, or several and none is named. */
export function targetOf(pod: Pod, named: string): Target {
  const { containers, initContainers = [] } = pod.spec;
  const { name = '' } = pod.metadata;
  const wanted = named || pod.metadata.annotations?.[DEFAULT_CONTAINER] || (containers.length === 1 ? containers[0]?.name : undefined);
  if (wanted === undefined) {
    const list = (some: readonly Container[]): string => `[${some.map(c => c.name).join(' ')}]`;
    const init = initContainers.length > 0 ? ` or one of the init containers: ${list(initContainers)}` : '';
    throw badRequest(`a container name must be specified for pod ${name}, choose one of: ${list(containers)}${init}`);
  }
  const container = [...containers, ...initContainers].find(c => c.name === wanted);
  if (!container) throw badRequest(`container ${wanted} is not valid for pod ${name}`);
  const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
  return { pod, container, status: statuses.find(s => s.name === wanted) };
}

/** Throws where nothing runs in the container. */
export function mustRun(t: Target, verb: 'exec' | 'attach'): void {
  const { phase } = t.pod.status ?? {};
  if (phase === 'Succeeded' || phase === 'Failed')
    throw badRequest(`cannot ${verb} ${verb === 'exec' ? 'into' : 'to'} a container in a completed pod; current phase is ${phase}`);
  if (!t.status?.state?.running) throw upgradeFailed(`container not found (${JSON.stringify(t.container.name)})`);
}

export const upgradeFailed = (why: string): StatusError =>
  new StatusError({ code: 500, reason: 'InternalError', message: `unable to upgrade connection: ${why}` });

/** `namespace/pod container`: how everything that a simulated container says begins. */
export const titleOf = ({ pod, container }: Target): string => `${pod.metadata.namespace}/${pod.metadata.name} ${container.name}`;
