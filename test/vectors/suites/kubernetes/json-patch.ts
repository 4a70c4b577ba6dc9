// Recorded JSON Patches: the result, the strict-decoding texts, or the refusal.
import { patchJson } from '../../../../kube/index.ts';
import { patchSuite } from '../patch-outcome.ts';

export const suite = patchSuite(patchJson);
