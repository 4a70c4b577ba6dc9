// ServiceExport (multi-cluster services API): offers a Service to other clusters.
import { z } from 'zod';
import type { KubeObject } from '../kube/index.ts';
import { condition } from './condition.ts';
import { type Infer, mapList } from './schema.ts';

const status = z.object({ conditions: mapList(condition, 'type').exactOptional() });

export const serviceExport = z
  .object({ status: status.exactOptional() })
  .describe('Offers the Service of the same name to other clusters.');
export interface ServiceExport extends KubeObject, Infer<typeof serviceExport> {}
