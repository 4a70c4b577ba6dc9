// A command made of flag tables. The value of a flag comes from the command line, else from --config FILE, else from its row.
import { existsSync, readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parse } from 'yaml';
import type { Flag, FlagValue } from '../../kube/index.ts';
import { type GateValues, gateLines, gates, parseGates } from './gates.ts';
import type { Idle } from './idle.ts';
import { flagText, parseFlag, placeholder } from './parse.ts';

export interface FlagGroup {
  readonly title: string;
  readonly flags: readonly Flag[];
}

/** What a command was told. */
export interface Given {
  /** By field. */
  readonly values: Readonly<Record<string, FlagValue>>;
  readonly gates: GateValues;
  /** One line for each flag that was given and changes nothing. */
  readonly warnings: readonly string[];
}

export interface FlagCommand {
  readonly name: string;
  readonly description: string;
  /** Shown below the flags. */
  readonly examples: readonly string[];
  readonly groups: readonly FlagGroup[];
  readonly takesGates: boolean;
  readonly idle: Idle;
  run(given: Given): Promise<void>;
}

/** The options of `O` out of the values: its table was one of the groups. */
export const optionsOf = <O extends object>(given: Given): O => given.values as unknown as O;

/** What commands were made of, for whoever documents them. */
const tables = new WeakMap<Command, FlagCommand>();
export const tableOf = (command: Command): FlagCommand | undefined => tables.get(command);

export function addFlagCommand(program: Command, o: FlagCommand): Command {
  const command = program.command(o.name).description(o.description);
  tables.set(command, o);
  const known = new Set<string>();
  for (const { title, flags } of o.groups)
    for (const flag of flags) {
      // Two components of one process may share a flag: it sets both.
      if (!known.has(flag.name)) command.addOption(optionOf(flag).helpGroup(`${title}:`));
      known.add(flag.name);
    }
  if (o.takesGates)
    command.addOption(
      new Option('--feature-gates <gates>', `Name=true,Other=false, of:\n${gateLines()}`)
        .argParser((text: string, before: GateValues | undefined) => ({ ...before, ...parseGates(text) }))
        .helpGroup('Features:'),
    );
  command.addOption(new Option('--config <file>', 'YAML file of these flags by their names; what is given here wins').helpGroup('Other:'));
  for (const name of Object.keys(o.idle)) command.addOption(new Option(`--${name} [value]`).hideHelp());
  command.addHelpText('after', `\nExamples:\n${o.examples.map(line => `  ${line}`).join('\n')}`);
  return command.action(() => o.run(given(command, o)));
}

function optionOf(flag: Flag): Option {
  const option = new Option(`--${flag.name} ${placeholder(flag)}`, flag.description);
  // A name that begins with `no-` is a name like any other here.
  option.negate = false;
  const shown = flagText(flag, flag.default);
  option.default(flag.default, shown === '' ? '""' : shown);
  if (shown === '' || flag.description.includes('(default')) option.default(undefined);
  return option.argParser((text: string, before: FlagValue | undefined) => {
    const value = parseFlag(flag, text);
    // A list that is given several times grows, as in the reference.
    return Array.isArray(value) && Array.isArray(before) && before !== flag.default ? [...before, ...value] : value;
  });
}

function given(command: Command, o: FlagCommand): Given {
  const told = command.opts() as Record<string, FlagValue | GateValues | undefined>;
  const fromFile = typeof told['config'] === 'string' ? configFile(told['config'], command, o) : new Map<string, FlagValue | GateValues>();
  const source = (attribute: string, name: string): FlagValue | GateValues | undefined =>
    command.getOptionValueSource(attribute) === 'cli' ? told[attribute] : (fromFile.get(name) ?? told[attribute]);
  const values: Record<string, FlagValue> = {};
  for (const flag of o.groups.flatMap(g => g.flags))
    values[flag.field] = (source(attributeOf(flag.name), flag.name) as FlagValue | undefined) ?? flag.default;
  const switched = (source('featureGates', 'feature-gates') ?? {}) as GateValues;
  const idle = Object.entries(o.idle).filter(([name]) => fromFile.has(name) || told[attributeOf(name)] !== undefined);
  return {
    values,
    gates: switched,
    warnings: [
      ...idle.map(([name, why]) => `--${name} has no effect: ${why}`),
      ...gates.filter(g => g.idle && g.name in switched).map(g => `feature gate ${g.name} has no effect: ${g.idle}`),
    ],
  };
}

const attributeOf = (name: string): string => name.replace(/-(.)/g, (_, c: string) => c.toUpperCase());

/** Values by flag name; ends the command with one line where the file is wrong. */
function configFile(file: string, command: Command, o: FlagCommand): ReadonlyMap<string, FlagValue | GateValues> {
  const fail = (message: string): never => command.error(`error: --config ${file}: ${message}`);
  if (!existsSync(file)) return fail('there is no such file');
  const flags = new Map(o.groups.flatMap(g => g.flags).map(f => [f.name, f]));
  const found = new Map<string, FlagValue | GateValues>();
  for (const [name, value] of Object.entries(readYaml(file, fail))) {
    const flag = flags.get(name);
    const isGates = o.takesGates && name === 'feature-gates';
    if (!flag && !isGates && !(name in o.idle)) fail(`there is no flag ${name}: see flotilla ${o.name} --help`);
    try {
      found.set(name, flag ? parseFlag(flag, textOf(value)) : isGates ? parseGates(textOf(value)) : textOf(value));
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      fail(`${name}: ${error.message}`);
    }
  }
  return found;
}

function readYaml(file: string, fail: (message: string) => never): Record<string, unknown> {
  let content: unknown;
  try {
    content = parse(readFileSync(file, 'utf8')) ?? {};
  } catch (error) {
    return fail((error as Error).message.split('\n')[0] ?? 'it is no YAML');
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return fail('it must be a map from flag names to values');
  return content as Record<string, unknown>;
}

/** A YAML value as a flag's text: lists by commas, maps as `key=value`. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.join(',');
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([k, v]) => `${k}=${v}`)
      .join(',');
  return String(value);
}
