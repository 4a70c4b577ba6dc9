// WorkloadRebalancer: asks for a fresh schedule of some workloads, once.
import { z } from 'zod';
import type { KubeObject } from '../kube/index.ts';
import { type Infer, int64, time } from './schema.ts';

const workload = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  name: z.string(),
  namespace: z.string().exactOptional(),
});

const spec = z.object({
  workloads: z.array(workload).min(1),
  ttlSecondsAfterFinished: z.int32().exactOptional().describe('Deletes this object so long after it is done.'),
});

const status = z.object({
  observedWorkloads: z
    .array(z.object({ workload, result: z.string().exactOptional(), reason: z.string().exactOptional() }))
    .exactOptional(),
  observedGeneration: int64().exactOptional(),
  finishTime: time().exactOptional(),
});

export const workloadRebalancer = z.object({ spec, status: status.exactOptional() }).describe('Schedules the named workloads anew.');
export interface WorkloadRebalancer extends KubeObject, Infer<typeof workloadRebalancer> {}
