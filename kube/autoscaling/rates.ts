// How far the rules of a behaviour let a count go in one period, given what was done in it already.

export interface ScalingPolicy {
  readonly type: string;
  readonly value: number;
  readonly periodSeconds: number;
}

export interface ScalingRules {
  readonly stabilizationWindowSeconds?: number | undefined;
  readonly selectPolicy: string;
  readonly policies: readonly ScalingPolicy[];
}

export interface Behavior {
  readonly scaleUp: ScalingRules;
  readonly scaleDown: ScalingRules;
}

/** What users write: everything may be absent. */
export interface PartialBehavior {
  readonly scaleUp?: Partial<ScalingRules> | null;
  readonly scaleDown?: Partial<ScalingRules> | null;
}

export interface ScaleEvent {
  /** Always positive. */
  readonly change: number;
  readonly atMs: number;
}

export interface RatedDirection {
  readonly current: number;
  readonly up: readonly ScaleEvent[];
  readonly down: readonly ScaleEvent[];
  readonly nowMs: number;
}

const UP: ScalingRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};
const DOWN: ScalingRules = { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] };

/** A behaviour with what Kubernetes fills in; none stays none. */
export function defaultedBehavior(behavior: PartialBehavior | null | undefined): Behavior | undefined {
  if (!behavior) return undefined;
  return { scaleUp: { ...UP, ...given(behavior.scaleUp) }, scaleDown: { ...DOWN, ...given(behavior.scaleDown) } };
}

function given(rules: Partial<ScalingRules> | null | undefined): Partial<ScalingRules> {
  return Object.fromEntries(
    Object.entries(rules ?? {}).filter(([, value]) => value !== null && value !== undefined),
  ) as Partial<ScalingRules>;
}

const changed = (events: readonly ScaleEvent[], seconds: number, nowMs: number): number =>
  events.filter(event => event.atMs > nowMs - seconds * 1000).reduce((sum, event) => sum + event.change, 0);

/** The count at the start of a policy's period. */
const startOf = ({ current, up, down, nowMs }: RatedDirection, { periodSeconds }: ScalingPolicy): number =>
  current - changed(up, periodSeconds, nowMs) + changed(down, periodSeconds, nowMs);

/** The largest count that the rules allow now. */
export function rateUp(rules: ScalingRules, d: RatedDirection): number {
  if (rules.selectPolicy === 'Disabled') return d.current;
  const limits = rules.policies.map(policy => {
    const start = startOf(d, policy);
    return policy.type === 'Pods' ? start + policy.value : Math.ceil(start * (1 + policy.value / 100));
  });
  return rules.selectPolicy === 'Min' ? Math.min(...limits) : Math.max(...limits);
}

/** The smallest count that the rules allow now. */
export function rateDown(rules: ScalingRules, d: RatedDirection): number {
  if (rules.selectPolicy === 'Disabled') return d.current;
  const limits = rules.policies.map(policy => {
    const start = startOf(d, policy);
    return policy.type === 'Pods' ? start - policy.value : Math.trunc(start * (1 - policy.value / 100));
  });
  return rules.selectPolicy === 'Min' ? Math.max(...limits) : Math.min(...limits);
}
