// Scripts of customizations against their recordings.
import { LuaPool, type LuaRules, luaInterpreter } from '../../../../interpreter/index.ts';
import { systemClock } from '../../../../kube/index.ts';
import type { Suite } from '../../suite.ts';
import { judge, perform } from './perform.ts';

const pool = new LuaPool(systemClock);

const RULE: Readonly<Record<string, keyof LuaRules>> = {
  Retain: 'retention',
  GetReplicas: 'replicaResource',
  GetComponents: 'componentResource',
  ReviseReplica: 'replicaRevision',
  ReflectStatus: 'statusReflection',
  AggregateStatus: 'statusAggregation',
  InterpretHealth: 'healthInterpretation',
};

export const suite: Suite = {
  check(c) {
    const { op, script = '', scripts = [script] } = c.in as { op: string; script?: string; scripts?: string[] };
    const rule = RULE[op];
    const rules: LuaRules = rule ? { [rule]: script || ' ' } : { dependencyInterpretation: scripts.map(text => text || ' ') };
    return judge(c, () => perform(luaInterpreter(rules, pool), c.in), { loose: op === 'GetReplicas' || op === 'GetComponents' });
  },
  teardown: () => pool.close(),
};
