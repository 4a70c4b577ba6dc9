// The member clusters that this process talks to: one client and one set of informers each, made from the Cluster and its Secret, made again when either
// changes, closed when the Cluster goes. Nothing here asks for a cluster's mode: an agent fills the same map with its one cluster.
import { setMaxListeners } from 'node:events';
import type { Cluster } from '../crds/index.ts';
import {
  type AnyObject,
  apiVersionOf,
  type Change,
  type Client,
  type Clock,
  type Evidence,
  type Informer,
  type Logger,
  type ObjectKey,
  type RawClient,
  type Resource,
  saysAbsent,
} from '../kube/index.ts';
import { MemberIdentity } from './member-identity.ts';
import { SharedInformers } from './shared-informers.ts';
import type { SyncRecord } from './sync-record.ts';

/** How members are reached; `close` where the connection holds sockets. */
export interface MemberClient extends Client, RawClient {
  close?(): Promise<void>;
}

/** Makes the client of a cluster; throws where the cluster or its Secret lacks something. */
export type Connect = (cluster: Cluster, secret: AnyObject | undefined) => MemberClient;

export interface Member {
  readonly name: string;
  readonly client: MemberClient;
  readonly identity: MemberIdentity;
  /** The copy of one resource; kept up to date from the first call on, until `keepOnly` drops it. */
  informer(resource: Resource): Informer<AnyObject>;
  /** A copy that `keepOnly` never drops. */
  pinned(resource: Resource): Informer<AnyObject>;
  /** Ends the copies of resources that nobody needs. */
  keepOnly(needed: (resource: Resource) => boolean): void;
  /** Whether a copy of the resource is kept. */
  follows(resource: Resource): boolean;
  /** Deletes in the background what nobody wants any more; what is gone already is fine. */
  remove(resource: Resource, key: ObjectKey, because: Evidence, signal: AbortSignal): Promise<void>;
}

/** A change of an object in a member. */
export interface MemberChange {
  readonly cluster: string;
  readonly resource: Resource;
  readonly change: Change<AnyObject>;
}

export interface MembersOptions {
  /** Whether this process talks to the cluster: push clusters, or an agent's own. */
  readonly serves: (cluster: Cluster) => boolean;
  /** The cluster's Secret as far as it is known here. */
  readonly secretOf: (cluster: Cluster) => AnyObject | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly connect: Connect;
  readonly signal: AbortSignal;
  /** Asked before each write into a member; absent: everything may be written. */
  readonly record?: (cluster: string, client: Client, signal: AbortSignal) => SyncRecord;
}

interface Entry {
  readonly member: Member;
  /** The objects that were looked at last. */
  readonly cluster: Cluster;
  readonly secret: AnyObject | undefined;
  /** What the client was made from: when it changes, so does the client. */
  readonly made: string;
  readonly stop: AbortController;
}

export class Members {
  readonly #o: MembersOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #subscribers = new Set<(change: MemberChange) => void>();

  constructor(o: MembersOptions) {
    this.#o = o;
  }

  get(name: string): Member | undefined {
    return this.#entries.get(name)?.member;
  }

  get names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  serves(cluster: Cluster | undefined): boolean {
    return cluster !== undefined && this.#o.serves(cluster);
  }

