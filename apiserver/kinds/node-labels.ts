// Labels of nodes that have newer names: whoever selects nodes by the old ones is told.
import { child, index, mapKey } from './checks.ts';
import { items, type Obj, strings, sub, text } from './read.ts';

const DEPRECATED: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  'app.kubernetes.io/created-by': 'deprecated since v1.9',
  'scheduler.alpha.kubernetes.io/preferAvoidPods': 'deprecated since v1.22; use Taints and Tolerations instead',
  'node-role.kubernetes.io/master': 'use "node-role.kubernetes.io/control-plane" instead',
};

/** What to tell about a label; undefined for most. */
export const deprecatedLabel = (key: string): string | undefined => (Object.hasOwn(DEPRECATED, key) ? DEPRECATED[key] : undefined);

/** Warnings about the keys of a map of labels at `path`. */
export const labelMapWarnings = (path: string, labels: Obj): string[] =>
  Object.keys(labels)
    .sort()
    .flatMap(key => {
      const why = deprecatedLabel(key);
      return why === undefined ? [] : [`${mapKey(path, key)}: ${why}`];
    });

/** Warnings about a term of a node selector; `value` judges its values. */
export const nodeTermWarnings = (path: string, term: Obj, value: (value: string) => readonly string[] = () => []): string[] =>
  items(term, 'matchExpressions').flatMap((e, i) => {
    const own = index(child(path, 'matchExpressions'), i);
    const key = text(e, 'key');
    const why = deprecatedLabel(key);
    return [
      ...(why === undefined ? [] : [`${child(own, 'key')}: ${key} is ${why}`]),
      ...strings(e, 'values').flatMap((v, j) => value(v).map(bad => `${index(child(own, 'values'), j)}: ${v} is invalid, ${bad}`)),
    ];
  });

/** Warnings about a label selector over nodes. */
export const nodeSelectorWarnings = (path: string, selector: Obj): string[] => [
  ...nodeTermWarnings(path, { matchExpressions: items(selector, 'matchExpressions').map(e => ({ key: e['key'] })) }),
  ...Object.keys(sub(selector, 'matchLabels'))
    .sort()
    .flatMap(key => {
      const why = deprecatedLabel(key);
      return why === undefined ? [] : [`${path}.matchLabels.${key}: ${why}`];
    }),
];
