import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { flagsPage } from './document.ts';

it('docs/flags.md is what the tables say: npm run flags writes it', () => {
  expect(readFileSync(new URL('../../docs/flags.md', import.meta.url), 'utf8')).toBe(flagsPage());
});

it('every flag of the reference that is taken has its name', () => {
  const page = flagsPage();
  for (const name of [
    'leader-elect-lease-duration',
    'concurrent-resourcebinding-syncs',
    'cluster-api-qps',
    'kube-api-burst',
    'health-probe-bind-address',
    'no-execute-taint-eviction-purge-mode',
    'rate-limiter-base-delay',
    'insecure-skip-grpc-client-verify',
    'tls-min-version',
  ])
    expect(page).toContain(`| \`--${name}\` |`);
});
