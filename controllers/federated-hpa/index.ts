// Wiring of the FederatedHPA controller: evaluates each one when it changes and at every period, scales the template, and says what it did.
import { type FederatedHPA, federatedHPAs } from '../../crds/index.ts';
import {
  controller,
  equal,
  errorText,
  fromInformer,
  keyOf,
  type ReconcileResult,
  type Runnable,
  ScaleHistory,
  timestamp,
} from '../../kube/index.ts';
import { byKey } from '../bindings.ts';
import type { ControllerContext } from '../context.ts';
import { updateFresh } from '../writing.ts';
import { type Evaluation, evaluate, type HpaCondition, scaledTo } from './evaluate.ts';

export function federatedHPAController(context: ControllerContext): Runnable {
  const { clock, log, informers, options } = context;
  const copy = informers.of(federatedHPAs);
  const histories = new Map<string, ScaleHistory>();
  const again: ReconcileResult = { requeueAfterMs: options.horizontalPodAutoscalerSyncPeriodMs };
  return controller({
    ...context.runtime,
    name: 'federatedHPA-controller',
    sources: [
      fromInformer(copy, {
        when: ({ type, object, old }) => type !== 'updated' || object.metadata.generation !== old?.metadata.generation,
      }),
    ],
    async reconcile(key, signal) {
      const hpa = byKey(copy, key);
      if (!hpa || hpa.metadata.deletionTimestamp) {
        histories.delete(key);
        return undefined;
      }
      const history = histories.get(key) ?? new ScaleHistory();
      histories.set(key, history);
      await pass(context, hpa, history, signal);
      return again;
    },
    clock,
    log,
  });
}

type Status = NonNullable<FederatedHPA['status']>;

async function pass(context: ControllerContext, hpa: FederatedHPA, history: ScaleHistory, signal: AbortSignal): Promise<void> {
  const { recorder } = context;
  const found = await evaluate(context, hpa, history, signal);
  for (const [reason, message] of found.warnings) recorder.event(hpa, 'Warning', reason, message);
  const scaled = await rescale(context, { hpa, history, found }, signal);
  await writeStatus(context, hpa, { found, scaled }, signal);
}

interface Scaled {
  readonly conditions: readonly HpaCondition[];
  readonly done: boolean;
}

async function rescale(
  { hub, recorder, clock }: ControllerContext,
  { hpa, history, found }: { readonly hpa: FederatedHPA; readonly history: ScaleHistory; readonly found: Evaluation },
  signal: AbortSignal,
): Promise<Scaled> {
  const { target, current, desired, why = '' } = found;
  if (!target || current === undefined || desired === undefined || current === desired) return { conditions: [], done: false };
  try {
    await hub.update(target.resource, scaledTo(target, desired), { subresource: 'scale', signal });
  } catch (error) {
    signal.throwIfAborted();
    const text = errorText(error);
    recorder.event(hpa, 'Warning', 'FailedRescale', `New size: ${desired}; reason: ${why}; error: ${text}`);
    const message = `the HPA controller was unable to update the target scale: ${text}`;
    return { conditions: [{ type: 'AbleToScale', status: 'False', reason: 'FailedUpdateScale', message }], done: false };
  }
  recorder.event(hpa, 'Normal', 'SuccessfulRescale', `New size: ${desired}; reason: ${why}`);
  history.scaled(current, desired, clock.now());
  const message = `the HPA controller was able to update the target scale to ${desired}`;
  return { conditions: [{ type: 'AbleToScale', status: 'True', reason: 'SucceededRescale', message }], done: true };
}

async function writeStatus(
  { hub, clock, recorder }: ControllerContext,
  hpa: FederatedHPA,
  { found, scaled }: { readonly found: Evaluation; readonly scaled: Scaled },
  signal: AbortSignal,
): Promise<void> {
  const now = timestamp(clock.now());
  const change = (present: FederatedHPA): FederatedHPA => {
    const before = present.status;
    const { currentMetrics: _, ...kept } = before ?? { desiredReplicas: 0 };
    const { current, desired = before?.desiredReplicas ?? 0, metrics } = found;
    const status: Status = {
      ...kept,
      ...(current === undefined ? {} : { currentReplicas: current }),
      desiredReplicas: found.desired === undefined ? (current ?? desired) : desired,
      ...(metrics ? { currentMetrics: [...metrics] } : {}),
      ...(scaled.done ? { lastScaleTime: now } : {}),
      conditions: [...found.conditions, ...scaled.conditions].reduce(withHpaCondition(now), before?.conditions ?? []),
    };
    return equal(status, before) ? present : { ...present, status };
  };
  try {
    const target = { client: hub, clock, resource: federatedHPAs };
    await updateFresh(target, keyOf(hpa), { cached: hpa, change, subresource: 'status' }, signal);
  } catch (error) {
    if (!signal.aborted) recorder.event(hpa, 'Warning', 'FailedUpdateStatus', errorText(error));
    throw error;
  }
}

type Conditions = NonNullable<Status['conditions']>;

const withHpaCondition =
  (now: string) =>
  (conditions: Conditions, next: HpaCondition): Conditions => {
    const index = conditions.findIndex(({ type }) => type === next.type);
    const present = conditions[index];
    if (!present) return [...conditions, { ...next, lastTransitionTime: now }];
    const lastTransitionTime = present.status === next.status ? (present.lastTransitionTime ?? now) : now;
    return conditions.with(index, { ...next, lastTransitionTime });
  };
