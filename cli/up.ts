// `flotilla up`: the whole control plane in this process.

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parse } from 'yaml';
import { systemClock } from '../kube/index.ts';
import { homeAt, makeHome } from './home.ts';
import { LOG_LEVELS, processLogger } from './log.ts';
import { stopSignal } from './stop-signal.ts';
import { packageVersion } from './version.ts';

interface UpOptions {
  readonly home?: string;
  readonly bind: string;
  readonly port: number;
  readonly logLevel: string;
  readonly featureGates: Readonly<Record<string, boolean>>;
}

export function addUp(program: Command): void {
  program
    .command('up')
    .description('run the control plane: API server, controllers and scheduler in one process')
    .option('--home <dir>', 'where data, keys and kubeconfigs are kept (default: ~/.flotilla)')
    .option('--bind <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 takes a free one', portNumber, 5443)
    .addOption(new Option('--log-level <level>', 'what is logged').choices([...LOG_LEVELS]).default('info'))
    .option('--feature-gates <gates>', "Karmada's feature gates, as Name=true,Other=false", gateList, {})
    .option('--config <file>', 'YAML file of these options by their names; options given here win')
    .action(async (options: UpOptions & { config?: string }, command: Command) => up(withConfig(options, command)));
}

async function up(o: UpOptions): Promise<void> {
  const home = homeAt(o.home);
  makeHome(home);
  const log = processLogger(o.logLevel, 'flotilla');
  const signal = stopSignal(log);
  const { startPlane } = await import('./plane.ts');
  const plane = await startPlane({
    home,
    host: o.bind,
    port: o.port,
    clock: systemClock,
    log,
    gates: o.featureGates,
    version: packageVersion(),
  });
  const pid = join(home.pids, 'flotilla.pid');
  writeFileSync(pid, `${process.pid}\n`);
  log.info({ port: plane.listening.port, kubeconfig: home.kubeconfig }, 'control plane is listening');
  try {
    await plane.run(signal);
  } finally {
    rmSync(pid, { force: true });
  }
}

export function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new InvalidArgumentError('a port is a number from 0 to 65535');
  return port;
}

function gateList(text: string): Record<string, boolean> {
  return Object.fromEntries(
    text
      .split(',')
      .filter(Boolean)
      .map(part => {
        const [name = '', value = ''] = part.split('=');
        if (value !== 'true' && value !== 'false')
          throw new InvalidArgumentError(`${part}: write ${name || 'Name'}=true or ${name || 'Name'}=false`);
        return [name, value === 'true'];
      }),
  );
}

/** Options from --config, below those of the command line. */
function withConfig(options: UpOptions & { config?: string }, command: Command): UpOptions {
  if (!options.config) return options;
  if (!existsSync(options.config)) command.error(`error: --config ${options.config} does not exist`);
  const given = (parse(readFileSync(options.config, 'utf8')) ?? {}) as Record<string, unknown>;
  const merged: Record<string, unknown> = { ...options };
  for (const [name, value] of Object.entries(given)) {
    const option = command.options.find(o => o.long === `--${name}`);
    if (!option || name === 'config') command.error(`error: ${options.config}: there is no option ${name}`);
    const key = option?.attributeName() ?? name;
    if (command.getOptionValueSource(key) === 'cli') continue;
    merged[key] = option?.parseArg && typeof value !== 'object' ? option.parseArg(String(value), undefined) : value;
  }
  return merged as unknown as UpOptions;
}
