// MutatingAdmissionWebhook and ValidatingAdmissionWebhook. Mutating webhooks are asked one after the other in the order of their
// configurations' names, and those that want it once more when something changed after them; validating ones all at once.
import { clone, equal, forbidden, isObject, type Resource, type StatusError } from '../../kube/index.ts';
import type { Authorize } from '../cel/authorizer.ts';
import type { Core } from '../registry/index.ts';
import type { WebhookHttp } from '../webhook-http.ts';
import { type Equivalents, equivalents } from './equivalent.ts';
import type { AdmissionPlugin, Attributes, MutableObject } from './plugin.ts';
import { matchesSelectors, matchingResource } from './policy-match.ts';
import { replaceObject } from './replace-object.ts';
import { admissionObjects, admissionRequest } from './request.ts';
import { type Webhook, webhookList } from './webhook-list.ts';
import { applyWebhookPatch } from './webhook-patch.ts';
import { denied, noDryRun, type ReviewResponse, readReview, reviewOf, WebhookFailure } from './webhook-review.ts';

const GROUP = 'admissionregistration.k8s.io';

export interface WebhookAdmissionOptions {
  readonly core: Core;
  readonly http: WebhookHttp;
  /** Answers `authorizer` in match conditions. */
  readonly authorize: Authorize;
}

interface Job {
  readonly o: WebhookAdmissionOptions;
  readonly same: Equivalents;
  readonly signal: AbortSignal | undefined;
}

/** A webhook that takes a request, and the version in which it does. */
interface Called {
  readonly webhook: Webhook;
  readonly resource: Resource;
}

/** Both plugins. */
export function webhookAdmission(o: WebhookAdmissionOptions): readonly [AdmissionPlugin, AdmissionPlugin] {
  const same = equivalents(o.core);
  const mutating = webhookList(o.core, 'mutatingwebhookconfigurations');
  const validating = webhookList(o.core, 'validatingwebhookconfigurations');
  const mutator: AdmissionPlugin = {
    name: 'MutatingAdmissionWebhook',
    mutate(a, signal) {
      const list = mutating();
      if (list.length === 0 || exempt(a)) return undefined;
      const others = o.core.plane.admission.filter(p => p !== mutator);
      return mutateAll(list, a, { o, same, signal }, others);
    },
  };
  const validator: AdmissionPlugin = {
    name: 'ValidatingAdmissionWebhook',
    validate(a, signal) {
      const list = validating();
      return list.length === 0 || exempt(a) ? undefined : validateAll(list, a, { o, same, signal });
    },
  };
  return [mutator, validator];
}

/** What configures admission is never sent to webhooks, or a broken one could not be repaired. */
const exempt = (a: Attributes): boolean => a.resource.group === GROUP && /^(validating|mutating)/.test(a.resource.plural);

async function mutateAll(list: readonly Webhook[], a: Attributes, job: Job, others: readonly AdmissionPlugin[]): Promise<void> {
  const asked = new Set<string>();
  const again = new Set<string>();
  let changedByAny = false;
  const round = async (webhooks: readonly Webhook[]): Promise<void> => {
    for (const webhook of webhooks) {
      const called = await taken(webhook, a, job);
      if (!called) continue;
      const changed = await mutateOne(called, a, job);
      if (changed) {
        changedByAny = true;
        for (const id of asked) again.add(id);
        asked.clear();
      }
      if (webhook.reinvoke) asked.add(webhook.id);
    }
  };
  await round(list);
  if (!changedByAny || !a.object) return;
  const before = clone(a.object);
  for (const plugin of others) await plugin.mutate?.(a, job.signal);
  if (!equal(before, a.object)) for (const id of asked) again.add(id);
  await round(list.filter(w => again.has(w.id)));
}

async function mutateOne(called: Called, a: Attributes, job: Job): Promise<boolean> {
  const shown = await job.same.inVersion(a, called.resource);
  const response = await ask(called, a, shown, job, true);
  if (response?.patch === undefined || !a.object) return false;
  const { object } = admissionObjects(job.o.core, shown);
  const patched = applyWebhookPatch(object, response.patch);
  if (!isObject(patched) || equal(patched, object)) return false;
  await replaceObject(job.o.core, a, { patched, shown: called.resource, same: job.same });
  return true;
}

async function validateAll(list: readonly Webhook[], a: Attributes, job: Job): Promise<void> {
  const outcomes = await Promise.allSettled(
    list.map(async webhook => {
      const called = await taken(webhook, a, job);
      if (called) await ask(called, a, await job.same.inVersion(a, called.resource), job, false);
    }),
  );
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

/** Whether a webhook wants the request: rules, selectors, conditions. */
async function taken(webhook: Webhook, a: Attributes, job: Job): Promise<Called | undefined> {
  const { core } = job.o;
  const namespace = a.namespace ? core.catalog.find('', 'v1', 'namespaces')?.collection.get('', a.namespace)?.object : undefined;
  const { raw } = webhook;
  const resource = matchingResource(raw['rules'], raw['matchPolicy'], a, { equivalents: r => job.same.of(r) });
  if (!resource || !matchesSelectors(raw, a, namespace)) return undefined;
  const called = { webhook, resource };
  if (!webhook.conditions) return called;
  const { evaluatePolicy } = await import('../cel/policy.ts');
  const shown = await job.same.inVersion(a, resource);
  const request = {
    request: admissionRequest(core, shown, a.resource),
    ...admissionObjects(core, shown),
    user: a.user,
    authorize: job.o.authorize,
  };
  const outcome = evaluatePolicy(await webhook.conditions(), request, null, null);
  const [fault] = outcome.failures;
  if (fault) throw forbidden({ ...a.resource, name: a.name }, fault.message);
  return outcome.matched ? called : undefined;
}

/** Asks one webhook; undefined where it cannot be asked and that is to be ignored. */
async function ask(
  { webhook }: Called,
  a: Attributes,
  shown: Attributes,
  job: Job,
  mutating: boolean,
): Promise<ReviewResponse | undefined> {
  if (a.dryRun && webhook.raw['sideEffects'] !== 'None' && webhook.raw['sideEffects'] !== 'NoneOnDryRun') throw noDryRun(webhook.name);
  const { core, http } = job.o;
  const uid = core.plane.clock.uuid();
  const body = reviewOf(uid, { ...admissionRequest(core, shown, a.resource), ...admissionObjects(core, shown) });
  let response: ReviewResponse;
  try {
    response = readReview(await call(http, webhook, body, job.signal), uid, mutating);
  } catch (error) {
    if (!(error instanceof WebhookFailure)) throw error;
    if (webhook.failurePolicy === 'Ignore') return undefined;
    throw error.toStatusError(webhook.name);
  }
  for (const text of response.warnings) a.warn(text);
  if (!response.allowed) throw denied(webhook.name, response.status);
  return response;
}

async function call(
  http: WebhookHttp,
  webhook: Webhook,
  body: MutableObject | Readonly<Record<string, unknown>>,
  signal: AbortSignal | undefined,
): Promise<Awaited<ReturnType<WebhookHttp['post']>>> {
  const { timeoutSeconds, raw } = webhook;
  const clientConfig = isObject(raw['clientConfig']) ? raw['clientConfig'] : {};
  try {
    return await http.post({ clientConfig, timeoutSeconds, query: `timeout=${timeoutSeconds}s`, body }, signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw new WebhookFailure(`failed to call webhook: ${(error as StatusError).message}`, { cause: error });
  }
}
