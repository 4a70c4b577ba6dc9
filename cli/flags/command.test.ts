import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { type Flag, flagsOf } from '../../kube/index.ts';
import { addFlagCommand, type Given } from './command.ts';

interface Options {
  readonly controllers: readonly string[];
  readonly leaseDurationMs: number;
  readonly noExecuteMode: string;
  readonly verbose: boolean;
  readonly port: number;
}
const flag = flagsOf<Options>();
const flags: readonly Flag[] = [
  flag('controllers', 'list', ['*'], 'which'),
  flag('leaseDurationMs', 'duration', 15_000, 'how long'),
  flag('noExecuteMode', 'text', 'Gracefully', 'how'),
  flag('verbose', 'boolean', true, 'whether'),
  flag('port', 'number', 10, 'where'),
];

/** What the command was given, or the text of its error. */
async function parse(...args: string[]): Promise<Given | string> {
  let found: Given | undefined;
  let error = '';
  const program = new Command().exitOverride().configureOutput({
    writeErr(text) {
      error += text;
    },
  });
  addFlagCommand(program, {
    name: 'run',
    description: '',
    examples: [],
    groups: [{ title: 'All', flags }],
    takesGates: true,
    idle: { 'enable-pprof': 'profile otherwise' },
    async run(given) {
      found = given;
    },
  });
  await program.parseAsync(['run', ...args], { from: 'user' }).catch(() => undefined);
  return found ?? error;
}

const given = async (...args: string[]): Promise<Given> => {
  const found = await parse(...args);
  if (typeof found === 'string') throw new Error(found);
  return found;
};

function file(text: string): string {
  const name = join(mkdtempSync(join(tmpdir(), 'flotilla-flags-')), 'config.yaml');
  writeFileSync(name, text);
  return name;
}

describe('flags', () => {
  it('have their defaults when nothing is said', async () => {
    expect((await given()).values).toEqual({
      controllers: ['*'],
      leaseDurationMs: 15_000,
      noExecuteMode: 'Gracefully',
      verbose: true,
      port: 10,
    });
  });

  it('are written as Go writes them', async () => {
    const { values } = await given('--lease-duration', '1m30s', '--verbose=false', '--no-execute-mode=Directly', '--controllers=*,-a');
    expect(values).toMatchObject({ leaseDurationMs: 90_000, verbose: false, noExecuteMode: 'Directly', controllers: ['*', '-a'] });
    expect((await given('--verbose')).values['verbose']).toBe(true);
  });

  it('make one list of a list that is given twice', async () => {
    expect((await given('--controllers', 'a,b', '--controllers', 'c')).values['controllers']).toEqual(['a', 'b', 'c']);
  });

  it('come from a file where the command line does not say otherwise', async () => {
    const name = file('lease-duration: 20s\ncontrollers: [a, -b]\nport: 7\nfeature-gates: {Failover: true}\n');
    const { values, gates } = await given('--config', name, '--port', '8');
    expect(values).toMatchObject({ leaseDurationMs: 20_000, controllers: ['a', '-b'], port: 8 });
    expect(gates).toEqual({ Failover: true });
  });

  it('are refused in one line that says what would be right', async () => {
    expect(await parse('--lease-duration', '15')).toMatch(/^error: .*write a duration such as 30s/);
    expect(await parse('--port', '70000')).toContain('a port is a number from 0 to 65535');
    expect(await parse('--config', file('leas-duration: 20s\n'))).toMatch(/there is no flag leas-duration: see flotilla run --help\n$/);
    expect(await parse('--config', '/nowhere.yaml')).toBe('error: --config /nowhere.yaml: there is no such file\n');
  });

  it('say so where a flag of the reference changes nothing', async () => {
    expect((await given('--enable-pprof=true')).warnings).toEqual(['--enable-pprof has no effect: profile otherwise']);
    expect((await given('--feature-gates', 'ContextualLogging=false')).warnings[0]).toContain('ContextualLogging');
    expect((await given()).warnings).toEqual([]);
  });

  it('switch gates by name and by stage, names first', async () => {
    const { gates } = await given('--feature-gates', 'AllAlpha=true,WorkloadAffinity=false');
    expect(gates).toMatchObject({ WorkloadAffinity: false, MultiClusterService: true });
    expect(gates).not.toHaveProperty('Failover');
    expect(await parse('--feature-gates', 'Nothing=true')).toContain('there is no gate Nothing: choose from Failover');
    expect(await parse('--feature-gates', 'Failover=yes')).toContain('write Failover=true or Failover=false');
  });
});
