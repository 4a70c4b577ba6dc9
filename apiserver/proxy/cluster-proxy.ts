// clusters/<name>/proxy/<path>: a member's API through the control plane. The member is spoken to as its impersonator, on behalf
// of the caller; bytes go through as they come, both ways (specification: controllers §8.14).
import { Agent } from 'node:https';
import { type AnyObject, at, isObject, StatusError, stringOf, unavailable } from '../../kube/index.ts';
import type { Call } from '../http/server-parts.ts';
import type { Core } from '../registry/index.ts';
import { forward, forwardUpgrade, type Upstream } from './forward.ts';

const MAX_AGENTS = 256;
/** Answers the proxy subresource of Clusters. */
export class ClusterProxy {
  readonly #core: Core;
  /** By what a connection is made from, so that new credentials make a new agent. */
  readonly #agents = new Map<string, Agent>();

  constructor(core: Core) {
    this.#core = core;
  }

  serve(c: Call): Promise<void> {
    const upstream = this.#upstream(c.r.name);
    return c.x.upgrade ? forwardUpgrade(c, upstream, c.x.upgrade) : forward(c, upstream);
  }

  #upstream(name: string): Upstream {
    const cluster = this.#core.catalog.find('cluster.karmada.io', 'v1alpha1', 'clusters')?.collection.get('', name)?.object;
    if (!cluster) {
      throw new StatusError({
        code: 404,
        reason: 'NotFound',
        message: `clusters.cluster.karmada.io "${name}" not found`,
        details: { name, group: 'cluster.karmada.io', kind: 'clusters' },
      });
    }
    const endpoint = stringOf(at(cluster, 'spec', 'apiEndpoint'));
    if (!endpoint) throw unavailable(`the api endpoint of cluster ${name} is empty`);
    const impersonator = this.#secret(at(cluster, 'spec', 'impersonatorSecretRef'));
    if (!impersonator) throw unavailable(`the impersonatorSecretRef of cluster ${name} is nil, or its Secret is not there`);
    const token = decoded(impersonator, 'token');
    const insecure = at(cluster, 'spec', 'insecureSkipTLSVerification') === true;
    const own = this.#secret(at(cluster, 'spec', 'secretRef'));
    return { url: new URL(endpoint), token, agent: this.#agent(insecure ? '' : decoded(own, 'caBundle'), insecure) };
  }

  #secret(ref: unknown): AnyObject | undefined {
    if (!isObject(ref)) return undefined;
    return this.#core.catalog.find('', 'v1', 'secrets')?.collection.get(stringOf(ref['namespace']), stringOf(ref['name']))?.object;
  }

  #agent(ca: string, insecure: boolean): Agent {
    const id = `${insecure} ${ca}`;
    const known = this.#agents.get(id);
    if (known) return known;
    if (this.#agents.size >= MAX_AGENTS) {
      for (const agent of this.#agents.values()) agent.destroy();
      this.#agents.clear();
    }
    const agent = new Agent({ keepAlive: true, rejectUnauthorized: !insecure, ...(ca ? { ca } : {}) });
    this.#agents.set(id, agent);
    return agent;
  }
}

const decoded = (secret: AnyObject | undefined, key: string): string => Buffer.from(stringOf(at(secret, 'data', key)), 'base64').toString();
