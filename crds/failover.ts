// What happens when an application or a cluster fails: shared by policies and bindings.
import { z } from 'zod';
import type { Infer } from './schema.ts';

const statePreservation = z
  .object({
    rules: z.array(
      z.object({
        aliasLabelName: z.string().describe('Label on the new copy that carries the value.'),
        jsonPath: z.string().describe('Where the value stands in the status of the failed copy.'),
      }),
    ),
  })
  .describe('Values of the failed copy that the new one starts with.');
export type StatePreservation = Infer<typeof statePreservation>;

export const purgeModes = ['Directly', 'Gracefully', 'Never'] as const;

const applicationFailover = z
  .object({
    decisionConditions: z.object({
      tolerationSeconds: z.int32().meta({ default: 300 }).exactOptional().describe('How long the application may stay unhealthy.'),
    }),
    purgeMode: z
      .enum(purgeModes)
      .meta({ default: 'Gracefully' })
      .exactOptional()
      .describe('When the failed copy goes: at once, after its replacement is healthy, or never.'),
    gracePeriodSeconds: z.int32().exactOptional().describe('How long a Gracefully purge waits for the replacement; default 600.'),
    statePreservation: statePreservation.exactOptional(),
  })
  .describe('Moves an unhealthy application to another cluster.');

const clusterFailover = z
  .object({
    purgeMode: z.enum(['Directly', 'Gracefully']).meta({ default: 'Gracefully' }).exactOptional(),
    statePreservation: statePreservation.exactOptional(),
  })
  .describe('How applications leave a cluster that fails.');

export const failoverBehavior = z
  .object({ application: applicationFailover.exactOptional(), cluster: clusterFailover.exactOptional() })
  .describe('What happens on failure.');
export type FailoverBehavior = Infer<typeof failoverBehavior>;
