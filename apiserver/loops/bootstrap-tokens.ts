// Two loops around bootstrap tokens: the signer keeps a signature of kube-public/cluster-info for each token that may sign, so
// that who knows the token can trust it; the cleaner deletes tokens that have expired.
import { createHmac } from 'node:crypto';
import {
  type AnyObject,
  at,
  controller,
  equal,
  isStatusError,
  objectOf,
  type Resource,
  type Runnable,
  resource,
  stringOf,
} from '../../kube/index.ts';
import { BOOTSTRAP_NAMESPACE, BOOTSTRAP_TYPE, bootstrapExpiry, bootstrapToken } from '../auth/bootstrap-tokens.ts';
import { changesOf, needed, present } from './collection-source.ts';
import { type LoopOptions, loopClient } from './loop-context.ts';

const SECRETS: Resource<AnyObject> = resource({ group: '', version: 'v1', kind: 'Secret', plural: 'secrets', scope: 'Namespaced' });
const CONFIG_MAPS: Resource<AnyObject> = resource({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  scope: 'Namespaced',
});
const INFO = { namespace: 'kube-public', name: 'cluster-info' };
const SIGNED = 'kubeconfig';
const SIGNATURE_PREFIX = 'jws-kubeconfig-';

const isToken = (secret: AnyObject): boolean => secret['type'] === BOOTSTRAP_TYPE && secret.metadata.namespace === BOOTSTRAP_NAMESPACE;

export function bootstrapSignerLoop({ core, log }: LoopOptions): Runnable {
  const secrets = needed(core, '', 'secrets');
  const maps = needed(core, '', 'configmaps');
  const client = loopClient(core, 'bootstrap-signer');
  const { clock } = core.plane;
  return controller({
    name: 'bootstrapsigner',
    sources: [
      changesOf(maps, { keys: m => (m.metadata.name === INFO.name && m.metadata.namespace === INFO.namespace ? [INFO.name] : []) }),
      changesOf(secrets, { deletions: true, keys: s => (isToken(s) ? [INFO.name] : []) }),
    ],
    clock,
    ...(log ? { log } : {}),
    async reconcile() {
      const map = maps.collection.get(INFO.namespace, INFO.name)?.object;
      const content = at(map, 'data', SIGNED);
      if (!map || typeof content !== 'string') return;
      const data = withSignatures(objectOf(map['data']), content, signingTokens(present(secrets, BOOTSTRAP_NAMESPACE), clock.now()));
      if (equal(data, map['data'])) return;
      try {
        await client.update(CONFIG_MAPS, { ...map, data });
      } catch (error) {
        if (!isStatusError(error, 'NotFound')) throw error;
      }
    },
  });
}

function signingTokens(secrets: readonly AnyObject[], now: number): Map<string, string> {
  const tokens = secrets.map(s => bootstrapToken(s, now)).filter(t => t?.usages.has('usage-bootstrap-signing'));
  return new Map(tokens.flatMap(t => (t ? [[t.id, t.secret] as const] : [])));
}

function withSignatures(data: Record<string, unknown>, content: string, tokens: ReadonlyMap<string, string>): Record<string, unknown> {
  const kept = Object.entries(data).filter(([key]) => !key.startsWith(SIGNATURE_PREFIX));
  return {
    ...Object.fromEntries(kept),
    ...Object.fromEntries([...tokens].map(([id, s]) => [SIGNATURE_PREFIX + id, detachedSignature(content, id, s)])),
  };
}

/** A JWS (RFC 7515, HS256) without its payload. */
function detachedSignature(content: string, id: string, secret: string): string {
  const encoded = (text: string): string => Buffer.from(text).toString('base64url');
  const header = encoded(JSON.stringify({ alg: 'HS256', kid: id }));
  return `${header}..${createHmac('sha256', secret)
    .update(`${header}.${encoded(content)}`)
    .digest('base64url')}`;
}

export function tokenCleanerLoop({ core, log }: LoopOptions): Runnable {
  const secrets = needed(core, '', 'secrets');
  const client = loopClient(core, 'token-cleaner');
  const { clock } = core.plane;
  return controller({
    name: 'tokencleaner',
    sources: [changesOf(secrets, { keys: s => (isToken(s) && bootstrapExpiry(s) !== undefined ? [stringOf(s.metadata.name)] : []) })],
    clock,
    ...(log ? { log } : {}),
    async reconcile(name) {
      const secret = secrets.collection.get(BOOTSTRAP_NAMESPACE, name)?.object;
      const expires = secret && isToken(secret) ? bootstrapExpiry(secret) : undefined;
      if (!secret || expires === undefined) return;
      if (expires > clock.now()) return { requeueAfterMs: expires - clock.now() };
      const { uid = '', resourceVersion = '' } = secret.metadata;
      try {
        await client.delete(SECRETS, { namespace: BOOTSTRAP_NAMESPACE, name }, { preconditions: { uid, resourceVersion } });
      } catch (error) {
        if (!isStatusError(error, 'NotFound')) throw error;
      }
      return undefined;
    },
  });
}
