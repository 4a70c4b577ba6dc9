// POST serviceaccounts/<name>/token: a token for certain audiences and a limited time (specification §5).
import {
  type AnyObject,
  at,
  badRequest,
  conflict,
  field,
  invalid,
  isObject,
  notFound,
  objectOf,
  stringOf,
  timestamp,
} from '../../kube/index.ts';
import type { Subresource } from '../registry/served.ts';
import { audiencesIn, type BoundObject, type CoreLookup, type ServiceAccountTokens } from './service-account-tokens.ts';

const DEFAULT_SECONDS = 3600;
const MIN_SECONDS = 600;
const MAX_SECONDS = 2 ** 32;
const KIND = { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' };

export function tokenRequest(o: {
  readonly tokens: ServiceAccountTokens;
  readonly lookup: CoreLookup;
  readonly now: () => number;
}): Subresource {
  return {
    kind: KIND,
    verbs: ['create'],
    type: 'virtual',
    async create(c, serviceAccount, body) {
      const { name = '', namespace = '', uid = '' } = serviceAccount.metadata;
      checkIdentity(serviceAccount, objectOf(body['metadata']));
      const spec = objectOf(body['spec']);
      const seconds = secondsIn(spec);
      const asked = audiencesIn(spec);
      const audiences = asked.length > 0 ? asked : o.tokens.audiences;
      const reference = spec['boundObjectRef'];
      const bound = isObject(reference) ? boundTo(o.lookup, serviceAccount, reference) : [];
      const { token, expires } = await o.tokens.issue({ serviceAccount, audiences, seconds, bound });
      return {
        code: 201,
        object: {
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenRequest',
          metadata: { name, namespace, uid, creationTimestamp: timestamp(o.now()) },
          spec: { audiences, expirationSeconds: seconds, boundObjectRef: isObject(reference) ? reference : null },
          status: c.dryRun ? { token: '', expirationTimestamp: null } : { token, expirationTimestamp: timestamp(expires) },
        },
      };
    },
  };
}

function checkIdentity(serviceAccount: AnyObject, meta: Record<string, unknown>): void {
  for (const key of ['name', 'namespace'] as const) {
    const given = stringOf(meta[key]);
    if (given !== '' && given !== serviceAccount.metadata[key])
      throw badRequest(`the ${key} of the provided object does not match the ${key} sent on the request`);
  }
}

function secondsIn(spec: Record<string, unknown>): number {
  const given = spec['expirationSeconds'] ?? DEFAULT_SECONDS;
  const seconds = typeof given === 'number' ? Math.trunc(given) : 0;
  const fault =
    seconds < MIN_SECONDS
      ? 'may not specify a duration less than 10 minutes'
      : seconds > MAX_SECONDS
        ? 'may not specify a duration larger than 2^32 seconds'
        : undefined;
  if (fault) throw invalid({ ...KIND, name: '' }, [field.invalidValue('spec.expirationSeconds', given, fault)]);
  return seconds;
}

/** The object that the token hangs on, as it is now; with a pod, its node. */
function boundTo(lookup: CoreLookup, serviceAccount: AnyObject, reference: Record<string, unknown>): BoundObject[] {
  const kind = stringOf(reference['kind']);
  const apiVersion = stringOf(reference['apiVersion']) || 'v1';
  const plural = new Map([
    ['Pod', 'pods'],
    ['Secret', 'secrets'],
    ['Node', 'nodes'],
  ]).get(kind);
  if (apiVersion !== 'v1' || plural === undefined) {
    const [version = '', group = ''] = apiVersion.split('/').reverse();
    throw badRequest(`cannot bind token to object of type ${group}/${version}, Kind=${kind}`);
  }
  const name = stringOf(reference['name']);
  const found = lookup(plural, kind === 'Node' ? '' : (serviceAccount.metadata.namespace ?? ''), name);
  if (!found) throw notFound({ group: '', plural, name });
  const { uid = '' } = found.metadata;
  const wanted = stringOf(reference['uid']);
  if (wanted !== '' && wanted !== uid) {
    throw conflict(
      { group: '', plural: kind, name },
      `the UID in the bound object reference (${wanted}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  }
  const bound: BoundObject = { kind: kind as BoundObject['kind'], name, uid };
  return kind === 'Pod' ? [bound, ...nodeOf(lookup, serviceAccount, found)] : [bound];
}

function nodeOf(lookup: CoreLookup, serviceAccount: AnyObject, pod: AnyObject): BoundObject[] {
  const account = stringOf(at(pod, 'spec', 'serviceAccountName')) || 'default';
  if (account !== serviceAccount.metadata.name) {
    throw badRequest(
      `cannot bind token for serviceaccount "${serviceAccount.metadata.name ?? ''}" to pod running with different serviceaccount name.`,
    );
  }
  const name = stringOf(at(pod, 'spec', 'nodeName'));
  return name === '' ? [] : [{ kind: 'Node', name, uid: lookup('nodes', '', name)?.metadata.uid ?? '' }];
}
