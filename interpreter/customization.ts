// The declarative layer: every ResourceInterpreterCustomization of the plane. Those for one target are merged in name order:
// the first definition of a rule wins, and all dependency scripts run. The set is live: it is merged again when it changed.
import type { ResourceInterpreterCustomization } from '../crds/index.ts';
import type { Interpreter, InterpreterLayer } from './interpreter.ts';
import type { LuaPool } from './lua/pool.ts';
import { type LuaRules, luaInterpreter } from './lua/scripts.ts';

const RULES = [
  'retention',
  'replicaResource',
  'componentResource',
  'replicaRevision',
  'statusReflection',
  'statusAggregation',
  'healthInterpretation',
] as const;

/** A layer over the customizations that exist now; asked for before every use. */
export function customizationLayer(customizations: () => readonly ResourceInterpreterCustomization[], pool: LuaPool): InterpreterLayer {
  let seen: readonly ResourceInterpreterCustomization[] = [];
  let merged = new Map<string, Interpreter>();
  return {
    name: 'customization',
    interpreterFor(apiVersion, kind) {
      const now = customizations();
      if (!sameList(now, seen)) {
        merged = new Map([...mergeCustomizations(now)].map(([target, rules]) => [target, luaInterpreter(rules, pool)]));
        seen = [...now];
      }
      return merged.get(`${apiVersion} ${kind}`);
    },
  };
}

function sameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

/** The rules by target (`apps/v1 Deployment`), in name order. */
function mergeCustomizations(customizations: readonly ResourceInterpreterCustomization[]): Map<string, LuaRules> {
  const byName = [...customizations].sort((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1));
  const merged = new Map<string, LuaRules>();
  for (const { spec } of byName) {
    const target = `${spec.target.apiVersion} ${spec.target.kind}`;
    const before = merged.get(target) ?? {};
    const added: { -readonly [R in keyof LuaRules]: LuaRules[R] } = {};
    for (const rule of RULES) {
      const script = spec.customizations[rule]?.luaScript;
      if (script) added[rule] = script;
    }
    const dependencies = spec.customizations.dependencyInterpretation?.luaScript;
    if (dependencies) added.dependencyInterpretation = [...(before.dependencyInterpretation ?? []), dependencies];
    merged.set(target, {
      ...added,
      ...before,
      ...(dependencies ? { dependencyInterpretation: added.dependencyInterpretation ?? [] } : {}),
    });
  }
  return merged;
}
