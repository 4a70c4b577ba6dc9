import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  apply,
  eventually,
  helm,
  hub,
  hubTry,
  MEMBERS,
  member,
  memberTry,
  namespace,
  object,
  ownPlane,
  policy,
  ROOT,
  run,
} from './environment.ts';

const ns = namespace();
const to = (...clusterNames: string[]): object => ({ clusterAffinity: { clusterNames } });
const select = (apiVersion: string, kind: string, name: string): object => ({ apiVersion, kind, name });
const arrives = (m: 'member1' | 'member2' | 'member3', ...args: string[]): Promise<Record<string, unknown>> =>
  eventually(`${args.join(' ')} in ${m}`, () => object(m, ...args));

describe('kinds other than Deployments', () => {
  it('carries ConfigMaps, Secrets and Services to members', async () => {
    await apply(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: ns }, data: { colour: 'blue' } },
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'password', namespace: ns }, stringData: { word: 'sesame' } },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'front', namespace: ns },
        spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
      },
      policy(ns, 'settings', to('member1', 'member2'), select('v1', 'ConfigMap', 'settings')),
      policy(ns, 'password', to('member1', 'member2'), select('v1', 'Secret', 'password')),
      policy(ns, 'front', to('member1', 'member2'), select('v1', 'Service', 'front')),
    );
    expect((await arrives('member1', 'configmap', 'settings', '-n', ns))['data']).toEqual({ colour: 'blue' });
    expect((await arrives('member2', 'secret', 'password', '-n', ns))['data']).toEqual({ word: Buffer.from('sesame').toString('base64') });
    const hubService = await object('hub', 'service', 'front', '-n', ns);
    const memberService = (await arrives('member2', 'service', 'front', '-n', ns)) as { spec: { clusterIP: string } };
    expect(hubService.spec.clusterIP).toMatch(/^10\./);
    expect(memberService.spec.clusterIP).toMatch(/^10\./);
  });

  it('carries cluster-scoped objects under a ClusterPropagationPolicy', async () => {
    const name = `reader-${ns}`;
    await apply(
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name },
        rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
      },
      {
        apiVersion: 'policy.karmada.io/v1alpha1',
        kind: 'ClusterPropagationPolicy',
        metadata: { name },
        spec: { resourceSelectors: [select('rbac.authorization.k8s.io/v1', 'ClusterRole', name)], placement: to('member3') },
      },
    );
    await arrives('member3', 'clusterrole', name);
    expect(await hub('get', 'clusterresourcebindings')).toContain(`${name}-clusterrole`);
    await hub('delete', 'clusterrole', name);
    await eventually('it is gone', async () => (await object('member3', 'clusterrole', name)) === undefined || undefined);
    await hub('delete', 'clusterpropagationpolicy', name);
  });

  it('carries a CRD and an object of it that were applied in one go', async () => {
    const group = `${ns}.example.com`;
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `widgets.${group}` },
      spec: {
        group,
        scope: 'Namespaced',
        names: { plural: 'widgets', kind: 'Widget', singular: 'widget', listKind: 'WidgetList' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: { spec: { type: 'object', properties: { size: { type: 'integer', default: 3 } } } },
              },
            },
          },
        ],
      },
    };
    await apply(
      definition,
      {
        apiVersion: 'policy.karmada.io/v1alpha1',
        kind: 'ClusterPropagationPolicy',
        metadata: { name: `widgets-${ns}` },
        spec: {
          resourceSelectors: [select('apiextensions.k8s.io/v1', 'CustomResourceDefinition', `widgets.${group}`)],
          placement: to('member1'),
        },
      },
      policy(ns, 'widget', to('member1'), select(`${group}/v1`, 'Widget', 'one')),
    );
    await hub('wait', '--for=condition=Established', `crd/widgets.${group}`, '--timeout=20s');
    await apply({ apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name: 'one', namespace: ns }, spec: {} });
    const found = (await arrives('member1', `widgets.${group}`, 'one', '-n', ns)) as { spec: object };
    expect(found.spec).toEqual({ size: 3 });
    await hub('delete', 'clusterpropagationpolicy', `widgets-${ns}`);
  });

  it('makes a namespace in every member', async () => {
    for (const m of MEMBERS) await eventually(`${ns} in ${m}`, async () => (await memberTry(m, 'get', 'namespace', ns)).code === 0);
  });
});

