#!/usr/bin/env node
// The command line. Each command loads what it needs when it runs, so that --help is immediate.
import { Command } from 'commander';
import { addBackup } from './backup.ts';
import { addJoin } from './join-command.ts';
import { addMember } from './member.ts';
import { addUp } from './up.ts';
import { gitVersion, packageVersion } from './version.ts';

const program = new Command('flotilla')
  .description('A multi-cluster control plane that speaks the Karmada API.')
  .version(packageVersion(), '--version', 'print the version')
  .showHelpAfterError('(add --help for all options)');

addUp(program);
addMember(program);
addJoin(program);
addBackup(program);
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
