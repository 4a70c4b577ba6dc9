// Admission of pods: tolerations of failing nodes, priority, runtime class.
import { type AnyObject, forbidden, getOrUndefined, isObject, type Reader, resource, type StatusError } from '../../kube/index.ts';
import type { AdmissionPlugin, Attributes, MutableObject } from './plugin.ts';

const PRIORITY_CLASSES = resource({
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  scope: 'Cluster',
});
const RUNTIME_CLASSES = resource({ group: 'node.k8s.io', version: 'v1', kind: 'RuntimeClass', plural: 'runtimeclasses', scope: 'Cluster' });

/** Is the request about a pod itself. */
export const isPod = (a: Attributes): boolean => a.resource.group === '' && a.resource.plural === 'pods' && a.subresource === '';

/** The specification of the object under admission, to be changed in place. */
export function specOf(a: Attributes): MutableObject {
  const spec = a.object?.['spec'];
  return isObject(spec) ? spec : {};
}

/** A Forbidden error about the object under admission. */
export const refuse = (a: Attributes, why: string): StatusError =>
  forbidden({ group: a.resource.group, plural: a.resource.plural, name: a.name || shownName(a) }, why);

/** What stands for a name that is yet to be generated. */
function shownName(a: Attributes): string {
  const meta = a.object?.['metadata'];
  const prefix = isObject(meta) ? meta['generateName'] : undefined;
  return typeof prefix === 'string' && prefix !== '' ? prefix : 'Unknown';
}

const TAINTS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];
const FIVE_MINUTES_S = 300;

/** Lets pods stay for five minutes on a node that is not ready or unreachable, unless they say otherwise. */
export function defaultTolerationSeconds(): AdmissionPlugin {
  return {
    name: 'DefaultTolerationSeconds',
    mutate(a) {
      if (!isPod(a) || !['CREATE', 'UPDATE'].includes(a.operation)) return;
      const spec = specOf(a);
      const list = Array.isArray(spec['tolerations']) ? (spec['tolerations'] as MutableObject[]) : [];
      const missing = TAINTS.filter(taint => !list.some(t => tolerates(t, taint)));
      if (missing.length === 0) return;
      spec['tolerations'] = [
        ...list,
        ...missing.map(key => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: FIVE_MINUTES_S })),
      ];
    },
  };
}

function tolerates(t: MutableObject, taint: string): boolean {
  const keyed = t['key'] === taint || !t['key'];
  return keyed && (t['effect'] === 'NoExecute' || !t['effect']);
}

const SYSTEM_CLASSES = new Map([
  ['system-node-critical', 2000001000],
  ['system-cluster-critical', 2000000000],
]);

/** Turns a pod's class into its priority, and keeps at most one class the default. */
export function priority(reader: Reader): AdmissionPlugin {
  return {
    name: 'Priority',
    async mutate(a, signal) {
      if (isPod(a)) await podPriority(reader, a, signal);
    },
    async validate(a, signal) {
      if (a.resource.group === 'scheduling.k8s.io' && a.subresource === '' && a.object?.['globalDefault'] === true)
        await onlyDefault(reader, a, signal);
    },
  };
}

async function podPriority(reader: Reader, a: Attributes, signal?: AbortSignal): Promise<void> {
  const spec = specOf(a);
  const was = a.oldObject?.['spec'];
  if (a.operation === 'UPDATE') {
    if (isObject(was) && spec['priority'] === undefined) {
      if (was['priority'] !== undefined) spec['priority'] = was['priority'];
      if (spec['preemptionPolicy'] === undefined && was['preemptionPolicy'] !== undefined)
        spec['preemptionPolicy'] = was['preemptionPolicy'];
    }
    return;
  }
  if (a.operation !== 'CREATE') return;
  const found = await classOf(reader, a, signal);
  if (spec['priority'] !== undefined && spec['priority'] !== found.value)
    throw refuse(
      a,
      `the integer value of priority (${String(spec['priority'])}) must not be provided in pod spec; priority admission controller computed ${found.value} from the given PriorityClass name`,
    );
  spec['priority'] = found.value;
  if (found.name !== '') spec['priorityClassName'] = found.name;
  if (spec['preemptionPolicy'] !== undefined && spec['preemptionPolicy'] !== found.policy)
    throw refuse(
      a,
      `the string value of PreemptionPolicy (${String(spec['preemptionPolicy'])}) must not be provided in pod spec; priority admission controller computed ${found.policy} from the given PriorityClass name`,
    );
  spec['preemptionPolicy'] = found.policy;
}

