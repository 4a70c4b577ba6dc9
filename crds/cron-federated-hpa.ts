// CronFederatedHPA: scales by the clock.
import { z } from 'zod';
import type { KubeObject } from '../kube/index.ts';
import { crossVersionObjectReference } from './scale-target.ts';
import { type Infer, time } from './schema.ts';

const rule = z.object({
  name: z.string().min(1).max(32),
  schedule: z.string().describe('Cron expression.'),
  targetReplicas: z.int32().exactOptional().describe('For a workload.'),
  targetMinReplicas: z.int32().exactOptional().describe('For a FederatedHPA.'),
  targetMaxReplicas: z.int32().exactOptional().describe('For a FederatedHPA.'),
  suspend: z.boolean().meta({ default: false }).exactOptional(),
  timeZone: z.string().exactOptional().describe('IANA name; default UTC.'),
  successfulHistoryLimit: z.int32().min(1).max(32).meta({ default: 3 }).exactOptional(),
  failedHistoryLimit: z.int32().min(0).max(32).meta({ default: 3 }).exactOptional(),
});
export type CronFederatedHPARule = Infer<typeof rule>;

const spec = z.object({ scaleTargetRef: crossVersionObjectReference, rules: z.array(rule) });

const success = z.object({
  scheduleTime: time(),
  executionTime: time(),
  appliedReplicas: z.int32().exactOptional(),
  appliedMaxReplicas: z.int32().exactOptional(),
  appliedMinReplicas: z.int32().exactOptional(),
});

const failure = z.object({ scheduleTime: time(), executionTime: time(), message: z.string() });

const status = z.object({
  executionHistories: z
    .array(
      z.object({
        ruleName: z.string(),
        nextExecutionTime: time().exactOptional(),
        successfulExecutions: z.array(success).exactOptional(),
        failedExecutions: z.array(failure).exactOptional(),
      }),
    )
    .exactOptional(),
});

export const cronFederatedHPA = z
  .object({ spec, status: status.exactOptional() })
  .describe('Scales a workload or a FederatedHPA at set times.');
export interface CronFederatedHPA extends KubeObject, Infer<typeof cronFederatedHPA> {}
