// What `require("kube")` offers to scripts, called with the Lua types and JSON values of the arguments.
// An answer is a Lua expression; a failure is "!" and the text the script sees.
import { addQuantities, formatQuantity, parseQuantity, type Quantity } from '../../kube/index.ts';
import { podDependencies } from '../native/pod-dependencies.ts';
import { podRequirements } from '../native/pod-requirements.ts';
import type { PodTemplate } from '../native/pod-spec.ts';
import { asMessage } from '../native/typed.ts';
import { settleEmpties } from './empties.ts';
import { luaLiteral } from './literal.ts';

interface Argument {
  /** Lua's word for the type; 'no value' behind the last one. */
  readonly type: string;
  readonly value: unknown;
}

class ArgumentError extends Error {}

/** Serves one call: `arguments` is JSON, a list of types and a list of values. */
export function callKube(name: string, encoded: string): string {
  const [types, values] = JSON.parse(encoded) as [string[], unknown[]];
  try {
    const f = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    if (!f) throw new ArgumentError(`kube has no function ${name}`);
    return luaLiteral(f(types.map((type, i) => ({ type, value: values[i] }))));
  } catch (error) {
    return `!${(error as Error).message}`;
  }
}

function expect(args: readonly Argument[], i: number, type: string, name: string): unknown {
  const given = args[i] ?? { type: 'nil', value: null };
  if (given.type === type) return given.value;
  throw new ArgumentError(`bad argument #${i + 1} to ${name} (${type} expected, got ${given.type})`);
}

function parse(text: string): Quantity {
  try {
    return parseQuantity(text);
  } catch (error) {
    throw new ArgumentError(`cannot parse '${text}': ${(error as Error).message}`);
  }
}

function podTemplate(value: unknown): PodTemplate {
  return asMessage('api.core.v1.PodTemplateSpec', settleEmpties(value, []));
}

/** Each character in its other case; one that would become several keeps its form, or its first letter. */
function eachCharacter(text: unknown, change: (character: string) => readonly string[]): string {
  const single = (c: string): string => {
    const changed = change(c);
    return changed.length === 1 ? (changed[0] ?? c) : c === '\u0130' ? 'i' : c;
  };
  return Array.from(String(text), single).join('');
}

/** Texts beyond ASCII change their case here. */
const TEXT_FUNCTIONS = {
  upper: (args: readonly Argument[]) => eachCharacter(args[0]?.value, c => [...c.toUpperCase()]),
  lower: (args: readonly Argument[]) => eachCharacter(args[0]?.value, c => [...c.toLowerCase()]),
};

const FUNCTIONS: Readonly<Record<string, (args: readonly Argument[]) => unknown>> = {
  ...TEXT_FUNCTIONS,
  resourceAdd(args) {
    const quantities = args.map((arg, i) => (arg.type === 'nil' ? undefined : parse(String(expect(args, i, 'string', 'resourceAdd')))));
    let sum: Quantity = parseQuantity('0');
    for (const quantity of quantities) if (quantity) sum = addQuantities(sum, quantity);
    return formatQuantity(sum);
  },
  accuratePodRequirements(args) {
    if (args.length !== 1) throw new ArgumentError('getPodRequirements only accepts one argument');
    return podRequirements(podTemplate(expect(args, 0, 'table', 'accuratePodRequirements')).spec);
  },
  getPodDependencies(args) {
    if (args.length !== 2) throw new ArgumentError('getPodDependencies only accepts two argument');
    const template = podTemplate(expect(args, 0, 'table', 'getPodDependencies'));
    const given = args[1] ?? { type: 'nil', value: null };
    if (given.type !== 'nil' && given.type !== 'number') expect(args, 1, 'string', 'getPodDependencies');
    const namespace = given.type === 'nil' ? 'default' : String(given.value);
    const dependencies = podDependencies(template.spec, namespace);
    return dependencies.length > 0 ? dependencies : undefined;
  },
  getResourceQuantity(args) {
    if (args.length !== 1) throw new ArgumentError('getResourceQuantity only accepts one argument');
    if (args[0]?.type === 'nil') return 0;
    const text = String(expect(args, 0, 'string', 'getResourceQuantity'));
    const { unscaled, exponent } = parse(text);
    const number = Number(unscaled) * Number(`1e${exponent}`);
    if (number < 0 || !Number.isFinite(number)) throw new ArgumentError(`quantity ${text} is negative or infinite`);
    return number;
  },
};
