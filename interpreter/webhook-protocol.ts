// The documents exchanged with an interpreter webhook: config.karmada.io/v1alpha1 ResourceInterpreterContext (specification §5.6).
// What comes back is foreign input: every field is checked before it is used.
import { type AnyObject, applyJsonPatch, internal, isObject, parseApiVersion } from '../kube/index.ts';
import { checkDependencies } from './dependencies.ts';
import type { AggregatedStatusItem, Component, DependentObjectReference, InterpreterOperation, Replicas } from './interpreter.ts';
import { componentsOf, dependenciesOf, requirementsOf } from './lua/results.ts';

const API_VERSION = 'config.karmada.io/v1alpha1';
const KIND = 'ResourceInterpreterContext';

/** What is asked besides the object. */
export interface Question {
  readonly operation: InterpreterOperation;
  readonly object: AnyObject;
  readonly observedObject?: AnyObject;
  readonly replicas?: number;
  readonly aggregatedStatus?: readonly AggregatedStatusItem[];
}

/** The body of a request. */
export function requestBody(question: Question, uid: string): string {
  const { operation, object, observedObject, replicas, aggregatedStatus } = question;
  const { group, version } = parseApiVersion(object.apiVersion);
  const { name = '', namespace } = object.metadata;
  const request = {
    uid,
    kind: { group, version, kind: object.kind },
    name,
    ...(namespace ? { namespace } : {}),
    operation,
    object,
    ...(observedObject ? { observedObject } : {}),
    ...(replicas === undefined ? {} : { replicas }),
    ...(aggregatedStatus ? { aggregatedStatus } : {}),
  };
  return JSON.stringify({ apiVersion: API_VERSION, kind: KIND, request });
}

/** Webhooks made with the reference's library name neither version nor kind in what they answer: absent is as expected. */
const isContext = ({ apiVersion, kind }: Readonly<Record<string, unknown>>): boolean =>
  [API_VERSION, '', undefined].includes(apiVersion as string | undefined) && [KIND, '', undefined].includes(kind as string | undefined);

/** The successful response with that uid; throws what is wrong with the document, or the failure it reports. */
export function readResponse(body: unknown, uid: string): Readonly<Record<string, unknown>> {
  if (!isObject(body) || !isContext(body)) throw internal(`expected webhook response of ${API_VERSION}, Kind=${KIND}`);
  const { response } = body;
  if (!isObject(response)) throw internal('webhook response was absent');
  if (response['uid'] !== uid) throw internal(`expected response.uid ${JSON.stringify(uid)}, got ${JSON.stringify(response['uid'] ?? '')}`);
  if (response['successful'] === true) return response;
  const { status } = response;
  if (!isObject(status)) throw internal('webhook returned response.successful = false without a response.status');
  throw internal(`webhook call failed: ${String(status['message'] ?? '')} (code ${String(status['code'] ?? 0)})`);
}

const missing = (field: string): Error => internal(`webhook returned no response.${field}`);

/** The answers by operation. Each throws when its field is malformed, or absent where absence does not say an empty list. */
export const answers = {
  replicas(response: Readonly<Record<string, unknown>>): Replicas {
    const { replicas, replicaRequirements } = response;
    if (!Number.isInteger(replicas)) throw missing('replicas');
    const known = replicaRequirements !== undefined && replicaRequirements !== null;
    return { replicas: Number(replicas), requirements: known ? requirementsOf(replicaRequirements) : undefined };
  },
  components({ components }: Readonly<Record<string, unknown>>): readonly Component[] {
    return componentsOf(components);
  },
  dependencies({ dependencies }: Readonly<Record<string, unknown>>): readonly DependentObjectReference[] {
    return checkDependencies(dependenciesOf(dependencies));
  },
  status({ rawStatus }: Readonly<Record<string, unknown>>): unknown {
    if (rawStatus === undefined || rawStatus === null) throw missing('rawStatus');
    return rawStatus;
  },
  healthy({ healthy }: Readonly<Record<string, unknown>>): boolean {
    if (typeof healthy !== 'boolean') throw missing('healthy');
    return healthy;
  },
  patched({ patch, patchType }: Readonly<Record<string, unknown>>, object: AnyObject): AnyObject {
    const hasPatch = typeof patch === 'string' && patch !== '';
    if (!hasPatch && !patchType) return object;
    if (!hasPatch) throw internal('webhook returned response.patchType but not response.patch');
    if (patchType !== 'JSONPatch')
      throw internal(`webhook returned invalid response.patchType ${JSON.stringify(patchType ?? '')}, must be JSONPatch`);
    const operations: unknown = JSON.parse(Buffer.from(patch, 'base64').toString('utf8'));
    if (!Array.isArray(operations)) throw internal('webhook returned a patch that is no list of operations');
    const result = applyJsonPatch(object, operations);
    if (!isObject(result)) throw internal('webhook returned a patch that leaves no object');
    return result as AnyObject;
  },
};
