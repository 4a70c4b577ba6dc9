import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { connectionFrom } from './kubeconfig-client.ts';

const dir = mkdtempSync(join(tmpdir(), 'flotilla-kubeconfig-'));
const environment = process.env['KUBECONFIG'];
afterEach(() => {
  if (environment === undefined) delete process.env['KUBECONFIG'];
  else process.env['KUBECONFIG'] = environment;
});

let count = 0;
function file(config: object): string {
  const name = join(dir, `config-${count++}`);
  writeFileSync(name, stringify(config));
  return name;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const simple = (name: string, user: object = { token: 'secret' }, cluster: object = {}): object => ({
  'current-context': name,
  contexts: [{ name, context: { cluster: name, user: name } }],
  clusters: [{ name, cluster: { server: `https://${name}:6443/`, 'certificate-authority-data': base64('CA'), ...cluster } }],
  users: [{ name, user }],
});

describe('a kubeconfig', () => {
  it('gives server, authority and credentials of its current context', async () => {
    const { context, connection } = await connectionFrom({
      file: file(simple('one', { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') })),
    });
    expect(context).toBe('one');
    expect(connection).toEqual({ server: 'https://one:6443', ca: 'CA', cert: 'CERT', key: 'KEY' });
  });

  it('is read with the files it names, from its own folder, and a token file each time', async () => {
    mkdirSync(join(dir, 'pki'), { recursive: true });
    writeFileSync(join(dir, 'pki/ca.pem'), 'FROM FILE');
    writeFileSync(join(dir, 'pki/token'), 'first\n');
    const name = file(
      simple('two', { tokenFile: 'pki/token' }, { 'certificate-authority-data': '', 'certificate-authority': 'pki/ca.pem' }),
    );
    const { connection } = await connectionFrom({ file: name });
    expect(connection.ca).toBe('FROM FILE');
    expect(await connection.token?.()).toBe('first');
    writeFileSync(join(dir, 'pki/token'), 'second');
    expect(await connection.token?.()).toBe('second');
  });

  it('may be several files, where the first that has a name wins', async () => {
    process.env['KUBECONFIG'] = `${file(simple('three'))}:${file(simple('four'))}:${join(dir, 'absent')}`;
    expect((await connectionFrom({})).context).toBe('three');
    expect((await connectionFrom({ context: 'four' })).connection.server).toBe('https://four:6443');
  });

  it('keeps what says how the server is reached', async () => {
    const cluster = { 'insecure-skip-tls-verify': true, 'tls-server-name': 'inside', 'proxy-url': 'http://proxy:3128' };
    const { connection } = await connectionFrom({ file: file(simple('five', {}, cluster)), server: 'https://elsewhere/' });
    expect(connection).toMatchObject({
      server: 'https://elsewhere',
      insecureSkipTlsVerify: true,
      serverName: 'inside',
      proxy: 'http://proxy:3128',
    });
  });

  it('says what it lacks', async () => {
    const name = file(simple('six'));
    await expect(connectionFrom({ file: join(dir, 'absent') })).rejects.toThrow(`there is no kubeconfig ${join(dir, 'absent')}`);
    await expect(connectionFrom({ file: name, context: 'seven' })).rejects.toThrow(`there is no context seven in ${name}: it has six`);
    const noCluster = { ...simple('eight'), clusters: [] };
    await expect(connectionFrom({ file: file(noCluster) })).rejects.toThrow('context eight of');
    const broken = join(dir, 'broken');
    writeFileSync(broken, 'a: [');
    await expect(connectionFrom({ file: broken })).rejects.toThrow(`${broken} is no kubeconfig`);
  });
});
