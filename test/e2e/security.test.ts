import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { counted, eventually, hub, hubTry, member, memberTry, namespace, ROOT, run } from './environment.ts';

const ns = namespace();
const dir = mkdtempSync(join(tmpdir(), 'flotilla-e2e-security-'));
afterAll(() => rmSync(dir, { recursive: true }));
const kubectl = join(ROOT, '.cache/bin/kubectl');

/** kubectl with credentials of its own against the control plane. */
async function as(credentials: readonly string[], ...args: string[]) {
  const config = JSON.parse(await hub('config', 'view', '--raw', '--minify', '-o', 'json')) as {
    clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
  };
  const [found] = config.clusters;
  const ca = join(dir, 'ca.crt');
  writeFileSync(ca, Buffer.from(found?.cluster['certificate-authority-data'] ?? '', 'base64'));
  const where = ['--kubeconfig', '/dev/null', '--server', found?.cluster.server ?? '', '--certificate-authority', ca];
  return run(kubectl, [...where, ...credentials, ...args]);
}

describe('kubectl about identity and permission', () => {
  test('knows who it is and what others may', async () => {
    expect(await hub('auth', 'whoami')).toContain('system:masters');
    expect((await hubTry('auth', 'can-i', 'create', 'pods', '--as', 'jane')).out.trim()).toBe('no');
    await hub('create', 'rolebinding', 'jane', '--clusterrole', 'view', '--user', 'jane', '-n', ns);
    expect(await hub('auth', 'can-i', '--list', '--as', 'jane', '-n', ns)).toMatch(/configmaps\s+\[\]\s+\[\]\s+\[get list watch\]/);
    expect((await hubTry('--as', 'jane', '-n', ns, 'get', 'configmaps')).code).toBe(0);
    expect((await hubTry('--as', 'jane', '-n', ns, 'create', 'configmap', 'x')).err).toContain(
      'User "jane" cannot create resource "configmaps"',
    );
  });

  test('gets a certificate approved and signed, and acts with it', async () => {
    const [key, csr, crt] = ['u.key', 'u.csr', 'u.crt'].map(name => join(dir, name)) as [string, string, string];
    execFileSync('openssl', ['req', '-new', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', csr, '-subj', '/O=dev/CN=carl'], {
      stdio: 'ignore',
    });
    const spec = {
      request: readFileSync(csr).toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client',
      usages: ['client auth'],
    };
    const name = `${ns}-carl`;
    const file = join(dir, 'csr.json');
    writeFileSync(
      file,
      JSON.stringify({ apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name }, spec }),
    );
    await hub('create', '-f', file);
    await hub('certificate', 'approve', name);
    const signed = await eventually('a certificate', () => hub('get', 'csr', name, '-o', 'jsonpath={.status.certificate}'));
    writeFileSync(crt, Buffer.from(signed, 'base64'));
    expect(
      (await as(['--client-certificate', crt, '--client-key', key], 'auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}')).out,
    ).toBe('carl');
    await hub('delete', 'csr', name);
  });

  test('makes tokens for service accounts that end with them', async () => {
    await hub('create', 'serviceaccount', 'bob', '-n', ns);
    const token = (await hub('create', 'token', 'bob', '-n', ns, '--duration', '10m')).trim();
    const who = await as(['--token', token], 'auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}');
    expect(who.out).toBe(`system:serviceaccount:${ns}:bob`);
    await hub('delete', 'serviceaccount', 'bob', '-n', ns);
    // A server may remember for ten seconds whom a token told.
    await eventually('the token is refused', async () => (await as(['--token', token], 'auth', 'whoami')).err.includes('Unauthorized'));
  });
});

describe('a member', () => {
  test('counts what its quotas limit, and refuses what is beyond', async () => {
    await eventually('the namespace there', async () => (await memberTry('member1', 'get', 'namespace', ns)).code === 0);
    await member('member1', '-n', ns, 'create', 'quota', 'q', '--hard=configmaps=2');
    const present = (await member('member1', '-n', ns, 'get', 'configmaps', '-o', 'name')).split('\n').length - 1;
    await counted('member1', ns, 'q', { configmaps: String(present) });
    const answers = await Promise.all(['a', 'b', 'c'].map(name => memberTry('member1', '-n', ns, 'create', 'configmap', name)));
    const refused = answers.filter(a => a.code !== 0);
    // Where the cluster keeps its CA in every namespace, that counts too.
    expect(refused.length).toBeGreaterThanOrEqual(1);
    expect(refused[0]?.err).toContain('exceeded quota: q, requested: configmaps=1');
    expect(await member('member1', '-n', ns, 'get', 'quota', 'q', '-o', 'jsonpath={.status.used.configmaps}')).toBe('2');
  });

  test('holds pods to the security standard of their namespace', async () => {
    const name = `${ns}-strict`;
    await member('member1', 'create', 'namespace', name);
    try {
      await member('member1', 'label', 'namespace', name, 'pod-security.kubernetes.io/enforce=restricted');
      const done = await memberTry('member1', '-n', name, 'run', 'p', '--image', 'nginx');
      expect(done.err).toContain('violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false');
    } finally {
      await memberTry('member1', 'delete', 'namespace', name, '--wait=false');
    }
  });
});
