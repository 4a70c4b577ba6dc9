import type { AnyObject } from '../../kube/index.ts';
import type { AggregatedStatusItem } from '../interpreter.ts';
import { podDependencies } from './pod-dependencies.ts';
import { podRequirements } from './pod-requirements.ts';
import type { Container, PodSpec } from './pod-spec.ts';
import { type NativeRules, withStatus } from './rules.ts';
import { asBuiltin, asMessage } from './typed.ts';
import { isPresent } from './workload.ts';

interface ContainerStatus {
  readonly ready?: boolean;
  readonly state?: unknown;
}

interface PodStatus {
  readonly phase?: string;
  readonly conditions?: readonly { readonly type?: string; readonly status?: string }[];
  readonly containerStatuses?: readonly ContainerStatus[];
  readonly initContainerStatuses?: readonly ContainerStatus[];
}

interface Pod {
  readonly metadata?: { readonly namespace?: string };
  readonly spec?: PodSpec;
  readonly status?: PodStatus;
}

const read = (object: AnyObject): Pod => asBuiltin('v1', 'Pod', object);

/** The phase of the whole is the first of these that some cluster reports. */
const PHASES = ['Failed', 'Pending', 'Running', 'Succeeded'];

/** v1 Pod */
export const pod: NativeRules = {
  replicas: object => ({ replicas: 1, requirements: podRequirements(read(object).spec) }),
  retain(desired, observed) {
    const mine = read(desired);
    const { spec: theirs = {} } = read(observed);
    const { nodeName: _node, serviceAccountName: _account, volumes: _volumes, containers, initContainers, ...own } = mine.spec ?? {};
    const spec = {
      ...own,
      ...(containers && { containers: withMounts(containers, theirs.containers) }),
      ...(initContainers && { initContainers: withMounts(initContainers, theirs.initContainers) }),
      ...(theirs.nodeName && { nodeName: theirs.nodeName }),
      ...(theirs.serviceAccountName && { serviceAccountName: theirs.serviceAccountName }),
      ...(theirs.volumes && { volumes: theirs.volumes }),
    };
    return { ...mine, spec } as unknown as AnyObject;
  },
  aggregate: aggregatePod,
  dependencies(object) {
    const { metadata, spec } = read(object);
    return podDependencies(spec, metadata?.namespace);
  },
  health(observed) {
    const { status } = read(observed);
    if (status?.phase === 'Succeeded') return true;
    return status?.phase === 'Running' && (status.conditions ?? []).find(c => c.type === 'Ready')?.status === 'True';
  },
};

/** Each of the member's containers, in order, gives its volume mounts to the first container of its name. */
function withMounts(mine: readonly Container[], theirs: readonly Container[] = []): readonly Container[] {
  const result = [...mine];
  for (const { name = '', volumeMounts = [] } of theirs) {
    const i = result.findIndex(container => (container.name ?? '') === name);
    const container = result[i];
    if (container) result[i] = { ...container, volumeMounts };
  }
  return result;
}

function aggregatePod(object: AnyObject, items: readonly AggregatedStatusItem[]): AnyObject {
  const { status: before = {} } = read(object);
  if (items.length === 0 && !before.phase) return { ...object, status: before };
  const statuses = items.map(item => (isPresent(item) ? asMessage<PodStatus>('api.core.v1.PodStatus', item.status) : { phase: 'Pending' }));
  const seen = new Set(statuses.map(status => status.phase));
  const phase = PHASES.find(candidate => seen.has(candidate));
  const containerStatuses = statuses.flatMap(status => (status.containerStatuses ?? []).map(shortStatus));
  const initContainerStatuses = statuses.flatMap(status => (status.initContainerStatuses ?? []).map(shortStatus));
  const status = {
    ...(phase ? { phase } : {}),
    ...(containerStatuses.length > 0 ? { containerStatuses } : {}),
    ...(initContainerStatuses.length > 0 ? { initContainerStatuses } : {}),
  };
  return withStatus(object, status, ['containerStatuses'], ['initContainerStatuses']);
}

/** The fields a ContainerStatus cannot leave out are empty: only `ready` and `state` mean something across clusters. */
function shortStatus({ ready = false, state }: ContainerStatus): unknown {
  return { name: '', ready, restartCount: 0, image: '', imageID: '', ...(state ? { state } : {}) };
}
