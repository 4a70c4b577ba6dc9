// Trying interpreters out before they reach a plane: do the scripts of customizations compile, and what is answered for given
// objects by these customizations, then the third-party catalogue, then the native rules.
import type { ResourceInterpreterCustomization } from '../crds/index.ts';
import { type AnyObject, badRequest, type Clock } from '../kube/index.ts';
import { chainOf } from './chain.ts';
import { customizationLayer } from './customization.ts';
import type { AggregatedStatusItem, Interpreter, InterpreterOperation } from './interpreter.ts';
import type { LuaPool } from './lua/pool.ts';
import { nativeLayer } from './native/index.ts';
import { thirdpartyLayer } from './thirdparty/index.ts';

/** The function each rule's script has to define. */
const FUNCTIONS = {
  retention: 'Retain',
  replicaResource: 'GetReplicas',
  componentResource: 'GetComponents',
  replicaRevision: 'ReviseReplica',
  statusReflection: 'ReflectStatus',
  statusAggregation: 'AggregateStatus',
  healthInterpretation: 'InterpretHealth',
  dependencyInterpretation: 'GetDependencies',
} as const;

export type InterpretedRule = keyof typeof FUNCTIONS;

/** Rules of a customization, in the order in which they are shown. */
export const interpretedRules = Object.keys(FUNCTIONS) as readonly InterpretedRule[];

export interface RuleCheck {
  readonly customization: string;
  readonly rule: InterpretedRule;
  /** What is wrong with the script; absent when it is fine. */
  readonly error?: string;
}

/** Whether each script compiles and defines its function. */
export async function checkCustomizations(
  customizations: readonly ResourceInterpreterCustomization[],
  pool: LuaPool,
  signal?: AbortSignal,
): Promise<readonly RuleCheck[]> {
  const checks: RuleCheck[] = [];
  for (const { metadata, spec } of customizations) {
    for (const [rule, name] of Object.entries(FUNCTIONS) as [keyof typeof FUNCTIONS, string][]) {
      const script = spec.customizations[rule]?.luaScript;
      if (script === undefined) continue;
      const error = await faultOf(script, name, pool, signal);
      checks.push({ customization: metadata.name ?? '', rule, ...(error === undefined ? {} : { error }) });
    }
  }
  return checks;
}

async function faultOf(script: string, name: string, pool: LuaPool, signal: AbortSignal | undefined): Promise<string | undefined> {
  const probe = `${script}\nfunction checked() return type(${name}) end`;
  try {
    const answer = JSON.parse(await pool.call({ script: probe, name: 'checked', args: '', results: 1 }, signal)) as [string, unknown][];
    return answer[0]?.[1] === 'function' ? undefined : `the script does not define the function ${name}`;
  } catch (error) {
    return (error as Error).message;
  }
}

/** What to execute, and on what. */
export interface Execution {
  readonly operation: InterpreterOperation;
  /** The object of the control plane. */
  readonly desired?: AnyObject;
  /** The object of a member cluster. */
  readonly observed?: AnyObject;
  readonly items?: readonly AggregatedStatusItem[];
  readonly replicas?: number;
}

/** The named results of an operation, in the order in which a user reads them; rejects where nothing answers it. */
export async function interpretObject(
  customizations: readonly ResourceInterpreterCustomization[],
  o: Execution,
  { pool, clock }: { readonly pool: LuaPool; readonly clock: Clock },
  signal?: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  const object = o.desired ?? o.observed;
  if (!object) throw badRequest('an object to interpret is missing: give the desired or the observed one');
  const layers = [customizationLayer(() => customizations, pool), thirdpartyLayer(clock), nativeLayer(clock)];
  const interpreter = chainOf(layers).interpreterFor(object.apiVersion, object.kind);
  const results = interpreter && (await resultsOf(interpreter, o, signal));
  if (!results) throw badRequest(`nothing interprets ${o.operation} for ${object.apiVersion}, Kind=${object.kind}`);
  return results;
}

async function resultsOf(
  interpreter: Interpreter,
  o: Execution,
  signal: AbortSignal | undefined,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const given = (object: AnyObject | undefined, name: string): AnyObject => {
    if (!object) throw badRequest(`${o.operation} needs the ${name} object`);
    return object;
  };
  const desired = (): AnyObject => given(o.desired, 'desired');
  const observed = (): AnyObject => given(o.observed, 'observed');
  switch (o.operation) {
    case 'InterpretReplica': {
      const answer = await interpreter.replicas?.(desired(), signal);
      return answer && { replica: answer.replicas, requires: answer.requirements };
    }
    case 'InterpretComponent':
      return interpreter.components && { components: await interpreter.components(desired(), signal) };
    case 'ReviseReplica':
      return interpreter.revise && { revised: await interpreter.revise(desired(), o.replicas ?? 0, signal) };
    case 'Retain':
      return interpreter.retain && { retained: await interpreter.retain(desired(), observed(), signal) };
    case 'AggregateStatus':
      return interpreter.aggregate && { aggregatedStatus: (await interpreter.aggregate(desired(), o.items, signal))['status'] };
    case 'InterpretStatus':
      return interpreter.reflect && { status: await interpreter.reflect(observed(), signal) };
    case 'InterpretHealth':
      return interpreter.health && { healthy: await interpreter.health(observed(), signal) };
    case 'InterpretDependency':
      return interpreter.dependencies && { dependencies: await interpreter.dependencies(desired(), signal) };
  }
}
