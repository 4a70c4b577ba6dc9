// What a check of the pod security standards is, and the words its findings are told in.
import { isObject, listOf, objectOf, stringOf } from '../../../kube/index.ts';

export type Raw = Readonly<Record<string, unknown>>;

/** A pod as checks see it: a pod itself or the template of one. */
export interface PodUnderCheck {
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: Raw;
}

/** `reason` is told of every pod, `detail` where one pod is judged. */
export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

export type CheckPod = (pod: PodUnderCheck) => Violation | undefined;

export interface Check {
  /** Findings are told in the order of ids, baseline first. */
  readonly id: string;
  readonly level: 'baseline' | 'restricted';
  /** From which minor version of 1 each form of the check holds, oldest first. */
  readonly versions: readonly (readonly [from: number, check: CheckPod])[];
  /** The baseline check that this restricted one takes the place of. */
  readonly overrides?: string;
}

/** Init containers, containers and ephemeral containers. */
export const containersOf = ({ spec }: PodUnderCheck): Raw[] =>
  ['initContainers', 'containers', 'ephemeralContainers'].flatMap(list => listOf(spec[list]).filter(isObject));

export const contextOf = (holder: Raw): Raw => objectOf(holder['securityContext']);

export const isSet = (value: unknown): boolean => value !== undefined && value !== null;

/** Names of the containers that a predicate finds. */
export const named = (pod: PodUnderCheck, found: (container: Raw) => boolean): string[] =>
  containersOf(pod)
    .filter(found)
    .map(c => stringOf(c['name']));

export const quoted = (texts: readonly string[]): string => (texts.length === 0 ? '' : `"${texts.join('", "')}"`);

export const plural = (one: string, many: string, n: number): string => (n === 1 ? one : many);

/** `container "a"`, `containers "a", "b"`. */
export const containersText = (names: readonly string[]): string => `${plural('container', 'containers', names.length)} ${quoted(names)}`;

/** Sorted, each once. */
export const distinct = (texts: readonly string[]): string[] => [...new Set(texts)].sort();

/** Who breaks a rule that pods and containers can break: `pod and container "a"`; '' = nobody. */
export function settersText(pod: PodUnderCheck, bad: (context: Raw) => boolean): string {
  const containers = named(pod, c => bad(contextOf(c)));
  return [...(bad(contextOf(pod.spec)) ? ['pod'] : []), ...(containers.length > 0 ? [containersText(containers)] : [])].join(' and ');
}

/** The security contexts of the pod and of its containers. */
export const contextsOf = (pod: PodUnderCheck): Raw[] => [pod.spec, ...containersOf(pod)].map(contextOf);

export const isWindows = ({ spec }: PodUnderCheck): boolean => objectOf(spec['os'])['name'] === 'windows';
