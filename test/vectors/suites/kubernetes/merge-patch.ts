// Recorded merge patches: the result, the strict-decoding texts, or the refusal.
import { patchMerge } from '../../../../kube/index.ts';
import { patchSuite } from '../patch-outcome.ts';

export const suite = patchSuite(patchMerge);
