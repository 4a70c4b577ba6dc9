import type { LabelSelector } from '../crds/index.ts';

/** Whether labels match; undefined where the selector itself is not valid. */
export function matchesLabels(selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean | undefined {
  let ok = true;
  for (const [k, v] of Object.entries(selector.matchLabels ?? {})) if (!Object.hasOwn(labels, k) || labels[k] !== v) ok = false;
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    const has = Object.hasOwn(labels, key);
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0) return undefined;
      const inside = has && values.includes(labels[key] ?? '');
      if (operator === 'In' ? !inside : inside) ok = false;
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0) return undefined;
      if (has !== (operator === 'Exists')) ok = false;
    } else return undefined;
  }
  return ok;
}
