// What a template asks for: its replicas or components by the interpreter, its priority by the named PriorityClass (specification §1.5).
import { type Component, type FeatureGates, gateEnabled, type PropagationPolicy, type ReplicaRequirements } from '../../crds/index.ts';
import type { InterpreterLayer } from '../../interpreter/index.ts';
import { type AnyObject, at, stringOf } from '../../kube/index.ts';
import type { TemplateFacts } from './build-binding.ts';

export interface FactsOptions {
  readonly interpreters: InterpreterLayer;
  readonly gates: FeatureGates;
  /** The value of a PriorityClass; rejects where there is none of that name. */
  readonly priorityOfClass: (name: string) => Promise<number>;
  /** Told what was asked of the interpreter and how it went. */
  readonly report: (subject: 'Replicas' | 'Components', error?: Error) => void;
}

export async function templateFacts(
  template: AnyObject,
  policy: PropagationPolicy,
  o: FactsOptions,
  signal?: AbortSignal,
): Promise<TemplateFacts> {
  const { schedulePriority } = policy.spec;
  const workload = await workloadFacts(template, o, signal);
  if (!schedulePriority || !gateEnabled(o.gates, 'PriorityBasedScheduling')) return workload;
  if (schedulePriority.priorityClassSource !== 'KubePriorityClass')
    throw new Error(`unsupported priority class source: ${schedulePriority.priorityClassSource}`);
  return { ...workload, schedulePriority: await o.priorityOfClass(schedulePriority.priorityClassName) };
}

async function workloadFacts(template: AnyObject, o: FactsOptions, signal?: AbortSignal): Promise<TemplateFacts> {
  const interpreter = o.interpreters.interpreterFor(template.apiVersion, template.kind);
  const { components, replicas } = interpreter ?? {};
  if (components && gateEnabled(o.gates, 'MultiplePodTemplatesScheduling')) {
    const found = await reported('Components', o, () => components(template, signal));
    return found?.length ? { components: found as readonly Component[] } : {};
  }
  if (!replicas) return {};
  const found = await reported('Replicas', o, () => replicas(template, signal));
  return { replicas: found.replicas, ...requirements(template, found.requirements as ReplicaRequirements | undefined, o.gates) };
}

function requirements(
  template: AnyObject,
  found: ReplicaRequirements | undefined,
  gates: FeatureGates,
): { readonly replicaRequirements?: ReplicaRequirements } {
  if (!found) return {};
  if (!gateEnabled(gates, 'ResourceQuotaEstimate')) return { replicaRequirements: found };
  const { namespace } = template.metadata;
  const podSpec = at(template, ...(template.kind === 'Pod' ? ['spec'] : ['spec', 'template', 'spec']));
  const priorityClassName = stringOf(at(podSpec, 'priorityClassName'));
  const named = priorityClassName ? { ...found, priorityClassName } : found;
  return { replicaRequirements: namespace && !named.namespace ? { ...named, namespace } : named };
}

async function reported<T>(subject: 'Replicas' | 'Components', o: FactsOptions, ask: () => Promise<T>): Promise<T> {
  try {
    const answer = await ask();
    o.report(subject);
    return answer;
  } catch (error) {
    o.report(subject, error as Error);
    throw error;
  }
}
