#!/usr/bin/env node
// The command line. A command is loaded when it is the one that was asked for, so that --help is immediate.
import { Command } from 'commander';
import { gitVersion, packageVersion } from './version.ts';
import { holdYoungHeap } from './young-heap.ts';

type Add = (program: Command, description: string) => void;

interface Entry {
  readonly name: string;
  readonly description: string;
  load(): Promise<Add>;
}

const entries: readonly Entry[] = [
  {
    name: 'up',
    description: 'run a control plane: API server, controllers and scheduler in one process',
    load: async () => (await import('./up.ts')).addUp,
  },
  {
    name: 'apiserver',
    description: 'run the API server alone',
    load: async () => (await import('./api-server-command.ts')).addApiServer,
  },
  {
    name: 'controllers',
    description: 'run the controller manager alone',
    load: async () => (await import('./controllers-command.ts')).addControllers,
  },
  { name: 'scheduler', description: 'run the scheduler alone', load: async () => (await import('./scheduler-command.ts')).addScheduler },
  {
    name: 'descheduler',
    description: 'run the descheduler, which takes back replicas that found no room',
    load: async () => (await import('./scheduler-command.ts')).addDescheduler,
  },
  {
    name: 'estimator',
    description: 'run the estimator of one member: what still fits, node by node',
    load: async () => (await import('./estimator-command.ts')).addEstimator,
  },
  {
    name: 'webhook',
    description: 'serve the admission rules over TLS',
    load: async () => (await import('./webhook-command.ts')).addWebhook,
  },
  {
    name: 'member',
    description: 'run an embedded member cluster: an API server with a node, pods and workload controllers',
    load: async () => (await import('./member.ts')).addMember,
  },
  {
    name: 'power',
    description: 'make an embedded member, or one node of it, fail and recover',
    load: async () => (await import('./power.ts')).addPower,
  },
  {
    name: 'join',
    description: 'register member clusters in a control plane (push mode)',
    load: async () => (await import('./join-command.ts')).addJoin,
  },
  {
    name: 'cluster',
    description: 'cluster resume: write to a member again after a restore',
    load: async () => (await import('./cluster-command.ts')).addCluster,
  },
  { name: 'unjoin', description: 'remove a member cluster', load: async () => (await import('./join-command.ts')).addUnjoin },
  {
    name: 'explain',
    description: 'tell why a workload is where it is, and what would change that',
    load: async () => (await import('./explain-command.ts')).addExplain,
  },
  {
    name: 'plan',
    description: 'tell what a change would move, without making it',
    load: async () => (await import('./plan-command.ts')).addPlan,
  },
  {
    name: 'interpret',
    description: 'try resource interpreters on files',
    load: async () => (await import('./interpret-command.ts')).addInterpret,
  },
  {
    name: 'backup',
    description: 'copy the data of a control plane, running or not',
    load: async () => (await import('./backup.ts')).addBackup,
  },
  {
    name: 'restore',
    description: 'put a copy in the place of the data of a control plane that does not run',
    load: async () => (await import('./backup.ts')).addRestore,
  },
  {
    name: 'encryption-key',
    description: 'show, rotate or prune the keys that Secrets are encrypted with',
    load: async () => (await import('./encryption-key.ts')).addEncryptionKeyCommand,
  },
];

holdYoungHeap();

const program = new Command('flotilla')
  .description('A multi-cluster control plane that speaks the Karmada API.')
  .version(packageVersion(), '--version', 'print the version')
  .configureOutput({ outputError: (text, write) => write(`${oneLine(text)}\n`) });

/** What commander says, in one line that ends with where to look. */
function oneLine(text: string): string {
  const line = text.trim().replace(/\s*\n\s*/g, ' ');
  const asked = program.commands.find(c => c.name() === process.argv[2])?.name();
  return line.includes('--help') ? line : `${line}: see flotilla ${asked ? `${asked} ` : ''}--help`;
}

for (const { name, description, load } of entries) {
  if (process.argv.slice(2, 4).includes(name)) (await load())(program, description);
  else program.command(name).description(description);
}
program
  .command('version')
  .description('print the versions of Flotilla and of the Kubernetes API it speaks')
  .action(() => console.log(`flotilla ${packageVersion()}\nkubernetes ${gitVersion()}\nnode ${process.version}`));

try {
  await program.parseAsync();
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
// Sockets that linger must not keep a process alive that has ended its work.
process.exit();
