// Where a plane keeps its things: `~/.flotilla`, or --home DIR. Mode 0700; keys and kubeconfigs 0600.
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export interface Home {
  readonly dir: string;
  readonly pki: string;
  readonly database: string;
  readonly encryptionKeys: string;
  /** kubeconfig of the control plane, context `karmada-apiserver`. */
  readonly kubeconfig: string;
  /** kubeconfig of the members, contexts by name. */
  readonly membersConfig: string;
  readonly logs: string;
  readonly pids: string;
  readonly members: string;
}

export function homeAt(dir: string | undefined): Home {
  const root = resolve(dir ?? join(homedir(), '.flotilla'));
  return {
    dir: root,
    pki: join(root, 'pki'),
    database: join(root, 'data', 'flotilla.db'),
    encryptionKeys: join(root, 'pki', 'encryption.json'),
    kubeconfig: join(root, 'karmada.config'),
    membersConfig: join(root, 'members.config'),
    logs: join(root, 'logs'),
    pids: join(root, 'pids'),
    members: join(root, 'members'),
  };
}

export function makeHome(home: Home): void {
  for (const dir of [home.dir, home.pki, join(home.dir, 'data'), home.logs, home.pids, home.members])
    mkdirSync(dir, { recursive: true, mode: 0o700 });
}
