// Runs Lua calls in a worker thread, one after the other. A call that does not answer in time loses its worker, so a script
// can loop, allocate or recurse as it likes: its caller gets an error, and the next call gets a fresh worker.
// Nothing of the Lua machine is loaded before the first call.
import type { Worker } from 'node:worker_threads';
import { type Clock, plain500, startWorker, type Timer, unavailable } from '../../kube/index.ts';
import type { LuaAnswer, LuaCall } from './worker.ts';

const CALL_MS = 1000;
/** What the machine gets to notice the end of its time by itself; then the thread is ended. */
const GRACE_MS = 500;
const START_MS = 30_000;
const MAX_WAITING = 10_000;
const WORKER_LIMITS = { maxOldGenerationSizeMb: 256, stackSizeMb: 8 };

interface Waiting {
  readonly call: LuaCall;
  readonly resolve: (answer: LuaAnswer) => void;
  readonly reject: (error: Error) => void;
  readonly signal: AbortSignal | undefined;
}

/** One thread with a queue. `close` ends the thread; a later call starts another. */
export class LuaPool {
  readonly #clock: Clock;
  readonly #waiting: Waiting[] = [];
  #worker: Worker | undefined;
  #ready = false;
  #current: Waiting | undefined;
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls a function of a script; rejects with a StatusError when it fails or takes more than a second. */
  async call(call: Omit<LuaCall, 'seconds'>, signal?: AbortSignal): Promise<LuaAnswer> {
    signal?.throwIfAborted();
    if (this.#waiting.length >= MAX_WAITING) throw unavailable('too many interpreter scripts are waiting to run');
    return new Promise((resolve, reject) => {
      this.#waiting.push({ call: { ...call, seconds: CALL_MS / 1000 }, resolve, reject, signal });
      this.#next();
    });
  }

  close(): void {
    this.#stop('the interpreter is closed');
  }

  #next(): void {
    if (this.#current) return;
    const next = this.#takeWanted();
    if (!next) {
      this.#worker?.unref();
      return;
    }
    this.#current = next;
    if (!this.#worker) this.#start();
    this.#worker?.ref();
    if (this.#ready) this.#send(next);
  }

  #takeWanted(): Waiting | undefined {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      if (!next.signal?.aborted) return next;
      next.reject(next.signal.reason as Error);
    }
    return undefined;
  }

  #start(): void {
    const worker = startWorker(new URL('./worker', import.meta.url), import.meta.url, { resourceLimits: WORKER_LIMITS });
    this.#worker = worker;
    this.#ready = false;
    this.#limit(START_MS, 'the Lua machine did not start');
    worker.on('message', (answer: LuaAnswer) => {
      if (worker === this.#worker) this.#received(answer);
    });
    const lost = (text: string): void => {
      if (worker === this.#worker) this.#stop(text);
    };
    worker.on('error', error => lost(`the Lua machine failed: ${error.message}`));
    worker.on('exit', () => lost('the Lua machine ended'));
  }

  #received(answer: LuaAnswer): void {
    this.#timer?.cancel();
    const current = this.#current;
    if (!this.#ready) {
      this.#ready = true;
      if (current) this.#send(current);
      return;
    }
    this.#current = undefined;
    if (answer.startsWith('!')) current?.reject(plain500(answer.slice(1)));
    else current?.resolve(answer);
    this.#next();
  }

  #send(waiting: Waiting): void {
    this.#limit(CALL_MS + GRACE_MS, 'context deadline exceeded');
    this.#worker?.postMessage(waiting.call);
  }

  #limit(ms: number, text: string): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.after(ms, () => this.#stop(text));
  }

  /** Ends the thread and fails the present call; those waiting go on with a new thread. */
  #stop(text: string): void {
    this.#timer?.cancel();
    const worker = this.#worker;
    const current = this.#current;
    this.#worker = undefined;
    this.#current = undefined;
    void worker?.terminate();
    current?.reject(plain500(text));
    this.#next();
  }
}
