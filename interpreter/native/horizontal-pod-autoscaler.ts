import { type NativeRules, withStatus } from './rules.ts';
import { asBuiltin, asMessage } from './typed.ts';
import { isPresent, statusOf } from './workload.ts';

interface AutoscalerStatus {
  readonly currentReplicas?: number;
  readonly desiredReplicas?: number;
}

const STATUS = 'api.autoscaling.v2.HorizontalPodAutoscalerStatus';

const statusText = (currentReplicas: number, desiredReplicas: number): AutoscalerStatus => ({
  ...(currentReplicas ? { currentReplicas } : {}),
  desiredReplicas,
});

/** autoscaling/v2 HorizontalPodAutoscaler */
export const horizontalPodAutoscaler: NativeRules = {
  aggregate(object, items) {
    asBuiltin('autoscaling/v2', 'HorizontalPodAutoscaler', object);
    const statuses = items.filter(isPresent).map(item => asMessage<AutoscalerStatus>(STATUS, item.status));
    const sum = (field: keyof AutoscalerStatus): number => statuses.reduce((total, status) => total + (status[field] ?? 0), 0);
    return withStatus(object, statusText(sum('currentReplicas'), sum('desiredReplicas')));
  },
  reflect(observed) {
    const raw = statusOf(observed);
    if (!raw) return undefined;
    const { currentReplicas = 0, desiredReplicas = 0 } = asMessage<AutoscalerStatus>(STATUS, raw, 'wrap');
    return statusText(currentReplicas, desiredReplicas);
  },
};
