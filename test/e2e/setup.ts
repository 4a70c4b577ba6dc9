// Brings the plane and its members up once for all end-to-end tests, and takes them down.
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

const ROOT = join(import.meta.dirname, '../..');

function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

export default async function setup(project: TestProject): Promise<() => void> {
  const home = mkdtempSync(join(tmpdir(), 'flotilla-e2e-'));
  const port = await freePort();
  const members = process.env['FLOTILLA_MEMBERS'] ?? 'embedded';
  project.provide('home', home);
  project.provide('port', port);
  project.provide('members', members);
  const down = (): void => {
    execFileSync(join(ROOT, 'hack/local-down.sh'), ['--home', home, '--delete-data'], { stdio: 'inherit' });
  };
  try {
    execFileSync(join(ROOT, 'hack/local-up.sh'), ['--home', home, '--port', String(port), '--members', members, '--no-sample'], {
      stdio: 'inherit',
      timeout: 170_000,
    });
  } catch (error) {
    down();
    throw error;
  }
  return down;
}
