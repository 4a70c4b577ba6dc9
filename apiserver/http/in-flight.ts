// How many requests are answered at once. Beyond the limit a request waits its turn for a while; when too many wait, or it waited
// too long, it is told to come again (429 with Retry-After). Watches and connections, health checks and system:masters pass.
import { type Clock, tooManyRequests } from '../../kube/index.ts';
import { SUPERUSERS, type UserInfo } from '../auth/user.ts';
import { isLongRunning, type RequestInfo } from './request-info.ts';

export interface InFlightLimits {
  /** Requests that read; 0 = no limit. */
  readonly maxRequestsInflight: number;
  /** Requests that write; 0 = no limit. */
  readonly maxMutatingRequestsInflight: number;
}

const WAITING_PER_PLACE = 4;
const MAX_WAIT_MS = 15_000;
const READS = new Set(['get', 'list', 'GET', 'HEAD', 'OPTIONS']);
const HEALTH = /^\/(healthz|livez|readyz)(\/|$)/;

/** Gives a place back; calling it again does nothing. */
export type Leave = () => void;

export class InFlight {
  readonly #reads: Gate | undefined;
  readonly #writes: Gate | undefined;

  constructor(limits: InFlightLimits, clock: Clock) {
    this.#reads = limits.maxRequestsInflight > 0 ? new Gate(limits.maxRequestsInflight, clock) : undefined;
    this.#writes = limits.maxMutatingRequestsInflight > 0 ? new Gate(limits.maxMutatingRequestsInflight, clock) : undefined;
  }

  /** Undefined where the request needs no place. Rejects with TooManyRequests, or with the signal's reason when its caller goes. */
  enter(info: RequestInfo, user: UserInfo, caller: Pick<AbortController, 'signal'>): Promise<Leave> | Leave | undefined {
    if (user.groups.includes(SUPERUSERS) || isLongRunning(info) || HEALTH.test(info.path)) return undefined;
    const gate = READS.has(info.resource?.verb || info.method) ? this.#reads : this.#writes;
    return gate?.enter(caller);
  }
}

class Gate {
  readonly #limit: number;
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(limit: number, clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;
  }

  enter(caller: Pick<AbortController, 'signal'>): Promise<Leave> | Leave {
    if (this.#running < this.#limit) {
      this.#running++;
      return this.#leave();
    }
    if (this.#waiting.size >= this.#limit * WAITING_PER_PLACE) throw tooMany();
    const { signal } = caller;
    return new Promise((resolve, reject) => {
      const settle = (end: () => void): void => {
        this.#waiting.delete(admit);
        timer.cancel();
        signal.removeEventListener('abort', gone);
        end();
      };
      const admit = (): void => settle(() => resolve(this.#leave()));
      const gone = (): void => settle(() => reject(signal.reason));
      const timer = this.#clock.after(MAX_WAIT_MS, () => settle(() => reject(tooMany())));
      signal.addEventListener('abort', gone, { once: true });
      this.#waiting.add(admit);
    });
  }

  /** Whoever leaves gives its place to the one that waits longest. */
  #leave(): Leave {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const [next] = this.#waiting;
      if (next) next();
      else this.#running--;
    };
  }
}

const tooMany = (): Error => tooManyRequests('Too many requests, please try again later.');
