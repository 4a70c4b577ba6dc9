// The pid files of a home: hack/local-down.sh ends what they name.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Home } from './home.ts';

/** Keeps the pid file as long as the work goes on. */
export async function whileRunning(home: Home, name: string, work: () => Promise<void>): Promise<void> {
  const file = join(home.pids, `${name}.pid`);
  try {
    writeFileSync(file, `${process.pid}\n`);
  } catch (error) {
    // On a full disk the plane still serves what it has; ending it is left to whoever started it.
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
  try {
    await work();
  } finally {
    rmSync(file, { force: true });
  }
}
