// The workload an autoscaler scales: shared by FederatedHPA and CronFederatedHPA.
import { z } from 'zod';

export const crossVersionObjectReference = z.object({
  apiVersion: z.string().exactOptional(),
  kind: z.string(),
  name: z.string(),
});
