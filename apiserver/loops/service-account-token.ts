// Fills Secrets of type kubernetes.io/service-account-token, and deletes those whose account is gone (specification §5).
import {
  type AnyObject,
  at,
  type Client,
  controller,
  isStatusError,
  parseKey,
  type Resource,
  type Runnable,
  resource,
  stringOf,
} from '../../kube/index.ts';
import type { ServiceAccountTokens } from '../auth/service-account-tokens.ts';
import { changesOf, needed, present } from './collection-source.ts';
import { type LoopOptions, loopClient } from './loop-context.ts';

const SECRETS: Resource<AnyObject> = resource({ group: '', version: 'v1', kind: 'Secret', plural: 'secrets', scope: 'Namespaced' });
const TYPE = 'kubernetes.io/service-account-token';
const ACCOUNT_NAME = 'kubernetes.io/service-account.name';
const ACCOUNT_UID = 'kubernetes.io/service-account.uid';

export interface ServiceAccountTokenOptions extends LoopOptions {
  readonly tokens: ServiceAccountTokens;
  /** PEM; becomes data["ca.crt"]. */
  readonly caCert: string;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const accountOf = (secret: AnyObject): string => secret.metadata.annotations?.[ACCOUNT_NAME] ?? '';

export function serviceAccountTokenLoop(o: ServiceAccountTokenOptions): Runnable {
  const { core } = o;
  const secrets = needed(core, '', 'secrets');
  const accounts = needed(core, '', 'serviceaccounts');
  const client = loopClient(core, 'tokens-controller');
  return controller({
    name: 'serviceaccount-token',
    sources: [
      changesOf(secrets, { keys: s => (s['type'] === TYPE ? [`${s.metadata.namespace}/${s.metadata.name}`] : []) }),
      changesOf(accounts, {
        deletions: true,
        keys: account =>
          present(secrets, account.metadata.namespace)
            .filter(s => s['type'] === TYPE && accountOf(s) === account.metadata.name)
            .map(s => `${s.metadata.namespace}/${s.metadata.name}`),
      }),
    ],
    clock: core.plane.clock,
    ...(o.log ? { log: o.log } : {}),
    async reconcile(key) {
      const { namespace = '', name } = parseKey(key);
      const secret = secrets.collection.get(namespace, name)?.object;
      if (!secret || secret['type'] !== TYPE || secret.metadata.deletionTimestamp) return;
      const account = accounts.collection.get(namespace, accountOf(secret))?.object;
      const uid = secret.metadata.annotations?.[ACCOUNT_UID];
      if (!account || (uid && uid !== account.metadata.uid)) await drop(client, secret);
      else await fill(client, secret, account, o);
    },
  });
}

async function drop(client: Client, secret: AnyObject): Promise<void> {
  const { name = '', namespace = '', uid = '', resourceVersion = '' } = secret.metadata;
  try {
    await client.delete(SECRETS, { namespace, name }, { preconditions: { uid, resourceVersion } });
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error;
  }
}

async function fill(client: Client, secret: AnyObject, account: AnyObject, o: ServiceAccountTokenOptions): Promise<void> {
  const { namespace = '', name = '' } = secret.metadata;
  const uid = account.metadata.uid ?? '';
  const kept = (key: string): string => stringOf(at(secret, 'data', key));
  const whole =
    kept('token') !== '' &&
    kept('ca.crt') === base64(o.caCert) &&
    kept('namespace') === base64(namespace) &&
    secret.metadata.annotations?.[ACCOUNT_UID] === uid;
  if (whole) return;
  const token = kept('token') || base64(await o.tokens.legacy(account, name));
  await client.update(SECRETS, {
    ...secret,
    metadata: { ...secret.metadata, annotations: { ...secret.metadata.annotations, [ACCOUNT_UID]: uid } },
    data: { ...(secret['data'] as object | undefined), token, namespace: base64(namespace), 'ca.crt': base64(o.caCert) },
  });
}
