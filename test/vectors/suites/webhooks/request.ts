// A recorded case as a request of ours, and the context its rules run in.
import type { FeatureGates, FederatedResourceQuota, ResourceInterpreterCustomization } from '../../../../crds/index.ts';
import { type AnyObject, at, listOf, objectOf, simulatedClock } from '../../../../kube/index.ts';
import type { AdmissionContext, AdmissionRequest, Operation, WebhookOptions } from '../../../../webhook/index.ts';

export function requestOf(input: Record<string, unknown>): AdmissionRequest {
  const { namespace, object, oldObject, dryRun } = input;
  return {
    operation: input['operation'] as Operation,
    ...(typeof namespace === 'string' ? { namespace } : {}),
    ...(object ? { object: object as AnyObject } : {}),
    ...(oldObject ? { oldObject: oldObject as AnyObject } : {}),
    dryRun: dryRun === true,
    gates: objectOf(input['gates']) as FeatureGates,
    options: objectOf(input['options']) as WebhookOptions,
  };
}

export function contextOf(input: Record<string, unknown>, compileLua: AdmissionContext['compileLua']): AdmissionContext {
  const existing = listOf(input['existing']);
  return {
    clock: simulatedClock(),
    compileLua,
    reader: {
      quotas: async namespace => existing.filter(o => at(o, 'metadata', 'namespace') === namespace) as FederatedResourceQuota[],
      customizations: async () => existing as ResourceInterpreterCustomization[],
    },
  };
}
