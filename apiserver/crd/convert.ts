// Conversion of custom objects between versions (specification §2.17): `None` rewrites apiVersion, `Webhook` asks a service with
// one ConversionReview for all objects. A converted object keeps its identity; only labels and annotations may change.
import { clone, equal, isObject, listOf, objectOf, plain500, type StatusError, stringOf } from '../../kube/index.ts';

type Raw = Readonly<Record<string, unknown>>;
type Mutable = Record<string, unknown>;

export interface ConversionReview {
  readonly apiVersion: string;
  readonly kind: 'ConversionReview';
  readonly request: { readonly uid: string; readonly desiredAPIVersion: string; readonly objects: readonly Raw[] };
}

/** Posts a review to a CRD's webhook and gives the parsed answer; fails when it cannot be reached or answers no JSON object. */
export type CallWebhook = (clientConfig: Raw, review: ConversionReview, signal?: AbortSignal) => Promise<unknown>;

export interface ConvertOptions {
  readonly call: CallWebhook;
  readonly uuid: () => string;
  readonly signal?: AbortSignal;
}

/** Objects of a CRD in another version, in the same order; those that are in it already are returned as they are. */
export async function convertObjects(objects: readonly Mutable[], crd: Raw, toVersion: string, o: ConvertOptions): Promise<Mutable[]> {
  const spec = objectOf(crd['spec']);
  const desired = `${stringOf(spec['group'])}/${toVersion}`;
  const strange = objects.filter(x => x['apiVersion'] !== desired);
  if (strange.length === 0) return [...objects];
  const conversion = objectOf(spec['conversion']);
  const converted =
    conversion['strategy'] === 'Webhook'
      ? await convertByWebhook(strange, { conversion, desired, kind: stringOf(objectOf(spec['names'])['kind']) }, o)
      : strange.map(x => ({ ...x, apiVersion: desired }));
  let next = 0;
  return objects.map(x => (x['apiVersion'] === desired ? x : (converted[next++] ?? x)));
}

interface Job {
  readonly conversion: Raw;
  readonly desired: string;
  readonly kind: string;
}

async function convertByWebhook(objects: readonly Mutable[], job: Job, o: ConvertOptions): Promise<Mutable[]> {
  const webhook = objectOf(job.conversion['webhook']);
  const version = listOf(webhook['conversionReviewVersions']).find(v => v === 'v1' || v === 'v1beta1') ?? 'v1';
  const uid = o.uuid();
  const review: ConversionReview = {
    apiVersion: `apiextensions.k8s.io/${String(version)}`,
    kind: 'ConversionReview',
    request: { uid, desiredAPIVersion: job.desired, objects },
  };
  const from = stringOf(objects[0]?.['apiVersion']);
  const fail = (why: string, cause?: unknown): StatusError =>
    withCause(plain500(`conversion webhook for ${from}, Kind=${job.kind} failed: ${why}`), cause);
  const answer = await o.call(objectOf(webhook['clientConfig']), review, o.signal).catch((error: unknown) => {
    throw fail(error instanceof Error ? error.message : String(error), error);
  });
  const response = responseOf(answer, review, fail);
  const converted = listOf(response['convertedObjects']);
  if (converted.length !== objects.length) throw fail(`returned ${converted.length} objects, expected ${objects.length}`);
  return objects.map((original, i) => checked(original, converted[i], { job, i, fail }));
}

function withCause(error: StatusError, cause: unknown): StatusError {
  if (cause !== undefined) error.cause = cause;
  return error;
}

function responseOf(answer: unknown, review: ConversionReview, fail: (why: string) => StatusError): Raw {
  if (!isObject(answer) || !isObject(answer['response'])) throw fail('no response provided');
  const { apiVersion, kind, response } = answer;
  if (apiVersion !== review.apiVersion || kind !== review.kind) {
    const want = `${review.apiVersion}, Kind=${review.kind}`;
    throw fail(`expected response type to be ${want}, got ${stringOf(apiVersion)}, Kind=${stringOf(kind)}`);
  }
  const r = objectOf(response);
  if (r['uid'] !== review.request.uid)
    throw fail(`expected response.uid=${JSON.stringify(review.request.uid)}, got ${JSON.stringify(r['uid'] ?? '')}`);
  const result = objectOf(r['result']);
  if (result['status'] === 'Success') return r;
  if (result['status'] !== 'Failure') throw fail(`response.result.status was '${stringOf(result['status'])}', not 'Success'`);
  throw fail(stringOf(result['message']) || "response.result.status was 'Failure'");
}

interface Check {
  readonly job: Job;
  readonly i: number;
  readonly fail: (why: string) => StatusError;
}

function checked(original: Mutable, converted: unknown, { job, i, fail }: Check): Mutable {
  const wrong = (why: string): StatusError => fail(`invalid converted object at index ${i}: ${why}`);
  if (!isObject(converted)) throw wrong('not an object');
  if (converted['apiVersion'] !== job.desired)
    throw wrong(`invalid apiVersion: expected=${JSON.stringify(job.desired)} actual=${JSON.stringify(converted['apiVersion'] ?? '')}`);
  if (converted['kind'] !== original['kind'])
    throw wrong(`invalid kind: expected=${JSON.stringify(original['kind'])} actual=${JSON.stringify(converted['kind'] ?? '')}`);
  const [before, after] = [objectOf(original['metadata']), objectOf(converted['metadata'])];
  for (const key of ['uid', 'name', 'namespace'] as const) {
    if ((before[key] ?? '') === (after[key] ?? '')) continue;
    throw wrong(`invalid metadata.${key}: expected=${JSON.stringify(before[key] ?? '')} actual=${JSON.stringify(after[key] ?? '')}`);
  }
  return { ...converted, metadata: keptMetadata(before, after) };
}

/** The original's metadata with the labels and annotations of the converted object. */
function keptMetadata(before: Raw, after: Raw): Mutable {
  const metadata = clone(before) as Mutable;
  for (const key of ['labels', 'annotations']) {
    if (equal(before[key] ?? null, after[key] ?? null)) continue;
    if (isObject(after[key])) metadata[key] = after[key];
    else delete metadata[key];
  }
  return metadata;
}
