// Admission policies against a server in memory: what is written, and what bound policies do to requests.
import { builtinAdmission } from '../../../../apiserver/admission/builtin.ts';
import { componentUser } from '../../../../apiserver/auth/user.ts';
import { CORE_NAMESPACES, ensureNamespaces } from '../../../../apiserver/bootstrap.ts';
import { type ApiServer, apiServer } from '../../../../apiserver/server.ts';
import { MemoryStore } from '../../../../apiserver/store/index.ts';
import {
  type AnyObject,
  type Client,
  listOf,
  objectOf,
  type Reader,
  type Resource,
  resource,
  StatusError,
  stringOf,
  systemClock,
} from '../../../../kube/index.ts';

type Raw = Record<string, unknown>;

const REGISTRATION = { group: 'admissionregistration.k8s.io', version: 'v1', scope: 'Cluster' } as const;
const POLICIES = resource({ ...REGISTRATION, kind: 'ValidatingAdmissionPolicy', plural: 'validatingadmissionpolicies' });
const BINDINGS = resource({ ...REGISTRATION, kind: 'ValidatingAdmissionPolicyBinding', plural: 'validatingadmissionpolicybindings' });
const CONFIG_MAPS = resource({ group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', scope: 'Namespaced' });
const NAMESPACES = resource({ group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', scope: 'Cluster' });
const NAMESPACE = 'vapns';

/** A server with the namespaces the recordings speak of. */
export class PolicyServer {
  readonly #client: Client;

  private constructor(server: ApiServer) {
    this.#client = server.client({ ...componentUser('vectors'), username: 'system:admin' }, 'vectors');
  }

  static async start(): Promise<PolicyServer> {
    let own: Client | undefined;
    const reader: Reader = {
      get: (r, key, g) => (own as Client).get(r, key, g),
      list: (r, l) => (own as Client).list(r, l),
    };
    const server = await apiServer({
      store: new MemoryStore('policies'),
      clock: systemClock,
      authenticators: [],
      authorizer: { authorize: a => ({ allowed: a.user.groups.includes('system:masters'), reason: '' }) },
      plugins: () => builtinAdmission({ reader, clock: systemClock }),
    });
    const started = new PolicyServer(server);
    own = started.#client;
    await ensureNamespaces(own, CORE_NAMESPACES);
    for (const [name, labels] of Object.entries({ [NAMESPACE]: { team: 'red' }, ssa: {} }))
      await own.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
    await own.create(CONFIG_MAPS, configMap({ metadata: { name: 'par' }, data: { max: '3' } }));
    return started;
  }

  /** A policy sent with dryRun. */
  write(policy: Raw): Promise<Raw> {
    return answerOf(() => this.#client.create(POLICIES, policy as unknown as AnyObject, { dryRun: true }), 201);
  }

  /** What requests get while the policy is bound. */
  async run(input: Raw): Promise<Raw[]> {
    const stored = listOf(input['stored']).map(o => configMap(objectOf(o)));
    for (const object of stored) await this.#client.create(CONFIG_MAPS, object);
    const policy = await this.#client.create(POLICIES, input['policy'] as AnyObject);
    const binding = await this.#client.create(BINDINGS, input['binding'] as AnyObject);
    const posted = listOf(input['objects']).map(body => ({ method: 'POST', path: `/api/v1/namespaces/${NAMESPACE}/configmaps`, body }));
    const results: Raw[] = [];
    for (const request of [...posted, ...listOf(input['requests'])]) results.push(await this.#send(objectOf(request)));
    await this.#client.delete(BINDINGS, { name: binding.metadata.name ?? '' });
    await this.#client.delete(POLICIES, { name: policy.metadata.name ?? '' });
    for (const { metadata } of stored) await this.#client.delete(CONFIG_MAPS, { name: metadata.name ?? '', namespace: NAMESPACE });
    return results;
  }

  #send(request: Raw): Promise<Raw> {
    const [, namespace = '', , name = ''] = /namespaces\/([^/]+)\/(configmaps)\/?(.*)$/.exec(stringOf(request['path'])) ?? [];
    const warnings: string[] = [];
    const o = { dryRun: true, onWarning: (text: string) => void warnings.push(text) };
    const key = { namespace, name };
    const body = configMap(objectOf(request['body']), namespace);
    const verbs: Record<string, readonly [number, () => Promise<unknown>]> = {
      POST: [201, () => this.#client.create(CONFIG_MAPS, body, o)],
      PUT: [200, () => this.#client.update(CONFIG_MAPS, body, o)],
      PATCH: [200, () => this.#client.patch(CONFIG_MAPS as Resource<AnyObject>, key, { type: 'merge', body: request['body'] }, o)],
      DELETE: [200, () => this.#client.delete(CONFIG_MAPS, key, { dryRun: true })],
    };
    const [code, send] = verbs[stringOf(request['method'])] ?? [0, () => Promise.resolve()];
    return answerOf(send, code).then(answer => (warnings.length > 0 ? { ...answer, warnings } : answer));
  }
}

const configMap = (o: Raw, namespace = NAMESPACE): AnyObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  ...o,
  metadata: { ...objectOf(o['metadata']), namespace },
});

async function answerOf(send: () => Promise<unknown>, code: number): Promise<Raw> {
  try {
    await send();
    return { code };
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    const { kind: _k, apiVersion: _v, metadata: _m, ...status } = error.toStatus();
    return { code: error.code, status };
  }
}
