// `flotilla encryption-key`: the keys that Secrets are encrypted with at rest. Only ids are ever shown.
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { type Home, homeAt } from './home.ts';

interface Options {
  readonly home?: string;
}

export function addEncryptionKeyCommand(program: Command, description: string): void {
  const command = program.command('encryption-key').description(description);
  const option = ['--home <dir>', "the control plane's home (default: ~/.flotilla)"] as const;
  command
    .command('list')
    .description('show the ids of the keys: the first encrypts, all decrypt')
    .option(...option)
    .action(list);
  command
    .command('rotate')
    .description('put a new key first: from the next start on it encrypts, and that start rewrites what other keys encrypted')
    .option(...option)
    .action(rotate);
  command
    .command('prune')
    .description('drop all keys but the first, once the database has been rewritten with it; older backups need the others')
    .option(...option)
    .action(prune);
}

function keyFileOf(o: Options): Home {
  const home = homeAt(o.home);
  if (!existsSync(home.encryptionKeys)) throw new Error(`there are no keys in ${home.dir}: name the control plane's home with --home`);
  return home;
}

async function list(o: Options): Promise<void> {
  const home = keyFileOf(o);
  const { encryptionKeys } = await import('../apiserver/index.ts');
  encryptionKeys(home.encryptionKeys).forEach(({ id }, i) => {
    console.log(i === 0 ? `${id} encrypts and decrypts` : `${id} decrypts`);
  });
}

async function rotate(o: Options): Promise<void> {
  const home = keyFileOf(o);
  const { addEncryptionKey } = await import('../apiserver/index.ts');
  const [id] = addEncryptionKey(home.encryptionKeys);
  console.log(`${id} is the first key now: restart the control plane to use it, then drop the others with: flotilla encryption-key prune`);
}

async function prune(o: Options): Promise<void> {
  const home = keyFileOf(o);
  const { encryptionKeys, keepOneKey, sealOf } = await import('../apiserver/index.ts');
  const [first] = encryptionKeys(home.encryptionKeys);
  if (existsSync(home.database) && sealOf(home.database) !== first.id)
    throw new Error(`the database was not yet rewritten with key ${first.id}: start the control plane with it first`);
  const gone = keepOneKey(home.encryptionKeys);
  console.log(gone.length > 0 ? `dropped ${gone.join(', ')}; ${first.id} stays` : `${first.id} is the only key`);
}
