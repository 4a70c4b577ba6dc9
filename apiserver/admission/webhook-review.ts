// The AdmissionReview protocol (v1): what is asked of a webhook, how its answer is read, and the words of each failure.
import { parse as parseYaml } from 'yaml';
import { badRequest, internal, isObject, listOf, objectOf, type Status, StatusError, stringOf } from '../../kube/index.ts';
import { refusalOf, type WebhookAnswer } from '../webhook-http.ts';

type Raw = Readonly<Record<string, unknown>>;

const REVIEW = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' } as const;

/** The body to send. */
export const reviewOf = (uid: string, request: Raw): Raw => ({ ...REVIEW, request: { uid, ...request } });

/** A webhook that could not be asked or gave no usable answer: what failurePolicy is about. */
export class WebhookFailure extends Error {
  /** What the client is told under failurePolicy Fail. */
  toStatusError(webhook: string): StatusError {
    return internal(`failed calling webhook ${JSON.stringify(webhook)}: ${this.message}`, this.cause);
  }
}

export interface ReviewResponse {
  readonly allowed: boolean;
  readonly status: Raw | undefined;
  readonly warnings: readonly string[];
  /** Operations as text, where the webhook changes the object. */
  readonly patch: string | undefined;
}

/** Reads an answer; throws WebhookFailure. */
export function readReview(answer: WebhookAnswer, uid: string, mutating: boolean): ReviewResponse {
  const body = decoded(answer);
  const wrong = (why: string): WebhookFailure => new WebhookFailure(`received invalid webhook response: ${why}`);
  const gvk = gvkOf(body);
  if (!isObject(body['response'])) {
    if (gvk !== gvkOf(REVIEW)) throw unregistered(body);
    throw wrong('webhook response was absent');
  }
  const response = body['response'];
  if (response['uid'] !== uid)
    throw wrong(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(stringOf(response['uid']))}`);
  if (gvk !== gvkOf(REVIEW)) throw wrong(`expected webhook response of ${gvkOf(REVIEW)}, got ${gvk}`);
  return {
    allowed: response['allowed'] === true,
    status: isObject(response['status']) ? response['status'] : undefined,
    warnings: listOf(response['warnings']).map(stringOf),
    patch: mutating ? patchOf(response, wrong) : undefined,
  };
}

function patchOf(response: Raw, wrong: (why: string) => WebhookFailure): string | undefined {
  const patch = stringOf(response['patch']);
  const type = response['patchType'];
  if (patch && type === undefined) throw wrong('webhook returned response.patch but not response.patchType');
  if (!patch && type !== undefined) throw wrong('webhook returned response.patchType but not response.patch');
  if (type !== undefined && type !== 'JSONPatch') throw wrong(`webhook returned invalid response.patchType of ${JSON.stringify(type)}`);
  return patch ? Buffer.from(patch, 'base64').toString('utf8') : undefined;
}

const gvkOf = (o: Raw): string => `${stringOf(o['apiVersion'])}, Kind=${stringOf(o['kind'])}`;
const failed = (why: string): WebhookFailure => new WebhookFailure(`failed to call webhook: ${why}`);

/** Where the reference's scheme says it was made; clients show it. */
const SCHEME = 'k8s.io/apiserver/pkg/util/webhook/client.go:71';

function unregistered(body: Raw): WebhookFailure {
  const [kind, apiVersion] = [stringOf(body['kind']), stringOf(body['apiVersion'])];
  return failed(
    `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme ${JSON.stringify(SCHEME)}`,
  );
}

function decoded(answer: WebhookAnswer): Raw {
  const refusal = refusalOf(answer);
  if (refusal) throw failed(refusal);
  const { status, contentType, text } = answer;
  if (text === '') throw failed(`0-length response with status code: ${status} and content type: ${contentType}`);
  const body = parsed(text);
  if (!isObject(body)) throw failed(`couldn't get version/kind; json parse error: ${goMismatch(body)}`);
  if (!stringOf(body['kind'])) throw failed(`Object 'Kind' is missing in '${text}'`);
  if (!stringOf(body['apiVersion'])) throw failed(`Object 'apiVersion' is missing in '${text}'`);
  return body;
}

/** Answers that are no JSON are read as YAML, as other API servers do. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    try {
      return parseYaml(text, { maxAliasCount: 0 });
    } catch (error) {
      throw failed(`couldn't get version/kind; json parse error: ${(error as Error).message.split('\n')[0]}`);
    }
  }
}

function goMismatch(value: unknown): string {
  const word = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : value === null ? 'null' : typeof value;
  return `json: cannot unmarshal ${word} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`;
}

/** What the client is told when a webhook refuses: its own status under the webhook's name; never a success. */
export function denied(webhook: string, status: Raw | undefined): StatusError {
  const by = `admission webhook ${JSON.stringify(webhook)} denied the request`;
  const [message, reason] = [stringOf(status?.['message']), stringOf(status?.['reason'])];
  const code = typeof status?.['code'] === 'number' ? status['code'] : 0;
  const details = objectOf(status?.['details']);
  return new StatusError({
    code: code < 400 || code > 599 ? 400 : code,
    message: message || reason ? `${by}: ${message || reason}` : `${by} without explanation`,
    ...(reason ? { reason } : {}),
    ...(Object.keys(details).length > 0 ? { details: details as NonNullable<Status['details']> } : {}),
  });
}

/** A dry run must not reach a webhook that may act. */
export const noDryRun = (webhook: string): StatusError =>
  badRequest(`admission webhook ${JSON.stringify(webhook)} does not support dry run`);
