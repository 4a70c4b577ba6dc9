// Events about objects, for people who look with `kubectl describe`. Recording never waits and never fails its caller: writes go out one after the other
// behind a bounded queue. Repeats raise a count; many similar messages are combined; one object can say 25 things at once and then one every 5 minutes.
import type { Client } from './client.ts';
import type { Clock } from './clock.ts';
import { timestamp } from './clock.ts';
import { errorText, type Logger, silent } from './log.ts';
import type { AnyObject, KubeObject } from './object.ts';
import { resource } from './resource.ts';
import { isStatusError } from './status-error.ts';

export type EventType = 'Normal' | 'Warning';

/** What an Event is about: any object, or as much of it as is known. */
export type EventSubject = Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>;

export interface EventRecorder {
  event(object: EventSubject, type: EventType, reason: string, message: string): void;
}

export interface EventRecorderOptions {
  readonly client: Client;
  readonly clock: Clock;
  /** Shown as the source. */
  readonly component: string;
  readonly log?: Logger;
}

/** A recorder that tells when it has nothing left to write. */
export interface DrainingEventRecorder extends EventRecorder {
  drained(): Promise<void>;
}

const events = resource({ group: '', version: 'v1', kind: 'Event', plural: 'events', scope: 'Namespaced' });

const BURST = 25;
const REFILL_MS = 300_000;
const SIMILAR_MAX = 10;
const SIMILAR_WINDOW_MS = 600_000;
const CACHE_MAX = 4096;
const PENDING_MAX = 1000;
const MESSAGE_MAX = 1024;

interface Occurrence {
  readonly subject: EventSubject;
  readonly type: EventType;
  readonly reason: string;
  readonly message: string;
}

interface Written {
  readonly namespace: string;
  readonly name: string;
  readonly count: number;
  readonly first: string;
}

export function eventRecorder(o: EventRecorderOptions): DrainingEventRecorder {
  const log = o.log ?? silent;
  const permits = spamFilter(o.clock);
  const combine = similarity(o.clock);
  const written = new Map<string, Written>();
  let pending = 0;
  let tail: Promise<void> = Promise.resolve();

  async function write(occurrence: Occurrence): Promise<void> {
    const id = idOf(occurrence, occurrence.message);
    const known = written.get(id);
    const next = (known && (await repeat(known, occurrence))) ?? (await create(occurrence));
    remember(written, id, next);
  }

  async function repeat(known: Written, { message }: Occurrence): Promise<Written | undefined> {
    const count = known.count + 1;
    try {
      const body = { count, lastTimestamp: timestamp(o.clock.now()), message };
      await o.client.patch(events, { namespace: known.namespace, name: known.name }, { type: 'merge', body });
      return { ...known, count };
    } catch (error) {
      if (isStatusError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async function create(occurrence: Occurrence): Promise<Written> {
    const now = timestamp(o.clock.now());
    const event = eventObject(occurrence, { now, component: o.component, suffix: suffix(o.clock) });
    await o.client.create(events, event);
    return { namespace: event.metadata.namespace ?? '', name: event.metadata.name ?? '', count: 1, first: now };
  }

  return {
    event(subject, type, reason, message) {
      const occurrence = combine({ subject, type, reason, message: shortened(message) });
      if (pending >= PENDING_MAX || !permits(objectId(subject))) return;
      pending++;
      tail = tail
        .then(() => write(occurrence))
        .catch(error => log.debug({ reason, object: objectId(subject), err: errorText(error) }, 'event not written'))
        .finally(() => {
          pending--;
        });
    },
    async drained() {
      while (pending > 0) await tail;
    },
  };
}

function eventObject(
  { subject, type, reason, message }: Occurrence,
  o: { readonly now: string; readonly component: string; readonly suffix: string },
): AnyObject {
  const { namespace, name = '', uid, resourceVersion } = subject.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.${o.suffix}`, namespace: namespace || 'default' },
    involvedObject: {
      apiVersion: subject.apiVersion,
      kind: subject.kind,
      ...(namespace ? { namespace } : {}),
      name,
      ...(uid ? { uid } : {}),
      ...(resourceVersion ? { resourceVersion } : {}),
    },
    type,
    reason,
    message,
    source: { component: o.component },
    reportingComponent: o.component,
    reportingInstance: '',
    count: 1,
    firstTimestamp: o.now,
    lastTimestamp: o.now,
  };
}

/** Unique among the Events of one object: the time, and chance within one millisecond. */
function suffix(clock: Clock): string {
  const chance = Math.floor(clock.random() * 0xffff_ffff);
  return `${clock.now().toString(16)}${chance.toString(16).padStart(8, '0')}`.slice(0, 20);
}

const shortened = (message: string): string => (message.length > MESSAGE_MAX ? `${message.slice(0, MESSAGE_MAX - 3)}...` : message);

function objectId({ apiVersion, kind, metadata }: EventSubject): string {
  return [apiVersion, kind, metadata.namespace ?? '', metadata.name ?? '', metadata.uid ?? ''].join(' ');
}

const idOf = ({ subject, type, reason }: Occurrence, message: string): string => [objectId(subject), type, reason, message].join('\n');

/** Keeps the map small: what was not used for the longest time goes first. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > CACHE_MAX) for (const oldest of map.keys()) return void map.delete(oldest);
}

/** One bucket for each object. */
function spamFilter(clock: Clock): (object: string) => boolean {
  const buckets = new Map<string, { readonly tokens: number; readonly at: number }>();
  return object => {
    const now = clock.monotonic();
    const bucket = buckets.get(object) ?? { tokens: BURST, at: now };
    const tokens = Math.min(BURST, bucket.tokens + (now - bucket.at) / REFILL_MS);
    remember(buckets, object, { tokens: tokens < 1 ? tokens : tokens - 1, at: now });
    return tokens >= 1;
  };
}

/** Beyond ten different messages with the same reason they become one. */
function similarity(clock: Clock): (occurrence: Occurrence) => Occurrence {
  const groups = new Map<string, { readonly messages: Set<string>; readonly last: number }>();
  return occurrence => {
    const id = idOf(occurrence, '');
    const now = clock.monotonic();
    const known = groups.get(id);
    const messages = known && now - known.last <= SIMILAR_WINDOW_MS ? known.messages : new Set<string>();
    messages.add(occurrence.message);
    remember(groups, id, { messages, last: now });
    if (messages.size < SIMILAR_MAX) return occurrence;
    messages.delete(messages.values().next().value ?? '');
    return { ...occurrence, message: shortened(`(combined from similar events): ${occurrence.message}`) };
  };
}