interface Found {
  readonly name: string;
  readonly value: number;
  readonly policy: string;
}

const NO_CLASS: Found = { name: '', value: 0, policy: 'PreemptLowerPriority' };
const fromClass = (c: AnyObject): Found => ({
  name: c.metadata.name ?? '',
  value: Number(c['value'] ?? 0),
  policy: String(c['preemptionPolicy'] ?? 'PreemptLowerPriority'),
});

async function classOf(reader: Reader, a: Attributes, signal?: AbortSignal): Promise<Found> {
  const name = String(specOf(a)['priorityClassName'] ?? '');
  const o = signal ? { signal } : {};
  if (name === '') {
    const defaults = (await reader.list(PRIORITY_CLASSES, o)).items.filter(c => c['globalDefault'] === true).map(fromClass);
    return defaults.reduce((least, c) => (least === NO_CLASS || c.value < least.value ? c : least), NO_CLASS);
  }
  const known = await getOrUndefined(reader, PRIORITY_CLASSES, { name }, o);
  if (known) return fromClass(known);
  const system = SYSTEM_CLASSES.get(name);
  if (system === undefined) throw refuse(a, `no PriorityClass with name ${name} was found`);
  return { name, value: system, policy: 'PreemptLowerPriority' };
}

async function onlyDefault(reader: Reader, a: Attributes, signal?: AbortSignal): Promise<void> {
  const list = await reader.list(PRIORITY_CLASSES, signal ? { signal } : {});
  const other = list.items.find(c => c['globalDefault'] === true && c.metadata.name !== a.name);
  if (other) throw refuse(a, `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`);
}

/** Adds the overhead and the scheduling rules of a pod's runtime class. */
export function runtimeClass(reader: Reader): AdmissionPlugin {
  const lookUp = async (a: Attributes, signal?: AbortSignal): Promise<AnyObject | undefined> => {
    const name = specOf(a)['runtimeClassName'];
    if (a.operation !== 'CREATE' || !isPod(a) || typeof name !== 'string') return undefined;
    const found = await getOrUndefined(reader, RUNTIME_CLASSES, { name }, signal ? { signal } : {});
    if (!found) throw refuse(a, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`);
    return found;
  };
  return {
    name: 'RuntimeClass',
    async mutate(a, signal) {
      const found = await lookUp(a, signal);
      if (found) applyClass(a, found);
    },
    async validate(a, signal) {
      if (a.operation !== 'CREATE' || !isPod(a)) return;
      const spec = specOf(a);
      const found = await lookUp(a, signal);
      if (isObject(spec['overhead']) && Object.keys(spec['overhead']).length > 0 && !isObject(found?.['overhead']))
        throw refuse(a, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead');
    },
  };
}

function applyClass(a: Attributes, found: AnyObject): void {
  const spec = specOf(a);
  const overhead = found['overhead'];
  if (isObject(overhead) && isObject(overhead['podFixed'])) {
    const fixed = overhead['podFixed'];
    if (spec['overhead'] !== undefined && !sameAmounts(spec['overhead'], fixed))
      throw refuse(a, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
    spec['overhead'] = { ...fixed };
  }
  const scheduling = found['scheduling'];
  if (!isObject(scheduling)) return;
  for (const [key, value] of Object.entries(isObject(scheduling['nodeSelector']) ? scheduling['nodeSelector'] : {})) {
    const own = isObject(spec['nodeSelector']) ? spec['nodeSelector'] : {};
    if (Object.hasOwn(own, key) && own[key] !== value)
      throw refuse(
        a,
        `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${String(value)}; pod.spec.nodeSelector[${key}] = ${String(own[key])}`,
      );
    spec['nodeSelector'] = { ...own, [key]: value };
  }
  const more = Array.isArray(scheduling['tolerations']) ? scheduling['tolerations'] : [];
  if (more.length > 0) spec['tolerations'] = [...(Array.isArray(spec['tolerations']) ? spec['tolerations'] : []), ...structuredClone(more)];
}

function sameAmounts(a: unknown, b: MutableObject): boolean {
  return (
    isObject(a) && Object.keys(a).length === Object.keys(b).length && Object.entries(b).every(([k, v]) => Object.hasOwn(a, k) && a[k] === v)
  );
}
