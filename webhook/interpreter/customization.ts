// ResourceInterpreterCustomization: scripts must compile, and no operation of a kind may be customised twice.
import type { CustomizationRules } from '../../crds/index.ts';
import { at, stringOf } from '../../kube/index.ts';
import { allowed, deny, objectIn, type Validate } from '../admission.ts';

/** In the order in which they are checked. */
const OPERATIONS: readonly (readonly [rule: keyof CustomizationRules, operation: string])[] = [
  ['retention', 'Retain'],
  ['replicaResource', 'InterpretReplica'],
  ['componentResource', 'InterpretComponent'],
  ['replicaRevision', 'ReviseReplica'],
  ['statusReflection', 'InterpretStatus'],
  ['statusAggregation', 'AggregateStatus'],
  ['healthInterpretation', 'InterpretHealth'],
  ['dependencyInterpretation', 'InterpretDependency'],
];

const scriptOf = (object: unknown, rule: string): string => stringOf(at(object, 'spec', 'customizations', rule, 'luaScript'));

export const validateCustomization: Validate = async (request, { reader, compileLua }, signal) => {
  const object = objectIn(request);
  for (const existing of await reader.customizations(signal)) {
    if (existing.metadata.name === object.metadata.name || !sameTarget(object, existing)) continue;
    const shared = OPERATIONS.find(([rule]) => rule !== 'dependencyInterpretation' && isRule(object, rule) && isRule(existing, rule));
    if (shared) {
      return deny(
        `conflicting with InterpreterOperation(${shared[1]}) of existing ResourceInterpreterCustomization(${existing.metadata.name ?? ''})`,
      );
    }
  }
  for (const [rule, operation] of OPERATIONS) {
    const script = scriptOf(object, rule);
    const fault = script ? await compileLua(script, signal) : undefined;
    if (fault !== undefined) return deny(`InterpreterOperation(${operation}) Lua script error: ${fault}`);
  }
  return allowed;
};

function isRule(object: unknown, rule: string): boolean {
  return scriptOf(object, rule) !== '';
}

function sameTarget(a: unknown, b: unknown): boolean {
  return ['apiVersion', 'kind'].every(key => at(a, 'spec', 'target', key) === at(b, 'spec', 'target', key));
}
