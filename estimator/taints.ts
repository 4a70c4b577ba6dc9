// Taints and tolerations, as Kubernetes matches them (specification §2.3): for clusters and for nodes alike.
import type { Taint, Toleration } from './types.ts';

/** Does this toleration tolerate this taint? An empty key or effect of a toleration stands for all. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  switch (toleration.operator ?? '') {
    case '':
    case 'Equal':
      return (toleration.value ?? '') === (taint.value ?? '');
    case 'Exists':
      return true;
    default:
      return false;
  }
}

/** The first taint with effect NoSchedule or NoExecute that no toleration tolerates. */
export function firstUntolerated(taints: readonly Taint[] = [], tolerations: readonly Toleration[] = []): Taint | undefined {
  return taints.find(
    taint => (taint.effect === 'NoSchedule' || taint.effect === 'NoExecute') && !tolerations.some(t => tolerates(t, taint)),
  );
}

/** `key=value:Effect`, or `key:Effect` without a value. */
export function taintText(taint: Taint): string {
  return taint.value ? `${taint.key}=${taint.value}:${taint.effect}` : `${taint.key}:${taint.effect}`;
}
