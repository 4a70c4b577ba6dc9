// What a member keeps: its database, its certificates, the key of its service-account tokens. In a folder, or in memory.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryStore, Pki, plainCodec, SigningKey, SqliteStore, type Store } from '../apiserver/index.ts';
import type { Clock } from '../kube/index.ts';

export interface Material {
  readonly store: Store;
  readonly pki: Pki;
  readonly serviceAccount: SigningKey;
  /** Removes what must not outlive a member in memory. */
  discard(): void;
}

/** Opens what lies in `dir`, making it where it is missing; without a folder nothing is kept. */
export async function openMaterial(o: { readonly dir?: string; readonly clock: Clock }): Promise<Material> {
  if (o.dir === undefined) return inMemory(o.clock);
  mkdirSync(o.dir, { recursive: true, mode: 0o700 });
  const keys = join(o.dir, 'pki');
  const [store, pki] = await Promise.all([
    SqliteStore.open({ file: join(o.dir, 'member.db'), newId: o.clock.uuid(), codec: plainCodec }),
    Pki.open(keys, o.clock),
  ]);
  return { store, pki, serviceAccount: await SigningKey.open(join(keys, 'sa.key')), discard: () => undefined };
}

async function inMemory(clock: Clock): Promise<Material> {
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-member-'));
  const [pki, serviceAccount] = await Promise.all([Pki.open(dir, clock), SigningKey.generate()]);
  return { store: new MemoryStore(clock.uuid()), pki, serviceAccount, discard: () => rmSync(dir, { recursive: true, force: true }) };
}
