// spec.podFailurePolicy: what the failure of a pod means for its Job; the first rule that matches says it.
import type { Job, Pod, PodFailureRule } from '../../kinds.ts';

export interface Verdict {
  readonly action: string;
  /** Condition message of FailJob. */
  readonly message: string;
}

export function verdictOf(job: Job, pod: Pod): Verdict {
  for (const [i, rule] of (job.spec.podFailurePolicy?.rules ?? []).entries()) {
    const message = messageOf(rule, pod, i);
    if (message !== undefined) return { action: rule.action, message };
  }
  return { action: 'Count', message: '' };
}

function messageOf(rule: PodFailureRule, pod: Pod, i: number): string | undefined {
  const { namespace, name } = pod.metadata;
  const exit = rule.onExitCodes && matchingExit(rule.onExitCodes, pod);
  if (exit)
    return `Container ${exit.name} for pod ${namespace}/${name} failed with exit code ${exit.code} matching ${rule.action} rule at index ${i}`;
  const condition = rule.onPodConditions?.find(wanted =>
    pod.status?.conditions?.some(c => c.type === wanted.type && c.status === (wanted.status ?? 'True')),
  );
  return condition && `Pod ${namespace}/${name} has condition ${condition.type} matching ${rule.action} rule at index ${i}`;
}

function matchingExit(wanted: NonNullable<PodFailureRule['onExitCodes']>, pod: Pod): { name: string; code: number } | undefined {
  for (const status of [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]) {
    const code = status.state?.terminated?.exitCode ?? 0;
    if (code === 0 || (wanted.containerName !== undefined && wanted.containerName !== status.name)) continue;
    if (wanted.values.includes(code) === (wanted.operator === 'In')) return { name: status.name, code };
  }
  return undefined;
}
