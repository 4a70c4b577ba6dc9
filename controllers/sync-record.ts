// What a member remembers of its control plane: ConfigMap karmada-cluster/flotilla-sync holds the plane's id and the revision that the member was given last. A
// plane that comes back from an old backup is behind that revision: it must not take its old picture for the truth, so nothing is written into the member until
// somebody says so (`flotilla cluster resume`). The record is written before the first other write, and then beside other writes, at most every 10 seconds.
import { type AnyObject, at, type Client, type Clock, getOrUndefined, isStatusError, resource, stringOf } from '../kube/index.ts';

const configMaps = resource({ group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', scope: 'Namespaced' });
const namespaces = resource({ group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', scope: 'Cluster' });
const KEY = { namespace: 'karmada-cluster', name: 'flotilla-sync' } as const;
const EVERY_MS = 10_000;

/** On a Cluster: the revision beyond which its member may be taken back to what the plane knows. */
export const RESUME_ANNOTATION = 'cluster.flotilla.io/resume-from-revision';
/** On a Cluster: the revision that its member was given, while nothing is written there. */
export const HELD_ANNOTATION = 'cluster.flotilla.io/held-at-revision';
/** Condition of a Cluster: False while its member knows more than the plane. */
export const SYNCHRONIZED = 'Synchronized';
/** Reason of that condition while nothing is written. */
export const PLANE_IS_BEHIND = 'PlaneIsBehind';

/** The plane as it is now: who it is and how far it has got. */
export interface PlaneState {
  readonly id: string;
  readonly revision: string;
  /** It came back from a backup that ended at `from`, and went on at `at`: what lies between is not known to it. */
  readonly restored?: { readonly from: string; readonly at: string };
}

export interface SyncRecordOptions {
  readonly cluster: string;
  readonly client: Client;
  readonly clock: Clock;
  /** Undefined where the plane cannot say yet: then nothing is written. */
  readonly plane: () => PlaneState | undefined;
  /** The revision of `RESUME_ANNOTATION`, and whether the Cluster says that its member is ahead. */
  readonly consent: () => { readonly resume: string | undefined; readonly held: string | undefined };
  /** Told when writing stops (`given` = the revision that the member has) and when it may go on. */
  readonly report: (given: string | undefined) => void;
}

/** Writes into a member stop here. */
export class PlaneIsBehindError extends Error {
  override readonly name = 'PlaneIsBehindError';
}

export class SyncRecord {
  readonly #o: SyncRecordOptions;
  #checked: Promise<void> | undefined;
  #writtenAt = 0;
  #written = '';
  #writing = false;

  constructor(o: SyncRecordOptions) {
    this.#o = o;
  }

  /** Resolves when the member may be written to; rejects while it may not. */
  async permit(signal: AbortSignal | undefined): Promise<void> {
    this.#checked ??= this.#check(signal).catch((error: unknown) => {
      this.#checked = undefined;
      throw error;
    });
    await this.#checked;
    const { clock, plane } = this.#o;
    const now = plane();
    if (this.#writing || !now || now.revision === this.#written || clock.monotonic() - this.#writtenAt < EVERY_MS) return;
    this.#writing = true;
    // Other writes do not wait for the record: a lost one is made up for by the next.
    this.#write(now, signal)
      .catch(() => undefined)
      .finally(() => {
        this.#writing = false;
      });
  }

  async #check(signal: AbortSignal | undefined): Promise<void> {
    const { cluster, client, plane, consent, report } = this.#o;
    const now = plane();
    if (!now) throw new Error(`the control plane does not know its own revision yet: nothing is written to cluster ${cluster}`);
    const present = await getOrUndefined(client, configMaps, KEY, signal ? { signal } : {});
    const { resume, held } = consent();
    const given = held ?? (present && at(present, 'data', 'plane') === now.id ? stringOf(at(present, 'data', 'revision')) : undefined);
    // A hold that the Cluster tells of stays, however far the plane has got since.
    if (given !== undefined && (held !== undefined || isBehind(now, given)) && resume !== given) {
      report(given);
      throw new PlaneIsBehindError(
        `cluster ${cluster} was given revision ${given}, but the control plane is at ${now.revision}: it was restored from an older backup. Compare them, then run: flotilla cluster resume ${cluster}`,
      );
    }
    await this.#write(now, signal);
    report(undefined);
  }

  async #write(plane: PlaneState, signal: AbortSignal | undefined): Promise<void> {
    const { client, clock } = this.#o;
    const data = { plane: plane.id, revision: plane.revision };
    const o = signal ? { signal } : {};
    try {
      await client.patch(configMaps, KEY, { type: 'merge', body: { data } }, o);
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error;
      await ensureNamespace(client, signal);
      const record: AnyObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: KEY, data };
      await client.create(configMaps, record, o);
    }
    this.#writtenAt = clock.monotonic();
    this.#written = plane.revision;
  }
}

/** Whether the member was given what the plane does not know. */
function isBehind({ revision, restored }: PlaneState, given: string): boolean {
  const [now, last, from, at] = [revision, given, restored?.from, restored?.at].map(numberOf);
  if (now === undefined || last === undefined) return false;
  return now < last || (from !== undefined && at !== undefined && from < last && last < at);
}

const numberOf = (text: string | undefined): bigint | undefined => (text && /^\d+$/.test(text) ? BigInt(text) : undefined);

async function ensureNamespace(client: Client, signal: AbortSignal | undefined): Promise<void> {
  try {
    const namespace: AnyObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: KEY.namespace } };
    await client.create(namespaces, namespace, signal ? { signal } : {});
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error;
  }
}
