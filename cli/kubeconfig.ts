// Writing kubeconfig files: whole files at once, mode 0600.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';

export interface Context {
  /** Name of the context, its cluster and its user. */
  readonly name: string;
  readonly server: string;
  /** PEM texts. */
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
  readonly token?: string;
}

interface Named {
  readonly name: string;
}

interface Kubeconfig {
  readonly apiVersion: 'v1';
  readonly kind: 'Config';
  readonly clusters: readonly (Named & { readonly cluster: object })[];
  readonly users: readonly (Named & { readonly user: object })[];
  readonly contexts: readonly (Named & { readonly context: object })[];
  readonly 'current-context': string;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

function merged(old: Kubeconfig | undefined, c: Context): Kubeconfig {
  const others = <T extends Named>(list: readonly T[] | undefined): readonly T[] => (list ?? []).filter(x => x.name !== c.name);
  const user = c.token ? { token: c.token } : { 'client-certificate-data': base64(c.cert ?? ''), 'client-key-data': base64(c.key ?? '') };
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [...others(old?.clusters), { name: c.name, cluster: { server: c.server, 'certificate-authority-data': base64(c.ca) } }],
    users: [...others(old?.users), { name: c.name, user }],
    contexts: [...others(old?.contexts), { name: c.name, context: { cluster: c.name, user: c.name } }],
    'current-context': old?.['current-context'] || c.name,
  };
}

const LOCK_WAIT_MS = 20;
const LOCK_TRIES = 250;

/** Adds or replaces one context; the others stay. Several processes may do so at once. */
export function writeContext(file: string, c: Context): void {
  const lock = `${file}.lock`;
  for (let tries = 0; !taken(lock) && tries < LOCK_TRIES; tries++)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOCK_WAIT_MS);
  try {
    const present = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
    const wanted = stringify(merged(present ? (parse(present) as Kubeconfig) : undefined, c));
    if (wanted === present) return;
    writeFileSync(`${file}.new`, wanted, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** A folder is made by one process only; one left over from a process that died is taken over after the wait. */
function taken(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    return false;
  }
}
