// What checks say of what they saw. Everything throws an error that tells what was there instead.
import { sleep, systemClock } from '../../kube/index.ts';

const POLL_MS = 60;
const TIMEOUT_MS = 20_000;
const SHOWN = 600;

const short = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
};

export function expect(holds: unknown, what: string, seen?: unknown): asserts holds {
  if (!holds) throw new Error(seen === undefined ? what : `${what}; seen: ${short(seen)}`);
}

export function equal(seen: unknown, wanted: unknown, what: string): void {
  const same = JSON.stringify(seen) === JSON.stringify(wanted);
  if (!same) throw new Error(`${what}: wanted ${short(wanted)}, seen ${short(seen)}`);
}

export function matches(text: string, pattern: RegExp, what = 'what was printed'): void {
  if (!pattern.test(text)) throw new Error(`${what} does not match ${String(pattern)}; seen: ${short(text)}`);
}

export function lacks(text: string, pattern: RegExp, what = 'what was printed'): void {
  if (pattern.test(text)) throw new Error(`${what} matches ${String(pattern)}; seen: ${short(text)}`);
}

/** What a command left when it ended. */
export interface Output {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The command ended with a fault and said something that matches. */
export function refused(done: Output, pattern: RegExp): Output {
  if (done.code === 0) throw new Error(`it was not refused; seen: ${short(done.out)}`);
  matches(done.err + done.out, pattern, 'the refusal');
  return done;
}

/** Polls until `check` gives something other than undefined and false. */
export async function eventually<T>(
  what: string,
  check: () => Promise<T | undefined | false> | T | undefined | false,
  o: { readonly timeoutMs?: number; readonly last?: () => unknown } = {},
): Promise<T> {
  const timeoutMs = o.timeoutMs ?? TIMEOUT_MS;
  const deadline = systemClock.monotonic() + timeoutMs;
  for (;;) {
    const found = await check();
    if (found !== undefined && found !== false) return found;
    if (systemClock.monotonic() > deadline)
      throw new Error(`${what}: not so after ${timeoutMs / 1000} s${o.last ? `; seen: ${short(o.last())}` : ''}`);
    await sleep(systemClock, POLL_MS);
  }
}
