import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { defaultSchedulerFlags } from '../options.ts';
import { schedule } from '../schedule.ts';
import { loadedCycleOptions } from '../scheduler.ts';
import type { Cluster } from '../types.ts';
import { isPluginPath, loadPlugins } from './load.ts';

const SAMPLE = 'samples/scheduler-plugin/quiet-hours.mjs';
const dir = mkdtempSync(join(tmpdir(), 'flotilla-plugins-'));
afterAll(() => rmSync(dir, { recursive: true }));

function module(name: string, text: string): string {
  const file = join(dir, name);
  writeFileSync(file, text);
  return file;
}

const cluster = (name: string, labels: Record<string, string>): Cluster => ({
  apiVersion: 'cluster.karmada.io/v1alpha1',
  kind: 'Cluster',
  metadata: { name, labels },
  status: { apiEnablements: [{ groupVersion: 'batch/v1', resources: [{ kind: 'Job' }] }] },
});

async function placed(plugins: readonly string[], clusters: readonly Cluster[]) {
  const o = await loadedCycleOptions({ ...defaultSchedulerFlags, plugins });
  const placement = {
    spreadConstraints: [{ spreadByField: 'cluster', minGroups: 1, maxGroups: 1 }],
  };
  const spec = { resource: { apiVersion: 'batch/v1', kind: 'Job', name: 'report' }, placement };
  return schedule(clusters, { spec, status: {}, namespace: 'ns' }, { ...o, signal: new AbortController().signal });
}

describe('a plugin loaded by path', () => {
  it('filters and scores beside our own: the sample', async () => {
    const clusters = [cluster('brown', { greenness: '10' }), cluster('green', { greenness: '90' }), cluster('night', { quiet: 'true' })];
    const { clusters: targets, record } = await placed(['*', SAMPLE], clusters);
    expect(targets).toEqual([{ name: 'green' }]);
    expect(record.refused).toEqual([{ cluster: 'night', plugin: 'QuietHours', reason: 'cluster(s) were in their quiet hours' }]);
    expect((await placed(['*'], clusters)).clusters).toEqual([{ name: 'brown' }]);
  });

  it('can be all there is, and can be removed by its name', async () => {
    const names = async (plugins: readonly string[]) =>
      (await loadedCycleOptions({ ...defaultSchedulerFlags, plugins })).plugins.map(p => p.name);
    expect(await names([SAMPLE])).toEqual(['QuietHours']);
    expect(await names(['*', SAMPLE, '-QuietHours'])).not.toContain('QuietHours');
  });

  it('must not take a name that is taken', async () => {
    const taken = module('taken.mjs', "export default { name: 'TaintToleration', filter: () => () => undefined }");
    await expect(loadedCycleOptions({ ...defaultSchedulerFlags, plugins: ['*', taken] })).rejects.toThrow(
      'a plugin named TaintToleration already exists',
    );
  });

  it.each<[string, string]>([
    ['no.mjs', 'export default 5'],
    ['idle.mjs', "export default { name: 'Idle' }"],
    ['named.mjs', "export const plugin = { name: 'X', filter: () => () => undefined }"],
  ])('is refused with its path where it is none: %s', async (name, text) =>
    expect(loadPlugins([module(name, text)])).rejects.toThrow(`${name}: its default export is no plugin`),
  );

  it('is refused with its path where it is not there', async () =>
    expect(loadPlugins(['./nowhere.mjs'])).rejects.toThrow('plugin ./nowhere.mjs cannot be loaded'));

  it.each<[string, string, string]>([
    ['throws', 'filter: () => () => { throw new Error("boom") }', 'plugin Bad failed to filter m1: boom'],
    ['gives no reason', 'filter: () => () => true', 'plugin Bad failed to filter m1: it answered true, not a reason or undefined'],
    [
      'scores too high',
      'score: () => () => 1e9',
      'plugin Bad failed to score m1: it answered 1000000000, not a whole number from 0 to 100',
    ],
    ['throws at once', 'score: () => { throw new Error("boom") }', 'plugin Bad failed to score: boom'],
  ])('that %s fails the cycle in words', async (title, body, message) => {
    const bad = module(`${title.replaceAll(' ', '-')}.mjs`, `export default { name: 'Bad', ${body} }`);
    await expect(placed(['*', bad], [cluster('m1', {})])).rejects.toThrow(message);
  });

  it('is told from a name by slash or ending', () => {
    expect(['*', '-Foo', 'Foo', './foo', 'foo.mjs', '/opt/p.js', 'p.ts'].filter(isPluginPath)).toEqual([
      './foo',
      'foo.mjs',
      '/opt/p.js',
      'p.ts',
    ]);
  });
});
