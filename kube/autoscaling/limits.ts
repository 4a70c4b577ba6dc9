// What becomes of a wanted count before it is written (specification §8.7): held against swings by a stabilisation window, and kept within minimum, maximum and the
// rates of the behaviour. Two ways: the classic one without a behaviour, and the one with rules.
import { type Behavior, type RatedDirection, rateDown, rateUp, type ScaleEvent } from './rates.ts';

export interface LimitCondition {
  readonly type: 'AbleToScale' | 'ScalingLimited';
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

export interface Recommendation {
  readonly replicas: number;
  readonly atMs: number;
}

export interface LimitInput {
  readonly current: number;
  readonly desired: number;
  readonly min: number;
  readonly max: number;
  readonly behavior: Behavior | undefined;
  readonly nowMs: number;
  /** Used where the behaviour does not say. */
  readonly downscaleStabilizationMs: number;
}

export interface Limited {
  readonly replicas: number;
  readonly conditions: readonly LimitCondition[];
}

const LOWERED = [
  'ScaleDownStabilized',
  'recent recommendations were higher than current one, applying the highest recent recommendation',
] as const;
const RAISED = [
  'ScaleUpStabilized',
  'recent recommendations were lower than current one, applying the lowest recent recommendation',
] as const;
const READY = ['ReadyForNewScale', 'recommended size matches current size'] as const;
const WITHIN = ['DesiredWithinRange', 'the desired count is within the acceptable range'] as const;
const TOO_FAST_UP = ['ScaleUpLimit', 'the desired replica count is increasing faster than the maximum scale rate'] as const;
const TOO_FAST_DOWN = ['ScaleDownLimit', 'the desired replica count is decreasing faster than the maximum scale rate'] as const;
const TOO_MANY = ['TooManyReplicas', 'the desired replica count is more than the maximum replica count'] as const;
const TOO_FEW = ['TooFewReplicas', 'the desired replica count is less than the minimum replica count'] as const;

type Reason = readonly [reason: string, message: string];
type Bound = { readonly replicas: number; readonly why: Reason };

const MAX_WINDOW_MS = 3_600_000;

/** Remembers recommendations and scalings of one autoscaler. */
export class ScaleHistory {
  #recommendations: Recommendation[] = [];
  #up: ScaleEvent[] = [];
  #down: ScaleEvent[] = [];

  /** What was wanted, without limits. */
  recommend(replicas: number, atMs: number): void {
    this.#recommendations = [...this.#recommendations.filter(r => r.atMs > atMs - MAX_WINDOW_MS), { replicas, atMs }];
  }

  /** What was done. */
  scaled(from: number, to: number, atMs: number): void {
    const recent = (events: readonly ScaleEvent[]): ScaleEvent[] => events.filter(e => e.atMs > atMs - MAX_WINDOW_MS);
    if (to > from) this.#up = [...recent(this.#up), { change: to - from, atMs }];
    else if (to < from) this.#down = [...recent(this.#down), { change: from - to, atMs }];
  }

  /** The count to write, and why; remembers what was wanted. */
  limit(input: LimitInput): Limited {
    const stabilized = input.behavior ? this.#stabilizedByRules(input, input.behavior) : this.#stabilized(input);
    this.recommend(input.desired, input.nowMs);
    const able = stabilized.replicas === input.desired ? READY : stabilized.why;
    const bound = input.behavior
      ? this.#ratedByRules(input, input.behavior, stabilized.replicas)
      : classicBound(input, stabilized.replicas);
    return {
      replicas: bound.replicas,
      conditions: [
        { type: 'AbleToScale', status: 'True', reason: able[0], message: able[1] },
        {
          type: 'ScalingLimited',
          status: bound.replicas === stabilized.replicas ? 'False' : 'True',
          reason: bound.why[0],
          message: bound.why[1],
        },
      ],
    };
  }

  /** The highest of the window. */
  #stabilized({ desired, nowMs, downscaleStabilizationMs }: LimitInput): Bound {
    const recent = this.#recommendations.filter(r => r.atMs >= nowMs - downscaleStabilizationMs);
    return { replicas: Math.max(desired, ...recent.map(r => r.replicas)), why: LOWERED };
  }

  /** Up no further than the lowest, down no further than the highest of the windows. */
  #stabilizedByRules({ current, desired, nowMs, downscaleStabilizationMs }: LimitInput, { scaleUp, scaleDown }: Behavior): Bound {
    const since = (ms: number): number[] => this.#recommendations.filter(r => r.atMs > nowMs - ms).map(r => r.replicas);
    const lowest = Math.min(desired, ...since((scaleUp.stabilizationWindowSeconds ?? 0) * 1000));
    const downWindow =
      scaleDown.stabilizationWindowSeconds === undefined ? downscaleStabilizationMs : scaleDown.stabilizationWindowSeconds * 1000;
    const highest = Math.max(desired, ...since(downWindow));
    const replicas = Math.min(Math.max(current, lowest), highest);
    return { replicas, why: desired >= current ? RAISED : LOWERED };
  }

  #ratedByRules({ current, min, max, nowMs }: LimitInput, { scaleUp, scaleDown }: Behavior, desired: number): Bound {
    const direction: RatedDirection = { current, up: this.#up, down: this.#down, nowMs };
    if (desired > current) {
      const limit = Math.max(current, rateUp(scaleUp, direction));
      const bound: Bound = max > limit ? { replicas: limit, why: TOO_FAST_UP } : { replicas: max, why: TOO_MANY };
      if (desired > bound.replicas) return bound;
    } else if (desired < current) {
      const limit = Math.min(current, rateDown(scaleDown, direction));
      const bound: Bound = min < limit ? { replicas: limit, why: TOO_FAST_DOWN } : { replicas: min, why: TOO_FEW };
      if (desired < bound.replicas) return bound;
    }
    return { replicas: desired, why: WITHIN };
  }
}

/** Twice the present count at most, but four are always allowed. */
function classicBound({ current, min, max }: LimitInput, desired: number): Bound {
  const rate = Math.max(2 * current, 4);
  const upper: Bound = max > rate ? { replicas: rate, why: TOO_FAST_UP } : { replicas: max, why: TOO_MANY };
  if (desired < min) return { replicas: min, why: TOO_FEW };
  return desired > upper.replicas ? upper : { replicas: desired, why: WITHIN };
}
