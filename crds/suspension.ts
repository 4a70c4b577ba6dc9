// Holding work back, and which copy wins a conflict: shared by policies and bindings.
import { z } from 'zod';
import { strings } from './schema.ts';

/** The fields of a policy's suspension, for the binding that adds one. */
export const suspensionFields = {
  dispatching: z.boolean().exactOptional().describe('Stops every cluster from receiving changes.'),
  dispatchingOnClusters: z.object({ clusterNames: strings().exactOptional() }).exactOptional().describe('Stops these clusters only.'),
};

export const suspension = z.object(suspensionFields).describe('Holds changes back.');

export const conflictResolution = z
  .enum(['Abort', 'Overwrite'])
  .meta({ default: 'Abort' })
  .describe('What to do with an object that already exists in a member cluster.');
