// One rule applied to one request, the writes of its verdict included: what the plugin in the API server and the webhook server have in common.
import { federatedResourceQuotas, resourceInterpreterCustomizations } from '../crds/index.ts';
import { type Client, type Clock, isStatusError } from '../kube/index.ts';
import type { AdmissionContext, AdmissionRequest, AdmissionRule, Allowed, Verdict } from './admission.ts';

const QUOTA_ATTEMPTS = 5;

/** What rules read, through a client of the control plane. */
export function admissionContext(o: {
  readonly client: () => Client;
  readonly clock: Clock;
  readonly compileLua: AdmissionContext['compileLua'];
}): AdmissionContext {
  return {
    clock: o.clock,
    compileLua: o.compileLua,
    reader: {
      quotas: async (namespace, signal) => (await o.client().list(federatedResourceQuotas, { namespace, signal })).items,
      customizations: async signal => (await o.client().list(resourceInterpreterCustomizations, { signal })).items,
    },
  };
}

/** Asks a rule; where it grants usage of a quota, that is written first, and the rule is asked again after a conflict. */
export async function judge(
  rule: AdmissionRule,
  request: AdmissionRequest,
  o: { readonly context: AdmissionContext; readonly client: Client; readonly signal: AbortSignal },
): Promise<Verdict | undefined> {
  for (let attempt = 1; ; attempt++) {
    const verdict = await rule.validate?.(request, o.context, o.signal);
    if (!verdict?.allowed || request.dryRun || !verdict.quotaUpdates?.length) return verdict;
    try {
      await grant(verdict, o.client);
      return verdict;
    } catch (error) {
      if (!isStatusError(error, 'Conflict') || attempt >= QUOTA_ATTEMPTS) throw error;
    }
  }
}

async function grant({ quotaUpdates = [] }: Allowed, client: Client): Promise<void> {
  for (const { quota, overallUsed } of quotaUpdates) {
    const status = { ...quota.status, overall: quota.spec.overall, overallUsed };
    await client.update(federatedResourceQuotas, { ...quota, status } as typeof quota, { subresource: 'status' });
  }
}
