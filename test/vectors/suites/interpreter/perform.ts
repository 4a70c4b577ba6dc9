// Carries a recorded interpreter call out on an Interpreter and compares the answer as the README of the recordings says.
import type { AggregatedStatusItem, Interpreter } from '../../../../interpreter/index.ts';
import { type AnyObject, equal, isObject } from '../../../../kube/index.ts';
import { agree, differ, type VectorCase, type Verdict } from '../../suite.ts';

interface Call {
  readonly op: string;
  readonly object: AnyObject;
  readonly observed?: AnyObject;
  readonly replicas?: number;
  readonly items?: readonly AggregatedStatusItem[];
}

const DISABLED = { enabled: false };

/** The answer in the form of the recordings. */
export async function perform(interpreter: Interpreter | undefined, input: unknown): Promise<unknown> {
  const { op, object, observed = object, replicas = 0, items } = input as Call;
  switch (op) {
    case 'GetReplicas': {
      if (!interpreter?.replicas) return DISABLED;
      const result = await interpreter.replicas(object);
      return { replicas: result.replicas, requirements: result.requirements ?? null };
    }
    case 'GetComponents':
      return interpreter?.components ? { components: (await interpreter.components(object)) ?? null } : DISABLED;
    case 'ReviseReplica':
      return interpreter?.revise ? { object: await interpreter.revise(object, replicas) } : DISABLED;
    case 'Retain':
      return interpreter?.retain ? { object: await interpreter.retain(object, observed) } : DISABLED;
    case 'AggregateStatus': {
      if (!interpreter?.aggregate) return DISABLED;
      const result = await interpreter.aggregate(object, items);
      return { object: result, status: result['status'] ?? null, same: result === object };
    }
    case 'ReflectStatus':
      return interpreter?.reflect ? { status: (await interpreter.reflect(object)) ?? null } : DISABLED;
    case 'InterpretHealth':
      return interpreter?.health ? { healthy: await interpreter.health(object) } : DISABLED;
    case 'GetDependencies':
      return interpreter?.dependencies ? { dependencies: sorted(await interpreter.dependencies(object)) } : DISABLED;
    default:
      throw new Error(`unknown operation ${op}`);
  }
}

function sorted(list: readonly unknown[]): unknown {
  return [...list];
}

interface Rules {
  readonly loose?: boolean;
  /** What the recordings write as `<now>`. */
  readonly now?: string;
  /** Whether the text of this error has to be the same. */
  readonly sameText?: (expected: string) => boolean;
}

/** Compares the answer with what was recorded; members the recording lacks are not looked at. */
export async function judge(c: VectorCase, answer: () => Promise<unknown>, rules: Rules = {}): Promise<Verdict | undefined> {
  const outs = [c.out, ...((c['alt'] as unknown[] | undefined) ?? [])].filter(isObject);
  if (outs.some(out => out['panic'])) return undefined;
  let got: unknown;
  try {
    got = await answer();
  } catch (error) {
    got = { error: (error as Error).message };
  }
  return outs.some(out => matches(out, got, rules)) ? agree : differ(got, c.out);
}

function matches(out: Record<string, unknown>, got: unknown, rules: Rules): boolean {
  if (!isObject(got)) return false;
  if (typeof out['error'] === 'string')
    return typeof got['error'] === 'string' && (!rules.sameText?.(out['error']) || got['error'] === out['error']);
  if (got['error'] !== undefined) return false;
  const form = (value: unknown): unknown => canonical(rules.loose ? (isEmpty(loosened(value)) ? null : loosened(value)) : value);
  const named = (value: unknown): unknown => (rules.now ? JSON.parse(JSON.stringify(value ?? null).replaceAll(rules.now, '<now>')) : value);
  return Object.keys(out).every(key => equal(form(out[key]), form(named(got[key]))));
}

/** Lists of dependencies have no defined order. */
function canonical(value: unknown): unknown {
  if (!Array.isArray(value) || !value.every(item => isObject(item) && item['kind'] !== undefined && item['apiVersion'] !== undefined))
    return value;
  return value.map(item => [JSON.stringify(Object.entries(item).sort()), item]).sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
}

const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || (typeof value === 'object' && Object.keys(value).length === 0);

function loosened(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(loosened);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, loosened(item)] as const);
  return Object.fromEntries(entries.filter(([, item]) => !isEmpty(item)));
}
