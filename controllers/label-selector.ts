// Label selectors of specs, parsed once for each object they come from.
import type { LabelSelector } from '../crds/index.ts';
import { labelSelector, nothing, type Selector, SelectorError } from '../kube/index.ts';

const parsed = new WeakMap<LabelSelector, Selector>();

/** Whether the labels match; a selector that breaks a rule matches nothing. */
export function matchesLabels(selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  let known = parsed.get(selector);
  if (!known) {
    known = parse(selector);
    parsed.set(selector, known);
  }
  return known.matches(labels);
}

function parse(selector: LabelSelector): Selector {
  try {
    return labelSelector(selector);
  } catch (error) {
    if (error instanceof SelectorError) return nothing;
    throw error;
  }
}
