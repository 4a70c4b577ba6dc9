import {
  accepts,
  type Binding,
  bindingEnqueues,
  type Cluster,
  clusterForms,
  concernedBy,
  queueEntry,
} from '../../../../scheduler/index.ts';
import type { Suite, VectorCase, Verdict } from '../../suite.ts';
import { oneOf } from './outcome.ts';

const text = (binding: Binding): string => {
  const { key, priority } = queueEntry(binding);
  return `${key}:${priority}`;
};

function bindingChange(c: VectorCase): Verdict {
  const { schedulerName = 'default-scheduler', old, new: now } = c.in as { schedulerName?: string; old: Binding; new: Binding };
  return oneOf(c, {
    oldAccepted: accepts(old, schedulerName),
    newAccepted: accepts(now, schedulerName),
    enqueued: bindingEnqueues(old, now, schedulerName) ? [text(now)] : [],
  });
}

interface ClusterChange {
  readonly schedulerName?: string;
  readonly old: Cluster;
  readonly new: Cluster;
  readonly resourceBindings?: readonly Binding[];
  readonly clusterResourceBindings?: readonly Binding[];
}

function clusterChange(c: VectorCase): Verdict {
  const input = c.in as unknown as ClusterChange;
  const forms = clusterForms(input.old, input.new);
  const bindings = [...(input.resourceBindings ?? []), ...(input.clusterResourceBindings ?? [])];
  const concerned = concernedBy(forms, bindings, input.schedulerName ?? 'default-scheduler');
  return oneOf(c, { evaluations: forms.length, enqueued: [...new Set(concerned.map(text))].sort() });
}

export const suite: Suite = {
  check: c => (c.in['kind'] === 'binding' ? bindingChange(c) : clusterChange(c)),
};
