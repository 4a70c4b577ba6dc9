// metav1.Condition, and the looser form some kinds use.
import { z } from 'zod';
import { type Infer, int64, time } from './schema.ts';

const QUALIFIED = '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$';
const REASON = '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$';

/** A qualified name, such as a condition type. */
export const qualifiedName = () => z.string().max(316).regex(new RegExp(QUALIFIED));

/** A CamelCase word for programs. */
export const reason = (max: number) => z.string().min(1).max(max).regex(new RegExp(REASON));

export const condition = z
  .object({
    type: qualifiedName().describe('What the condition is about, in CamelCase.'),
    status: z.enum(['True', 'False', 'Unknown']),
    observedGeneration: int64().min(0).exactOptional().describe('The generation of the object this was computed from.'),
    lastTransitionTime: time().describe('When status last changed.'),
    reason: reason(1024).describe('Why status last changed, as one CamelCase word.'),
    message: z.string().max(32768).describe('Details for people; may be empty.'),
  })
  .describe('One aspect of the present state.');
export type Condition = Infer<typeof condition>;

/** A condition of a kind that is not served from a CRD: the same fields without bounds. */
export const plainCondition = z
  .object({
    type: z.string().meta({ default: '' }),
    status: z.string().meta({ default: '' }),
    observedGeneration: int64().exactOptional(),
    lastTransitionTime: time(),
    reason: z.string().meta({ default: '' }),
    message: z.string().meta({ default: '' }),
  })
  .describe('One aspect of the present state.');
