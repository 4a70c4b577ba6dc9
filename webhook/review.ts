// AdmissionReview and ConversionReview, version v1, answered with the rules: what the webhook server does between its socket and the rules.
import { convertBinding } from '../crds/index.ts';
import { type AnyObject, type Client, isObject, isStatusError, listOf, objectOf, StatusError, stringOf } from '../kube/index.ts';
import type { AdmissionContext, AdmissionRequest, AdmissionRule, Operation, WebhookOptions } from './admission.ts';
import { judge } from './admit.ts';
import { jsonDiff } from './json-diff.ts';

export interface ReviewOptions {
  readonly context: AdmissionContext;
  readonly client: Client;
  readonly gates: NonNullable<AdmissionRequest['gates']>;
  readonly options: WebhookOptions;
}

type Raw = Record<string, unknown>;

/** Answers the body of a request to a rule's path; throws a StatusError where it is no review. */
export async function reviewAdmission(rule: AdmissionRule, body: string, o: ReviewOptions, signal: AbortSignal): Promise<Raw> {
  const review = parsed(body, 'admission.k8s.io/v1', 'AdmissionReview');
  const request = objectOf(review['request']);
  const response = await answer(rule, requestOf(request, o), o, signal).catch((error: unknown) => refusal(error));
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid: stringOf(request['uid']), ...response } };
}

function requestOf(request: Raw, o: ReviewOptions): AdmissionRequest {
  const namespace = stringOf(request['namespace']);
  return {
    operation: stringOf(request['operation']) as Operation,
    ...(namespace ? { namespace } : {}),
    ...(isObject(request['object']) ? { object: request['object'] as AnyObject } : {}),
    ...(isObject(request['oldObject']) ? { oldObject: request['oldObject'] as AnyObject } : {}),
    dryRun: request['dryRun'] === true,
    gates: o.gates,
    options: o.options,
  };
}

async function answer(rule: AdmissionRule, request: AdmissionRequest, o: ReviewOptions, signal: AbortSignal): Promise<Raw> {
  if (rule.mutate) {
    const operations = jsonDiff(request.object, rule.mutate(request, o.context));
    if (operations.length === 0) return { allowed: true };
    return { allowed: true, patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(operations)).toString('base64') };
  }
  const verdict = await judge(rule, request, { context: o.context, client: o.client, signal });
  return verdict && !verdict.allowed ? denied(verdict) : { allowed: true };
}

const denied = ({ code, reason, message }: { readonly code: number; readonly reason: string; readonly message: string }): Raw => ({
  allowed: false,
  status: { code, reason, message },
});

function refusal(error: unknown): Raw {
  if (isStatusError(error)) return denied(error);
  throw error;
}

/** Answers a review of bindings between v1alpha1 and v1alpha2. */
export function reviewConversion(body: string): Raw {
  const request = objectOf(parsed(body, 'apiextensions.k8s.io/v1', 'ConversionReview')['request']);
  const desired = stringOf(request['desiredAPIVersion']);
  const objects = listOf(request['objects']).map(object => convertBinding(object as AnyObject, desired));
  const failed = objects.includes(undefined);
  const result = failed
    ? { status: 'Failure', message: `only bindings of work.karmada.io are converted, and not to ${desired}` }
    : { status: 'Success' };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'ConversionReview',
    response: { uid: stringOf(request['uid']), result, convertedObjects: failed ? [] : objects },
  };
}

function parsed(body: string, apiVersion: string, kind: string): Raw {
  const bad = (message: string): StatusError => new StatusError({ code: 400, reason: 'BadRequest', message });
  let review: unknown;
  try {
    review = JSON.parse(body);
  } catch {
    throw bad('the body is no JSON');
  }
  if (!isObject(review) || review['kind'] !== kind || review['apiVersion'] !== apiVersion)
    throw bad(`the body is no ${kind} of ${apiVersion}`);
  if (!isObject(review['request'])) throw bad(`the ${kind} holds no request`);
  return review;
}
