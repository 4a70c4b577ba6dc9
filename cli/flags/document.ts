// docs/flags.md out of the tables that the commands are made of: `npm run flags` writes it, a test compares it.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import type { Flag } from '../../kube/index.ts';
import { addApiServer } from '../api-server-command.ts';
import { addControllers } from '../controllers-command.ts';
import { addEstimator } from '../estimator-command.ts';
import { addDescheduler, addScheduler } from '../scheduler-command.ts';
import { addUp } from '../up.ts';
import { addWebhook } from '../webhook-command.ts';
import { type FlagCommand, tableOf } from './command.ts';
import { gates } from './gates.ts';
import { flagText } from './parse.ts';

const COMMANDS = [addUp, addApiServer, addControllers, addScheduler, addDescheduler, addEstimator, addWebhook];

/** The page as Markdown. */
export function flagsPage(): string {
  const program = new Command();
  for (const add of COMMANDS) add(program, '');
  return [
    '# Flags',
    '',
    'Written by `npm run flags` from the tables in the code. Names are those of Karmada where it has the flag. So are defaults, but for',
    'these: `--concurrent-work-syncs`, `--concurrent-resourcebinding-syncs`, `--concurrent-clusterresourcebinding-syncs` and',
    '`--concurrent-resource-template-syncs` (5 in Karmada), since a worker here is a pending request and no thread; `--cluster-api-qps` (40)',
    'and `--cluster-api-burst` (60); and addresses to listen on. Each can also stand in a YAML file given with `--config`, under its name',
    'without dashes; the command line wins.',
    '',
    ...program.commands.flatMap(command => section(tableOf(command))),
    '## Feature gates',
    '',
    '| gate | stage | default | |',
    '| --- | --- | --- | --- |',
    ...gates.map(g => `| \`${g.name}\` | ${g.stage.toLowerCase()} | ${g.default} | ${g.idle ? `taken, no effect: ${g.idle}` : ''} |`),
    '',
  ].join('\n');
}

function section(o: FlagCommand | undefined): readonly string[] {
  if (!o) return [];
  const idle = Object.entries(o.idle);
  return [
    `## flotilla ${o.name}`,
    '',
    ...o.groups.flatMap(({ title, flags }) => [`### ${title}`, '', '| flag | default | |', '| --- | --- | --- |', ...flags.map(row), '']),
    ...(idle.length > 0
      ? ['Taken with a warning, since they change nothing here:', '', ...idle.map(([name, why]) => `- \`--${name}\`: ${why}`), '']
      : []),
  ];
}

function row(flag: Flag): string {
  const shown = flagText(flag, flag.default);
  return `| \`--${flag.name}\` | ${shown ? `\`${shown}\`` : ''} | ${flag.description.replaceAll('|', '\\|')} |`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(process.argv[2] ?? 'docs/flags.md', flagsPage());
