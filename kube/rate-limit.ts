// How soon a failed key is tried again: exponential for the key, and a token bucket for all keys together.

export interface RateLimiter {
  /** Milliseconds to wait now; each call counts as one more failure of the key. */
  next(key: string, nowMs: number): number;
  forget(key: string): void;
  failures(key: string): number;
}

export interface RateLimits {
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  /** Tokens a second; 0 = no bucket. */
  readonly qps: number;
  readonly burst: number;
}

/** client-go's defaults: 5 ms doubling to 1000 s, and 10 a second after 100. */
const DEFAULT_LIMITS: RateLimits = { baseDelayMs: 5, maxDelayMs: 1_000_000, qps: 10, burst: 100 };

export function rateLimiter(limits: RateLimits = DEFAULT_LIMITS): RateLimiter {
  const failures = new Map<string, number>();
  const bucket = limits.qps > 0 ? tokenBucket(limits.qps, limits.burst) : undefined;
  return {
    next(key, nowMs) {
      const count = failures.get(key) ?? 0;
      failures.set(key, count + 1);
      const own = Math.min(limits.maxDelayMs, limits.baseDelayMs * 2 ** Math.min(count, 40));
      return Math.max(own, bucket?.(nowMs) ?? 0);
    },
    forget: key => void failures.delete(key),
    failures: key => failures.get(key) ?? 0,
  };
}

/** Takes a token, on credit if need be; returns how long until it is really there. */
export function tokenBucket(qps: number, burst: number): (nowMs: number) => number {
  let tokens = burst;
  let last: number | undefined;
  return nowMs => {
    tokens = Math.min(burst, tokens + ((nowMs - (last ?? nowMs)) / 1000) * qps);
    last = nowMs;
    tokens -= 1;
    return tokens >= 0 ? 0 : (-tokens / qps) * 1000;
  };
}
