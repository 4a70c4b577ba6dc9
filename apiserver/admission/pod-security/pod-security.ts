// PodSecurity: namespaces say by labels which pod security standard their pods must keep (enforce), which breaches are told to
// the client (warn), and which are written into the audit log (audit). Templates of workloads are only warned of and audited.
import { type AnyObject, at, getOrUndefined, invalid, isObject, objectOf, type Reader, resource } from '../../../kube/index.ts';
import type { AdmissionPlugin, Attributes } from '../plugin.ts';
import { refuse } from '../pod-plugins.ts';
import type { PodUnderCheck } from './check.ts';
import { detailsOf, type LevelVersion, type Policy, PREFIX, policyOf, policyText, sameLevel, stricter, violations } from './policy.ts';

const NAMESPACES = resource({ group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', scope: 'Cluster' });
const PODS = resource({ group: '', version: 'v1', kind: 'Pod', plural: 'pods', scope: 'Namespaced' });
const MOST_PODS = 3000;

/** Where the template of a workload lies. */
const TEMPLATES: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['/replicationcontrollers', ['spec', 'template']],
  ['/podtemplates', ['template']],
  ...['replicasets', 'deployments', 'statefulsets', 'daemonsets'].map(plural => [`apps/${plural}`, ['spec', 'template']] as const),
  ['batch/jobs', ['spec', 'template']],
  ['batch/cronjobs', ['spec', 'jobTemplate', 'spec', 'template']],
]);

/** Subresources of pods that are no pods. */
const NO_PODS = new Set(['exec', 'attach', 'binding', 'eviction', 'log', 'portforward', 'proxy', 'status']);

export function podSecurity(reader: Reader): AdmissionPlugin {
  const policyIn = async (a: Attributes, signal?: AbortSignal): Promise<Policy> =>
    policyOf((await getOrUndefined(reader, NAMESPACES, { name: a.namespace }, signal ? { signal } : {}))?.metadata.labels);
  return {
    name: 'PodSecurity',
    validate(a, signal) {
      if ((a.operation !== 'CREATE' && a.operation !== 'UPDATE') || !a.object) return;
      const { group, plural } = a.resource;
      if (group === '' && plural === 'namespaces') return a.subresource === '' ? judgeNamespace(reader, a, signal) : undefined;
      if (group === '' && plural === 'pods') {
        if (NO_PODS.has(a.subresource) || (a.operation === 'UPDATE' && !matters(a))) return;
        return policyIn(a, signal).then(policy => judge(a, podIn(a.object), policy, 'enforced'));
      }
      const path = a.subresource === '' ? TEMPLATES.get(`${group}/${plural}`) : undefined;
      const template = path && at(a.object, ...path);
      if (!isObject(template)) return;
      return policyIn(a, signal).then(policy => judge(a, podIn(template), policy, 'told'));
    },
  };
}

const podIn = (holder: unknown): PodUnderCheck => ({
  annotations: objectOf(at(holder, 'metadata', 'annotations')) as Record<string, string>,
  spec: objectOf(at(holder, 'spec')),
});

function judge(a: Attributes, pod: PodUnderCheck, policy: Policy, how: 'enforced' | 'told'): void {
  if (policy.faults.length > 0) a.annotate?.(`${PREFIX}error`, `Failed to parse policy: ${policy.faults.map(f => f.text).join(', ')}`);
  const broken = (level: LevelVersion): string => detailsOf(violations(pod, level));
  const audited = broken(policy.audit);
  if (how === 'enforced') a.annotate?.(`${PREFIX}enforce-policy`, policyText(policy.enforce));
  if (audited !== '')
    a.annotate?.(`${PREFIX}audit-violations`, `would violate PodSecurity ${JSON.stringify(policyText(policy.audit))}: ${audited}`);
  const enforced = how === 'enforced' ? broken(policy.enforce) : '';
  if (enforced !== '') throw refuse(a, `violates PodSecurity ${JSON.stringify(policyText(policy.enforce))}: ${enforced}`);
  const warned = broken(policy.warn);
  if (warned !== '') a.warn(`would violate PodSecurity ${JSON.stringify(policyText(policy.warn))}: ${warned}`);
}

const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';

/** Whether an update changes anything that checks look at: images, containers, and profiles in annotations. */
function matters(a: Attributes): boolean {
  const seen = (object: unknown): unknown => {
    const annotations = objectOf(at(object, 'metadata', 'annotations'));
    const lists = ['containers', 'initContainers', 'ephemeralContainers'].map(list => {
      const containers = at(object, 'spec', list);
      return Array.isArray(containers)
        ? containers.map(c => [at(c, 'name'), at(c, 'image'), annotations[`${SECCOMP_CONTAINER}${String(at(c, 'name'))}`]])
        : [];
    });
    return [annotations[SECCOMP_POD], lists];
  };
  return JSON.stringify(seen(a.object)) !== JSON.stringify(seen(a.oldObject));
}

/** Labels must be sound; a stricter level tells which pods break it already. */
async function judgeNamespace(reader: Reader, a: Attributes, signal?: AbortSignal): Promise<void> {
  const labelsOf = (o: unknown): Record<string, string> => objectOf(at(o, 'metadata', 'labels')) as Record<string, string>;
  const now = policyOf(labelsOf(a.object));
  const before = a.operation === 'UPDATE' ? policyOf(labelsOf(a.oldObject)) : undefined;
  if (now.faults.length > 0 && JSON.stringify(now.faults) !== JSON.stringify(before?.faults))
    throw invalid({ group: '', kind: 'Namespace', name: a.name }, now.faults);
  if (!before || sameLevel(now.enforce, before.enforce) || now.enforce.level === 'privileged') return;
  if (now.enforce.version === before.enforce.version && !stricter(now.enforce.level, before.enforce.level)) return;
  const pods = await reader.list(PODS, { namespace: a.name, ...(signal ? { signal } : {}) });
  for (const text of existing(pods.items, now.enforce, a.name)) a.warn(text);
}

function existing(pods: readonly AnyObject[], level: LevelVersion, namespace: string): string[] {
  const names = new Map<string, string[]>();
  for (const pod of pods.slice(0, MOST_PODS)) {
    const reasons = violations(podIn(pod), level).map(v => v.reason);
    if (reasons.length > 0) names.set(reasons.join(', '), [...(names.get(reasons.join(', ')) ?? []), pod.metadata.name ?? '']);
  }
  const texts = [...names].map(([reasons, list]) => `${list.sort()[0]}${others(list.length - 1)}: ${reasons}`).sort();
  return [
    ...(pods.length > MOST_PODS
      ? [`new PodSecurity enforce level only checked against the first ${MOST_PODS} of ${pods.length} existing pods`]
      : []),
    ...(texts.length > 0
      ? [`existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "${policyText(level)}"`]
      : []),
    ...texts,
  ];
}

const others = (n: number): string => (n === 0 ? '' : n === 1 ? ' (and 1 other pod)' : ` (and ${n} other pods)`);
