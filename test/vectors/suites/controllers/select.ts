// Which policy takes a template, who may preempt whom, and the binding that is made.
import {
  bestPolicy,
  claimed,
  claimToPreempt,
  implicitPriority,
  newBinding,
  preemptionText,
  templateFacts,
} from '../../../../controllers/index.ts';
import type { FeatureGates, PropagationPolicy } from '../../../../crds/index.ts';
import { nativeLayer } from '../../../../interpreter/index.ts';
import { type AnyObject, systemClock } from '../../../../kube/index.ts';
import type { Suite } from '../../suite.ts';
import { compareLoose } from './compare.ts';

interface In {
  readonly fn: string;
  readonly object: AnyObject;
  readonly policies: readonly PropagationPolicy[];
  readonly policy: PropagationPolicy;
  readonly claimed?: PropagationPolicy;
  readonly gates?: FeatureGates;
}

export const suite: Suite = {
  async check(c) {
    const input = c.in as unknown as In;
    if (input.fn === 'select') return compareLoose(select(input), c.out);
    if (input.fn === 'preempt') return compareLoose(await preempt(input), c.out);
    return compareLoose(await build(input), c.out);
  },
};

function select({ object, policies }: In): unknown {
  return {
    implicit: policies.map(policy => implicitPriority(object, policy.spec.resourceSelectors ?? [])),
    chosen: bestPolicy(object, policies)?.metadata.name ?? null,
  };
}

async function preempt({ object, policy, claimed: current }: In): Promise<unknown> {
  const find = async (): Promise<PropagationPolicy> => {
    if (!current) throw new Error('not found');
    return current;
  };
  try {
    const claim = await claimToPreempt(object, policy, find);
    if (!claim) return { events: [], metadata: null };
    const { labels, annotations } = claimed(object.metadata, policy);
    return { events: [`Normal PreemptPolicySucceed ${preemptionText(policy, claim)} successfully`], metadata: { labels, annotations } };
  } catch (error) {
    return { error: (error as Error).message, events: [], metadata: null };
  }
}

async function build({ object, policy, gates = {} }: In): Promise<unknown> {
  const facts = await templateFacts(object, policy, {
    interpreters: nativeLayer(systemClock),
    gates,
    priorityOfClass: async name => {
      throw new Error(`no PriorityClass ${name}`);
    },
    report: () => {},
  });
  const key = policy.metadata.namespace ? 'propagationpolicy.karmada.io/permanent-id' : 'clusterpropagationpolicy.karmada.io/permanent-id';
  const named = { ...policy, metadata: { ...policy.metadata, labels: { ...policy.metadata.labels, [key]: 'pid' } } };
  const { apiVersion: _, kind: __, ...binding } = newBinding({ template: object, policy: named, facts, gates });
  return { binding };
}
