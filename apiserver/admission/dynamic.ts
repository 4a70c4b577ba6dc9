// Admission that users configure while the server runs: policies and webhooks, in the order in which they act.
import type { Authorize } from '../cel/authorizer.ts';
import type { Core } from '../registry/index.ts';
import type { WebhookHttp } from '../webhook-http.ts';
import { mutatingAdmissionPolicy } from './mutating-policy.ts';
import type { AdmissionPlugin } from './plugin.ts';
import { validatingAdmissionPolicy } from './validating-policy.ts';
import { webhookAdmission } from './webhook-plugins.ts';

/** The plugins; they come after all built-in ones. */
export function dynamicAdmission(core: Core, http: WebhookHttp): AdmissionPlugin[] {
  const authorize = authorizeAtOnce(core);
  const [mutating, validating] = webhookAdmission({ core, http, authorize });
  return [mutatingAdmissionPolicy({ core, authorize }), mutating, validatingAdmissionPolicy({ core, authorize }), validating];
}

/** Expressions cannot wait: an authorizer that answers later has no opinion in them. */
function authorizeAtOnce(core: Core): Authorize {
  return a => {
    const decision = core.authorizer.authorize(a);
    return decision instanceof Promise ? { allowed: false, reason: 'no decision yet' } : decision;
  };
}