describe('the tools of every day', () => {
  it('previews with server-side dry run and diff, without a trace', async () => {
    const manifest = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'dry', namespace: ns }, data: { a: '1' } });
    const dir = mkdtempSync(join(tmpdir(), 'flotilla-e2e-'));
    const file = join(dir, 'cm.json');
    writeFileSync(file, manifest);
    expect(await hub('apply', '--dry-run=server', '-f', file)).toContain('configmap/dry created (server dry run)');
    expect((await hubTry('get', 'configmap', 'dry', '-n', ns)).err).toContain('NotFound');
    await hub('apply', '-f', file);
    writeFileSync(file, manifest.replace('"1"', '"2"'));
    const diff = await hubTry('diff', '-f', file);
    expect(diff.code).toBe(1);
    expect(diff.out).toMatch(/-\s+a: "1"[\s\S]*\+\s+a: "2"/);
    const ours = await hubTry('diff', '--server-side', '--force-conflicts', '-f', file);
    expect([ours.code, ours.out]).toEqual([1, expect.stringMatching(/-\s+a: "1"[\s\S]*\+\s+a: "2"/)]);
    expect((await object('hub', 'configmap', 'dry', '-n', ns)).data).toEqual({ a: '1' });
  });

  it('sends members nothing of who owns which fields here', async () => {
    const manifest = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'owned', namespace: ns, labels: { owned: 'yes' } },
      data: { a: '1' },
    };
    const file = join(mkdtempSync(join(tmpdir(), 'flotilla-e2e-')), 'cm.json');
    writeFileSync(file, JSON.stringify(manifest));
    await apply(
      policy(ns, 'owned', to('member1'), { apiVersion: 'v1', kind: 'ConfigMap', labelSelector: { matchLabels: { owned: 'yes' } } }),
    );
    await hub('apply', '--server-side', '--field-manager', 'only-here', '-f', file);
    const there = await arrives('member1', 'configmap', 'owned', '-n', ns);
    expect(there['data']).toEqual({ a: '1' });
    expect(await hub('get', 'works', '-n', 'karmada-es-member1', '-o', 'json', '--show-managed-fields')).toContain('"owned"');
    const seen = await member('member1', 'get', 'configmap', 'owned', '-n', ns, '-o', 'json', '--show-managed-fields');
    expect(seen).toContain('managedFields');
    expect(seen).not.toContain('only-here');
  });

  it('installs a helm chart that a policy then propagates', async () => {
    const chart = mkdtempSync(join(tmpdir(), 'flotilla-chart-'));
    mkdirSync(join(chart, 'templates'));
    writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: greeting\nversion: 0.1.0\n');
    writeFileSync(join(chart, 'values.yaml'), 'text: hello\n');
    writeFileSync(
      join(chart, 'templates/cm.yaml'),
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n  labels: {chart: greeting}\ndata:\n  text: {{ .Values.text }}\n',
    );
    await apply(
      policy(ns, 'greeting', to('member2'), { apiVersion: 'v1', kind: 'ConfigMap', labelSelector: { matchLabels: { chart: 'greeting' } } }),
    );
    const installed = await helm('install', 'greet', chart, '-n', ns);
    expect(installed.err + installed.out).toContain('STATUS: deployed');
    expect((await arrives('member2', 'configmap', 'greet', '-n', ns))['data']).toEqual({ text: 'hello' });
    expect((await helm('upgrade', 'greet', chart, '-n', ns, '--set', 'text=bye')).code).toBe(0);
    await eventually('the upgrade', async () => (await object('member2', 'configmap', 'greet', '-n', ns))?.data.text === 'bye');
    expect((await helm('uninstall', 'greet', '-n', ns)).code).toBe(0);
    await eventually('it is gone', async () => (await object('member2', 'configmap', 'greet', '-n', ns)) === undefined || undefined);
  });

  // Other API servers have no proxy to clusters.
  it.runIf(ownPlane())('reads a member through the control plane', async () => {
    const path = '/apis/cluster.karmada.io/v1alpha1/clusters/member1/proxy/api/v1/namespaces';
    const through = JSON.parse(await hub('get', '--raw', path)) as { items: { metadata: { name: string } }[] };
    const direct = JSON.parse(await member('member1', 'get', '--raw', '/api/v1/namespaces')) as typeof through;
    expect(through.items.map(i => i.metadata.name)).toEqual(direct.items.map(i => i.metadata.name));
  });

  it('prints help and versions', async () => {
    const main = join(ROOT, 'dist/cli/main.js');
    expect((await run('node', [main, '--help'])).out).toContain('up');
    expect((await run('node', [main, 'version'])).out).toMatch(/kubernetes v1\.36\.\d+\+flotilla/);
  });
});
