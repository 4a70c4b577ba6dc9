import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { hostname, networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Pki } from '../apiserver/index.ts';
import { silent, simulatedClock } from '../kube/index.ts';
import { renewal, serverPair, writeAdmin } from './certificates.ts';
import { homeAt, makeHome } from './home.ts';

const dir = mkdtempSync(join(tmpdir(), 'flotilla-certificates-'));
afterAll(() => rmSync(dir, { recursive: true }));
const DAY_MS = 24 * 3600_000;

test('a server that runs on shows a new certificate, and has a new kubeconfig, before the old ones end', async () => {
  const start = Date.UTC(2026, 0, 1);
  const home = homeAt(dir);
  makeHome(home);
  const first = await Pki.open(home.pki, simulatedClock({ start }));
  await serverPair(first, '10.0.0.5');
  await writeAdmin(first, home, 5443);
  const clock = simulatedClock({ start: start + 291 * DAY_MS });
  const pki = await Pki.open(home.pki, clock);
  const shown: string[] = [];
  const stop = new AbortController();
  const listening = { port: 5443, renew: (tls: { readonly cert: string }) => void shown.push(tls.cert) };
  const running = renewal({ pki, home, host: '10.0.0.5', listening, clock, log: silent }).run(stop.signal);
  await expect.poll(() => clock.nextDue()).toBeDefined();
  expect(shown).toEqual([]);
  for (let day = 0; day < 3; day++) {
    await clock.advance(DAY_MS / 2);
    await expect.poll(() => clock.nextDue()).toBeDefined();
  }
  expect(shown).toHaveLength(1);
  const cert = new X509Certificate(shown[0] ?? '');
  expect(cert.subjectAltName).toContain('10.0.0.5');
  expect(Date.parse(cert.validTo)).toBeGreaterThan(clock.now() + 300 * DAY_MS);
  const [, encoded = ''] = /client-certificate-data: (\S+)/.exec(readFileSync(home.kubeconfig, 'utf8')) ?? [];
  expect(Date.parse(new X509Certificate(Buffer.from(encoded, 'base64')).validTo)).toBeGreaterThan(clock.now() + 300 * DAY_MS);
  stop.abort();
  await running;
});

test('a server that listens everywhere has a certificate for every address of the machine, and for its name', async () => {
  const home = homeAt(join(dir, 'everywhere'));
  makeHome(home);
  const { cert } = await serverPair(await Pki.open(home.pki, simulatedClock({ start: Date.UTC(2026, 0, 1) })), '0.0.0.0');
  const shown = new X509Certificate(cert);
  const own = Object.values(networkInterfaces()).flatMap(all => (all ?? []).filter(a => a.family === 'IPv4').map(a => a.address));
  for (const address of ['127.0.0.1', ...own]) expect(shown.checkIP(address)).toBe(address);
  expect(shown.checkHost(hostname())).toBe(hostname());
});
