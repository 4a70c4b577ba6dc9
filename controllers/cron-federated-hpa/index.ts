// Wiring of the CronFederatedHPA controller. There are no timers: a pass fires what is due and asks for the next pass at the next time.
import { type CronFederatedHPA, type CronFederatedHPARule, cronFederatedHPAs, eventReasons } from '../../crds/index.ts';
import {
  controller,
  equal,
  fromInformer,
  keyOf,
  parseKey,
  parseSchedule,
  type ReconcileResult,
  type Runnable,
  timestamp,
  zoneOf,
} from '../../kube/index.ts';
import type { ControllerContext } from '../context.ts';
import { updateFresh } from '../writing.ts';
import { fire } from './fire.ts';
import { currentHistories, type Execution, withExecution } from './history.ts';

/** When a rule fires next; another rule under the same name has another text. */
interface Due {
  readonly text: string;
  readonly atMs: number | undefined;
}

export function cronFederatedHPAController(context: ControllerContext): Runnable {
  const { clock, log, informers } = context;
  const copy = informers.of(cronFederatedHPAs);
  const dues = new Map<string, Map<string, Due>>();
  return controller({
    ...context.runtime,
    name: 'cronfederatedhpa-controller',
    sources: [
      fromInformer(copy, {
        when: ({ type, object, old }) => type !== 'updated' || object.metadata.generation !== old?.metadata.generation,
      }),
    ],
    async reconcile(key, signal) {
      const cron = copy.get(parseKey(key));
      if (!cron || cron.metadata.deletionTimestamp) {
        dues.delete(key);
        return undefined;
      }
      const due = planned(context, cron, dues.get(key) ?? new Map());
      dues.set(key, due);
      return run(context, cron, due, signal);
    },
    clock,
    log,
  });
}

/** The times of the rules there are now; a rule that was there before keeps its time. */
function planned(context: ControllerContext, cron: CronFederatedHPA, before: ReadonlyMap<string, Due>): Map<string, Due> {
  const target = JSON.stringify(cron.spec.scaleTargetRef);
  const due = new Map<string, Due>();
  for (const rule of cron.spec.rules) {
    if (rule.suspend) continue;
    const text = JSON.stringify(rule) + target;
    const known = before.get(rule.name);
    due.set(
      rule.name,
      known?.text === text ? known : { text, atMs: nextOf(context, cron, rule, known === undefined || known.text !== text) },
    );
  }
  return due;
}

function nextOf(
  { clock, recorder }: ControllerContext,
  cron: CronFederatedHPA,
  rule: CronFederatedHPARule,
  report: boolean,
): number | undefined {
  try {
    return parseSchedule(rule.schedule).next(clock.now(), zoneOf(rule.timeZone ?? ''));
  } catch (error) {
    if (report) recorder.event(cron, 'Warning', eventReasons.startRuleFailed, `rule ${rule.name}: ${(error as Error).message}`);
    return undefined;
  }
}

async function run(
  context: ControllerContext,
  cron: CronFederatedHPA,
  due: Map<string, Due>,
  signal: AbortSignal,
): Promise<ReconcileResult | undefined> {
  const { clock } = context;
  const executions: Execution[] = [];
  for (const rule of cron.spec.rules) {
    const planned = due.get(rule.name);
    if (planned?.atMs === undefined || planned.atMs > clock.now()) continue;
    const applied = await attempt(context, cron, rule, signal);
    const atMs = nextOf(context, cron, rule, false);
    due.set(rule.name, { ...planned, atMs });
    executions.push({
      rule,
      scheduleTime: timestamp(planned.atMs),
      executionTime: timestamp(clock.now()),
      ...applied,
      nextTime: atMs === undefined ? undefined : timestamp(atMs),
    });
  }
  await writeStatus(context, cron, { due, executions }, signal);
  const times = [...due.values()].flatMap(({ atMs }) => (atMs === undefined ? [] : [atMs]));
  return times.length > 0 ? { requeueAfterMs: Math.max(0, Math.min(...times) - clock.now()) } : undefined;
}

async function attempt(
  { hub, mapper, recorder }: ControllerContext,
  cron: CronFederatedHPA,
  rule: CronFederatedHPARule,
  signal: AbortSignal,
): Promise<Pick<Execution, 'applied' | 'error'>> {
  try {
    const resourceFor = (apiVersion: string, kind: string) => mapper.resourceFor(apiVersion, kind, signal);
    return { applied: await fire(cron, rule, { hub, resourceFor }, signal), error: undefined };
  } catch (error) {
    signal.throwIfAborted();
    const text = (error as Error).message;
    recorder.event(cron, 'Warning', eventReasons.scaleFailed, text);
    return { applied: {}, error: text };
  }
}

async function writeStatus(
  { hub, clock, recorder }: ControllerContext,
  cron: CronFederatedHPA,
  { due, executions }: { readonly due: ReadonlyMap<string, Due>; readonly executions: readonly Execution[] },
  signal: AbortSignal,
): Promise<void> {
  const next = new Map([...due].flatMap(([name, { atMs }]) => (atMs === undefined ? [] : [[name, timestamp(atMs)] as const])));
  const change = (present: CronFederatedHPA): CronFederatedHPA => {
    const ran = executions.reduce(withExecution, [...(present.status?.executionHistories ?? [])]);
    const executionHistories = currentHistories(ran, next);
    return equal(executionHistories, present.status?.executionHistories ?? []) ? present : { ...present, status: { executionHistories } };
  };
  try {
    const target = { client: hub, clock, resource: cronFederatedHPAs };
    await updateFresh(target, keyOf(cron), { cached: cron, change, subresource: 'status' }, signal);
  } catch (error) {
    if (!signal.aborted) recorder.event(cron, 'Warning', eventReasons.updateStatusFailed, (error as Error).message);
    throw error;
  }
}
