// An Interpreter made of Lua scripts: the rules of one ResourceInterpreterCustomization target.
import { type AnyObject, plain500, stringOf } from '../../kube/index.ts';
import { checkDependencies } from '../dependencies.ts';
import type { DependentObjectReference, Interpreter } from '../interpreter.ts';
import { settleEmpties } from './empties.ts';
import { luaLiteral } from './literal.ts';
import type { LuaPool } from './pool.ts';
import { booleanOf, componentsOf, countOf, dependenciesOf, type LuaResult, objectOf, requirementsOf, tableOf } from './results.ts';

/** One script per rule, named as in spec.customizations; every dependency script runs. */
export interface LuaRules {
  readonly retention?: string;
  readonly replicaResource?: string;
  readonly componentResource?: string;
  readonly replicaRevision?: string;
  readonly statusReflection?: string;
  readonly statusAggregation?: string;
  readonly healthInterpretation?: string;
  readonly dependencyInterpretation?: readonly string[];
}

interface Call {
  readonly script: string;
  readonly name: string;
  readonly args: readonly unknown[];
  readonly results?: number;
  readonly signal: AbortSignal | undefined;
}

type OneCall = Omit<Call, 'results'>;

interface Caller {
  call(o: Call): Promise<readonly LuaResult[]>;
  /** The first result. */
  one(o: OneCall): Promise<LuaResult>;
  /** The first result as an object of a kind; empty tables become what the references have. */
  object(o: OneCall, references: readonly unknown[]): Promise<AnyObject>;
}

function callerOf(pool: LuaPool): Caller {
  const call: Caller['call'] = async ({ script, name, args, results = 1, signal }) => {
    const answer = await pool.call({ script, name, args: args.map(luaLiteral).join(','), results }, signal);
    return JSON.parse(answer) as LuaResult[];
  };
  const one: Caller['one'] = async o => (await call(o))[0] ?? ['nil', null];
  const object: Caller['object'] = async (o, references) => {
    const result = objectOf(settleEmpties(tableOf(await one(o), 'requires'), references));
    if (stringOf(result['kind']) === '')
      throw plain500(`json unmarshal obj failed: Object 'Kind' is missing in '${JSON.stringify(result)}'`);
    return result as AnyObject;
  };
  return { call, one, object };
}

/** The Interpreter of these rules: it has the methods for which there is a script. */
export function luaInterpreter(rules: LuaRules, pool: LuaPool): Interpreter {
  const { call, one, object } = callerOf(pool);
  const { retention, replicaResource, componentResource, replicaRevision } = rules;
  const { statusReflection, statusAggregation, healthInterpretation, dependencyInterpretation } = rules;
  return {
    ...(retention && {
      retain: (desired, observed, signal) =>
        object({ script: retention, name: 'Retain', args: [desired, observed], signal }, [desired, observed]),
    }),
    ...(replicaResource && {
      replicas: async (o, signal) => {
        const results = await call({ script: replicaResource, name: 'GetReplicas', args: [o], results: 2, signal });
        const [count = ['nil', null], requirements = ['nil', null]] = results;
        const replicas = countOf(count);
        if (requirements[0] === 'nil') return { replicas, requirements: undefined };
        const table = tableOf(requirements, 'requires');
        return { replicas, requirements: requirementsOf(isEmpty(table) ? {} : settleEmpties(table, [])) };
      },
    }),
    ...(componentResource && {
      components: async (o, signal) => {
        const [type, value] = await one({ script: componentResource, name: 'GetComponents', args: [o], signal });
        if (type === 'nil') return undefined;
        if (type !== 'table') throw plain500(`expected result type 'table' or 'nil' from GetComponents, but got '${type}'`);
        return componentsOf(settleEmpties(value, []));
      },
    }),
    ...(replicaRevision && {
      revise: (o, replicas, signal) => object({ script: replicaRevision, name: 'ReviseReplica', args: [o, replicas], signal }, [o]),
    }),
    ...(statusReflection && {
      reflect: async (o, signal) => {
        const result = await one({ script: statusReflection, name: 'ReflectStatus', args: [o], signal });
        const status = tableOf(result, 'replica');
        return isEmpty(status) ? {} : settleEmpties(status, []);
      },
    }),
    ...(statusAggregation && {
      aggregate: (o, items, signal) => object({ script: statusAggregation, name: 'AggregateStatus', args: [o, items], signal }, []),
    }),
    ...(healthInterpretation && {
      health: async (o, signal) => booleanOf(await one({ script: healthInterpretation, name: 'InterpretHealth', args: [o], signal })),
    }),
    ...(dependencyInterpretation?.length && {
      dependencies: async (o, signal) => {
        const lists: DependentObjectReference[] = [];
        for (const script of dependencyInterpretation) {
          const result = tableOf(await one({ script, name: 'GetDependencies', args: [o], signal }), 'requires');
          lists.push(...checkDependencies(dependenciesOf(settleEmpties(result, []))));
        }
        return united(lists);
      },
    }),
  };
}

const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

/** By apiVersion, kind, namespace and name; each reference once, but for those that select by labels. */
function united(references: readonly DependentObjectReference[]): readonly DependentObjectReference[] {
  const key = (r: DependentObjectReference): string => [r.apiVersion, r.kind, r.namespace ?? '', r.name ?? ''].join('\u0000');
  const each = new Map(references.map((r, i) => [r.labelSelector ? i : key(r), r]));
  return [...each.values()].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}
