// What a member remembers of its control plane: ConfigMap karmada-cluster/flotilla-sync holds the plane's id, the Cluster's uid and the revision that the member was
// given last. The plane writes the same revision on the Cluster before it writes it into the member. So a Cluster that remembers less than its member does comes from
// an old backup: the plane must not take its old picture for the truth, and nothing is written into the member until somebody says so (`flotilla cluster resume`).
// The plane's present revision proves nothing: it has grown since the backup was restored.
// The record is written before the first other write, and then at most every 10 seconds as long as something is written.
import { type AnyObject, at, type Client, type Clock, getOrUndefined, isStatusError, resource, sleep, stringOf } from '../kube/index.ts';
import { isOlder } from './own-writes.ts';

const configMaps = resource({ group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', scope: 'Namespaced' });
const namespaces = resource({ group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', scope: 'Cluster' });
const KEY = { namespace: 'karmada-cluster', name: 'flotilla-sync' } as const;
const EVERY_MS = 10_000;

/** On a Cluster: the revision beyond which its member may be taken back to what the plane knows. */
export const RESUME_ANNOTATION = 'cluster.flotilla.io/resume-from-revision';
/** On a Cluster: the revision that its member was given, while nothing is written there. */
export const HELD_ANNOTATION = 'cluster.flotilla.io/held-at-revision';
/** On a Cluster: the revision that its member was given last, written before the member is told. */
export const GIVEN_ANNOTATION = 'cluster.flotilla.io/given-revision';
/** Condition of a Cluster: False while its member knows more than the plane. */
export const SYNCHRONIZED = 'Synchronized';
/** Reason of that condition while nothing is written. */
export const PLANE_IS_BEHIND = 'PlaneIsBehind';

/** The plane as it is now: who it is and how far it has got. */
export interface PlaneState {
  readonly id: string;
  readonly revision: string;
}

/** What the Cluster says about its member, read from the control plane now. */
export interface Remembered {
  /** Uid of the Cluster: one that was joined anew is another one. */
  readonly uid: string;
  /** The annotations named above. */
  readonly given: string | undefined;
  readonly held: string | undefined;
  readonly resume: string | undefined;
}

export interface SyncRecordOptions {
  readonly cluster: string;
  readonly client: Client;
  readonly clock: Clock;
  /** Undefined where the plane cannot say yet: then nothing is written. */
  readonly plane: () => PlaneState | undefined;
  readonly remembered: (signal: AbortSignal | undefined) => Promise<Remembered>;
  /** Writes the revision on the Cluster, durably. */
  readonly remember: (given: string, signal: AbortSignal | undefined) => Promise<void>;
  /** Told when writing stops (`given` = the revision that the member has) and when it may go on. */
  readonly report: (given: string | undefined) => void;
  /** Ends the record with its member. */
  readonly signal: AbortSignal;
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
  #uid = '';
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
    if (this.#writing) return;
    this.#writing = true;
    // Other writes do not wait for the record; one that is lost is made up for by the next.
    this.#writeInTime()
      .catch(() => undefined)
      .finally(() => {
        this.#writing = false;
      });
  }

  /** Writes what the plane has come to when ten seconds have gone by since the last time: all writes of that while are in it. */
  async #writeInTime(): Promise<void> {
    const { clock, plane, signal } = this.#o;
    const wait = this.#writtenAt + EVERY_MS - clock.monotonic();
    if (wait > 0) await sleep(clock, wait, signal);
    const now = plane();
    if (now && now.revision !== this.#written) await this.#write(now, signal);
  }

  async #check(signal: AbortSignal | undefined): Promise<void> {
    const { cluster, client, plane, remembered, report } = this.#o;
    const now = plane();
    if (!now) throw new Error(`the control plane does not know its own revision yet: nothing is written to cluster ${cluster}`);
    const present = await getOrUndefined(client, configMaps, KEY, signal ? { signal } : {});
    const hub = await remembered(signal);
    const ahead = hub.held ?? aheadOf(hub, now.id, at(present, 'data'));
    if (ahead !== undefined && hub.resume !== ahead) {
      report(ahead);
      throw new PlaneIsBehindError(
        `cluster ${cluster} was given revision ${ahead}, which this control plane does not remember: it was restored from an older backup. Compare them, then run: flotilla cluster resume ${cluster}`,
      );
    }
    this.#uid = hub.uid;
    await this.#write(now, signal);
    report(undefined);
  }

  async #write(plane: PlaneState, signal: AbortSignal | undefined): Promise<void> {
    const { client, clock, remember } = this.#o;
    const data = { plane: plane.id, cluster: this.#uid, revision: plane.revision };
    await remember(plane.revision, signal);
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

/** The revision that the member was given, where the Cluster does not know of it. */
function aheadOf(hub: Remembered, planeId: string, record: unknown): string | undefined {
  if (stringOf(at(record, 'plane')) !== planeId) return undefined;
  const revision = stringOf(at(record, 'revision'));
  const isOther = stringOf(at(record, 'cluster')) !== hub.uid;
  // A Cluster that was joined anew has given its member nothing yet: what the record tells of is an earlier joining.
  if (hub.given === undefined) return isOther ? undefined : revision;
  return isOther || isOlder(hub.given, revision) ? revision : undefined;
}

async function ensureNamespace(client: Client, signal: AbortSignal | undefined): Promise<void> {
  try {
    const namespace: AnyObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: KEY.namespace } };
    await client.create(namespaces, namespace, signal ? { signal } : {});
  } catch (error) {
    if (!isStatusError(error, 'AlreadyExists')) throw error;
  }
}