  /** The member of a cluster with the Secret that is known now. Throws where no client can be made. */
  require(cluster: Cluster): Member {
    return this.ensure(cluster, this.#o.secretOf(cluster));
  }

  /** Hears of every change in every member, from informers that exist and those that will. */
  subscribe(f: (change: MemberChange) => void): () => void {
    this.#subscribers.add(f);
    return () => void this.#subscribers.delete(f);
  }

  /** The member of that cluster as it is described now. Throws where no client can be made. */
  ensure(cluster: Cluster, secret: AnyObject | undefined): Member {
    const name = cluster.metadata.name ?? '';
    const entry = this.#entries.get(name);
    if (entry && entry.cluster === cluster && entry.secret === secret) return entry.member;
    const { id, apiEndpoint, insecureSkipTLSVerification, proxyURL, proxyHeader } = cluster.spec;
    const made = JSON.stringify([
      cluster.metadata.uid,
      { id, apiEndpoint, insecureSkipTLSVerification, proxyURL, proxyHeader },
      secret?.metadata.uid,
      secret?.['data'],
    ]);
    if (entry?.made === made) {
      this.#entries.set(name, { ...entry, cluster, secret });
      return entry.member;
    }
    const bare = this.#o.connect(cluster, secret);
    this.drop(name);
    const stop = new AbortController();
    const signal = AbortSignal.any([this.#o.signal, stop.signal]);
    // One listener for each informer and each wait of this member.
    setMaxListeners(0, signal);
    const identity = new MemberIdentity({ cluster: name, endpoint: apiEndpoint ?? '', id, client: bare, clock: this.#o.clock });
    const record = this.#o.record?.(name, bare, signal);
    const client = guarded(bare, async s => {
      await identity.confirm();
      await record?.permit(s);
    });
    const member = this.#member({ name, client, identity }, signal);
    this.#entries.set(name, { member, cluster, secret, made, stop });
    return member;
  }

  drop(name: string): void {
    const entry = this.#entries.get(name);
    if (!entry) return;
    this.#entries.delete(name);
    entry.stop.abort(new Error(`cluster ${name} was removed or is described anew`));
    entry.member.client.close?.().catch(() => undefined);
  }

  #member({ name, client, identity }: Pick<Member, 'name' | 'client' | 'identity'>, signal: AbortSignal): Member {
    const informers = new SharedInformers({ client, clock: this.#o.clock, log: this.#o.log, signal });
    const pins = new Set<string>();
    const open = (resource: Resource): Informer<AnyObject> => {
      const known = informers.known(resource);
      if (known) return known;
      const created = informers.of(resource);
      created.subscribe(change => {
        if (!signal.aborted) for (const f of this.#subscribers) f({ cluster: name, resource, change });
      });
      return created;
    };
    return {
      name,
      client,
      identity,
      informer: open,
      pinned(resource) {
        pins.add(resourceId(resource));
        return open(resource);
      },
      keepOnly(needed) {
        for (const resource of informers.resources) if (!pins.has(resourceId(resource)) && !needed(resource)) informers.stop(resource);
      },
      follows: resource => informers.known(resource) !== undefined,
      async remove(resource, key, because, s) {
        if (!because.because) throw new Error('a deletion in a member needs evidence');
        try {
          await client.delete(resource, key, { propagationPolicy: 'Background', signal: s });
        } catch (error) {
          if (!saysAbsent(error, key.name)) throw error;
        }
      },
    };
  }
}

/** Group, version and plural. */
export const resourceId = (resource: Resource): string => `${apiVersionOf(resource)} ${resource.plural}`;

/** The client with its writes behind a permission. */
function guarded(client: MemberClient, permit: (signal: AbortSignal | undefined) => Promise<void>): MemberClient {
  return {
    ...client,
    async create(r, object, o) {
      await permit(o?.signal);
      return client.create(r, object, o);
    },
    async update(r, object, o) {
      await permit(o?.signal);
      return client.update(r, object, o);
    },
    async patch(r, key, patch, o) {
      await permit(o?.signal);
      return client.patch(r, key, patch, o);
    },
    async delete(r, key, o) {
      await permit(o?.signal);
      return client.delete(r, key, o);
    },
  };
}

/** The object in a member: out of the copy if that is complete, else live. */
export async function memberObject(
  member: Member,
  resource: Resource,
  key: ObjectKey,
  signal: AbortSignal,
): Promise<AnyObject | undefined> {
  const copy = member.informer(resource);
  if (copy.hasSynced) {
    const cached = copy.get(key);
    if (cached) return cached;
  }
  try {
    return await member.client.get(resource, key, { signal });
  } catch (error) {
    if (saysAbsent(error, key.name)) return undefined;
    throw error;
  }
}
