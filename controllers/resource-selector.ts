// How policies select resource templates, and how closely (specification §1.2): an exact name beats labels, labels beat everything of a kind.

import type { ResourceSelector } from '../crds/index.ts';
import type { KubeObject } from '../kube/index.ts';
import { matchesLabels } from './label-selector.ts';

/** Larger is closer. */
export const IMPLICIT_PRIORITY = { none: 0, all: 1, labels: 2, name: 3 } as const;
export type ImplicitPriority = (typeof IMPLICIT_PRIORITY)[keyof typeof IMPLICIT_PRIORITY];

/** How closely one selector selects the object; `none` where it does not. */
function selectorPriority(object: KubeObject, selector: ResourceSelector): ImplicitPriority {
  const { apiVersion, kind, namespace, name, labelSelector } = selector;
  if (apiVersion !== object.apiVersion || kind !== object.kind) return IMPLICIT_PRIORITY.none;
  if (namespace && namespace !== object.metadata.namespace) return IMPLICIT_PRIORITY.none;
  if (name) return name === object.metadata.name ? IMPLICIT_PRIORITY.name : IMPLICIT_PRIORITY.none;
  if (!labelSelector) return IMPLICIT_PRIORITY.all;
  return matchesLabels(labelSelector, object.metadata.labels ?? {}) ? IMPLICIT_PRIORITY.labels : IMPLICIT_PRIORITY.none;
}

/** The closest of several selectors. */
export function implicitPriority(object: KubeObject, selectors: readonly ResourceSelector[]): ImplicitPriority {
  let best: ImplicitPriority = IMPLICIT_PRIORITY.none;
  for (const selector of selectors) {
    const priority = selectorPriority(object, selector);
    if (priority > best) best = priority;
  }
  return best;
}

export const selects = (selectors: readonly ResourceSelector[], object: KubeObject): boolean =>
  implicitPriority(object, selectors) > IMPLICIT_PRIORITY.none;
