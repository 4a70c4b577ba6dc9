// `flotilla backup` while the plane runs, `flotilla restore` while it does not.
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { systemClock } from '../kube/index.ts';
import { type Home, homeAt } from './home.ts';

/** How far revisions jump on a restore: above all that any client can have seen, so that informers list again. */
const REVISION_JUMP = 1_000_000_000;

export function addBackup(program: Command, description: string): void {
  program
    .command('backup')
    .summary(description)
    .argument('<file>', 'where the copy goes; it must not exist')
    .option('--home <dir>', "the control plane's home (default: ~/.flotilla)")
    .description(
      'copy the data of a control plane, running or not; the copy holds Secrets as they are stored: encrypted, with keys that stay in the home',
    )
    .action(backup);
}

export function addRestore(program: Command, description: string): void {
  program
    .command('restore')
    .summary(description)
    .argument('<file>', 'a copy made by backup')
    .option('--home <dir>', "the control plane's home (default: ~/.flotilla)")
    .option('--force', 'replace data that is there; it is kept beside as flotilla.db.before-restore')
    .description('put a copy in the place of the data; the control plane must not be running')
    .action(restore);
}

async function backup(file: string, o: { home?: string }): Promise<void> {
  const home = homeAt(o.home);
  if (!existsSync(home.database)) throw new Error(`there is no data in ${home.dir}: name the control plane's home with --home`);
  if (existsSync(file)) throw new Error(`${file} exists: name a file that does not`);
  const target = resolve(file);
  mkdirSync(dirname(target), { recursive: true });
  const { copyDatabase } = await import('../apiserver/index.ts');
  copyDatabase(home.database, target);
  console.log(`backed up ${home.database} to ${target}`);
}

async function restore(file: string, o: { home?: string; force?: boolean }): Promise<void> {
  const home = homeAt(o.home);
  if (!existsSync(file)) throw new Error(`${file} does not exist`);
  if (existsSync(home.database) && !o.force)
    throw new Error(`${home.database} exists: restore into an empty home, or replace it with --force`);
  mkdirSync(dirname(home.database), { recursive: true, mode: 0o700 });
  const { restoreDatabase } = await import('../apiserver/index.ts');
  // Milliseconds are beyond every revision that a plane reached by writing, and grow from one restore to the next.
  restoreDatabase({ from: resolve(file), to: home.database, jump: REVISION_JUMP, atLeast: Math.floor(systemClock.now()) });
  console.log(`restored ${file} into ${home.dir}; start it with: flotilla up --home ${home.dir}`);
  const key = await missingKey(home);
  if (key) console.log(`first put pki/encryption.json of its old home into ${home.dir}/pki: Secrets in it are encrypted with key ${key}`);
}

/** The key that the restored data is sealed with, where this home does not hold it. */
async function missingKey({ database, encryptionKeys: file }: Home): Promise<string | undefined> {
  const { encryptionKeys, sealOf } = await import('../apiserver/index.ts');
  const key = sealOf(database);
  if (!/^[0-9a-f]{8}$/.test(key)) return undefined;
  return existsSync(file) && encryptionKeys(file).some(({ id }) => id === key) ? undefined : key;
}
