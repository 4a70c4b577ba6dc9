// `flotilla member`: one embedded member cluster in this process.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { systemClock } from '../kube/index.ts';
import { homeAt, makeHome } from './home.ts';
import { writeContext } from './kubeconfig.ts';
import { LOG_LEVELS, processLogger } from './log.ts';
import { followPower } from './power.ts';
import { listenFault } from './probe-server.ts';
import { stopSignal } from './stop-signal.ts';

interface MemberOptions {
  readonly name: string;
  readonly home?: string;
  readonly bind: string;
  readonly port?: number;
  readonly nodes: number;
  readonly logLevel: string;
}

/** What is remembered of a member, so that it comes back at the same address. */
interface Remembered {
  readonly port: number;
}

export function addMember(program: Command, description: string): void {
  program
    .command('member')
    .description(description)
    .requiredOption('--name <name>', 'name of the member; also of its context in members.config')
    .option('--home <dir>', 'where its data and the kubeconfig members.config are kept (default: ~/.flotilla)')
    .option('--bind <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on (default: the one it had, else a free one)', portNumber)
    .option('--nodes <number>', 'how many nodes it begins with: a control plane and workers', nodeCount, 1)
    .addOption(new Option('--log-level <level>', 'what is logged').choices([...LOG_LEVELS]).default('info'))
    .action(runMember);
}

async function runMember(o: MemberOptions): Promise<void> {
  const home = homeAt(o.home);
  makeHome(home);
  const log = processLogger(o.logLevel, o.name);
  const signal = stopSignal(log);
  const memory = join(home.members, `${o.name}.json`);
  const known = existsSync(memory) ? (JSON.parse(readFileSync(memory, 'utf8')) as Remembered) : undefined;
  const { memberCluster, nodeShapes } = await import('../members/index.ts');
  const nodes = nodeShapes(o.name, o.nodes);
  const member = await memberCluster({ name: o.name, dir: join(home.members, o.name), clock: systemClock, log, nodes });
  const port = o.port ?? known?.port ?? 0;
  const access = await member.listen({ host: o.bind, port }).catch((error: NodeJS.ErrnoException) => {
    throw listenFault(error, port, 'choose another with --port, or stop what listens there');
  });
  writeFileSync(memory, `${JSON.stringify({ port: access.port, pid: process.pid })}\n`, { mode: 0o600 });
  writeContext(home.membersConfig, { name: o.name, ...access });
  const pid = join(home.pids, `${o.name}.pid`);
  writeFileSync(pid, `${process.pid}\n`);
  const follow = followPower(home, { member, log });
  log.info({ port: access.port }, 'member is listening');
  try {
    await member.run(signal);
  } finally {
    follow.stop();
    rmSync(pid, { force: true });
  }
}

function nodeCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 100) throw new InvalidArgumentError('from 1 to 100 nodes');
  return count;
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new InvalidArgumentError('a port is a number from 0 to 65535');
  return port;
}
