// Who answers at a member's address. A Cluster that was joined names the uid of its kube-system namespace in `spec.id`; whoever shows another uid is another
// cluster, and nothing is written or deleted there: what this plane knows of its member says nothing about it.
// The uid is read before a write when a second has gone by since the last time, and with each probe of the cluster's health.
import { at, type Client, type Clock, isStatusError, resource, stringOf } from '../kube/index.ts';

const namespaces = resource({ group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', scope: 'Cluster' });
const EVERY_MS = 1_000;

/** Reason of the Ready condition while another cluster answers. */
export const ANOTHER_CLUSTER = 'AnotherCluster';

export interface MemberIdentityOptions {
  readonly cluster: string;
  readonly endpoint: string;
  /** `spec.id` of the Cluster; one without an id takes whoever answers. */
  readonly id: string | undefined;
  readonly client: Client;
  readonly clock: Clock;
}

/** Writes to a member stop here while another cluster answers in its place. */
export class AnotherClusterError extends Error {
  override readonly name = 'AnotherClusterError';
}

export class MemberIdentity {
  readonly #o: MemberIdentityOptions;
  #askedAt: number | undefined;
  #answer: Promise<void> | undefined;

  constructor(o: MemberIdentityOptions) {
    this.#o = o;
  }

  /** Resolves while the member is the one that was joined, as it was known a second ago; rejects where it is another one or cannot be asked. */
  async confirm(): Promise<void> {
    const now = this.#o.clock.monotonic();
    if (this.#askedAt === undefined || now - this.#askedAt >= EVERY_MS) {
      this.#askedAt = now;
      this.#answer = this.ask();
      this.#answer.catch(() => {
        this.#askedAt = undefined;
      });
    }
    await this.#answer;
  }

  /** The same, read now. */
  async ask(signal?: AbortSignal): Promise<void> {
    const { client, cluster, endpoint, id } = this.#o;
    if (!id) return;
    const shown = await client.get(namespaces, { name: 'kube-system' }, signal ? { signal } : {}).catch((error: unknown) => {
      // A member that does not show the namespace proves nothing.
      if (isStatusError(error, 'NotFound') || isStatusError(error, 'Forbidden')) return undefined;
      throw error;
    });
    const uid = stringOf(at(shown, 'metadata', 'uid'));
    if (uid && uid !== id)
      throw new AnotherClusterError(
        `another cluster answers at ${endpoint}: its id is ${uid}, while cluster ${cluster} has ${id}. Nothing is written there. Correct spec.apiEndpoint, or unjoin ${cluster} and join it anew`,
      );
  }
}
