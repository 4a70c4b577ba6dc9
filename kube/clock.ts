// Time and chance are passed in. Nothing outside this file calls setTimeout, Date.now or Math.random, so the whole
// plane runs under `simulatedClock` from a seed in tests.
import { randomUUID } from 'node:crypto';

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since 1970, wall clock. */
  now(): number;
  /** Milliseconds that never go back; for measuring. */
  monotonic(): number;
  /** Calls `f` once after `ms`; an unreferenced timer does not keep the process alive. */
  after(ms: number, f: () => void): Timer;
  /** Uniform in [0, 1). */
  random(): number;
  /** A version 4 UUID. */
  uuid(): string;
}

const MAX_TIMER_MS = 2 ** 31 - 1;

function uuidOf(bytes: Uint8Array): string {
  const hex = Array.from(bytes, (b, i) =>
    (i === 6 ? (b & 0x0f) | 0x40 : i === 8 ? (b & 0x3f) | 0x80 : b).toString(16).padStart(2, '0'),
  ).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, f) {
    const timer = setTimeout(f, Math.min(Math.max(ms, 0), MAX_TIMER_MS));
    return { cancel: () => clearTimeout(timer) };
  },
  random: () => Math.random(),
  uuid: () => randomUUID(),
};

/** Resolves after `ms`; rejects with the signal's reason when it fires first. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

let lastStamp = { second: Number.NaN, text: '' };

/** RFC 3339 with whole seconds in UTC: the form of every timestamp in metadata. */
export function timestamp(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (lastStamp.second !== second) lastStamp = { second, text: `${new Date(second * 1000).toISOString().slice(0, 19)}Z` };
  return lastStamp.text;
}

/** RFC 3339 with microseconds (the last three are zero): Lease and Event times. */
export function microTimestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}000Z`;
}

interface Pending {
  readonly at: number;
  readonly order: number;
  readonly f: () => void;
}

/** A clock that only moves when told, with randomness from a seed. */
export interface SimulatedClock extends Clock {
  /** Moves time on, running due timers in order and letting promises settle in between. */
  advance(ms: number): Promise<void>;
  /** When the next timer is due, in ms since 1970; undefined when nothing waits. */
  nextDue(): number | undefined;
}

export function simulatedClock(o: { readonly start?: number; readonly seed?: number } = {}): SimulatedClock {
  let now = o.start ?? Date.UTC(2026, 0, 1);
  let order = 0;
  const pending = new Set<Pending>();
  const random = mulberry32(o.seed ?? 1);
  const first = (): Pending | undefined => {
    let best: Pending | undefined;
    for (const p of pending) if (!best || p.at < best.at || (p.at === best.at && p.order < best.order)) best = p;
    return best;
  };
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 3; i++) await new Promise<void>(resolve => setImmediate(resolve));
  };
  return {
    now: () => now,
    monotonic: () => now,
    after(ms, f) {
      const entry: Pending = { at: now + Math.max(ms, 0), order: order++, f };
      pending.add(entry);
      return { cancel: () => void pending.delete(entry) };
    },
    random,
    uuid: () => uuidOf(Uint8Array.from({ length: 16 }, () => Math.floor(random() * 256))),
    nextDue: () => first()?.at,
    async advance(ms) {
      const end = now + ms;
      await settle();
      for (let p = first(); p && p.at <= end; p = first()) {
        pending.delete(p);
        now = Math.max(now, p.at);
        p.f();
        await settle();
      }
      now = end;
      await settle();
    },
  };
}

/** A small seeded generator (mulberry32), uniform in [0, 1). */
export function mulberry32(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = a;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
