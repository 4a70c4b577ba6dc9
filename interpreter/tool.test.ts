import { afterAll, describe, expect, it } from 'vitest';
import type { ResourceInterpreterCustomization } from '../crds/index.ts';
import { type AnyObject, systemClock } from '../kube/index.ts';
import { LuaPool } from './lua/pool.ts';
import { checkCustomizations, interpretObject } from './tool.ts';

const pool = new LuaPool(systemClock);
const run = { pool, clock: systemClock };
afterAll(() => pool.close());

const customization = (scripts: Record<string, string>): ResourceInterpreterCustomization => ({
  apiVersion: 'config.karmada.io/v1alpha1',
  kind: 'ResourceInterpreterCustomization',
  metadata: { name: 'foo' },
  spec: {
    target: { apiVersion: 'example.com/v1', kind: 'Foo' },
    customizations: Object.fromEntries(Object.entries(scripts).map(([rule, luaScript]) => [rule, { luaScript }])),
  },
});
const object: AnyObject = { apiVersion: 'example.com/v1', kind: 'Foo', metadata: { name: 'f' }, spec: { replicas: 2 } };

describe('trying customizations out', () => {
  it('tells scripts that compile from those that do not, and from those without their function', async () => {
    const good = 'function GetReplicas(o) return o.spec.replicas end';
    const checks = await checkCustomizations(
      [customization({ replicaResource: good, retention: 'function (', healthInterpretation: 'x = 1' })],
      pool,
    );
    expect(checks.map(check => [check.rule, check.error === undefined])).toEqual([
      ['retention', false],
      ['replicaResource', true],
      ['healthInterpretation', false],
    ]);
  });
  it('executes an operation on given objects', async () => {
    const rules = [customization({ replicaResource: 'function GetReplicas(o) return o.spec.replicas end' })];
    expect(await interpretObject(rules, { operation: 'InterpretReplica', desired: object }, run)).toEqual({ replica: 2 });
    await expect(interpretObject(rules, { operation: 'InterpretHealth', observed: object }, run)).rejects.toThrow(
      'nothing interprets InterpretHealth for example.com/v1, Kind=Foo',
    );
    await expect(interpretObject(rules, { operation: 'InterpretReplica', observed: object }, run)).rejects.toThrow(
      'needs the desired object',
    );
  });
  it('falls back to the third-party catalogue and the native rules', async () => {
    const deployment: AnyObject = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd' },
      spec: { replicas: 3, template: { spec: { containers: [] } } },
    };
    expect(await interpretObject([], { operation: 'InterpretReplica', desired: deployment }, run)).toMatchObject({ replica: 3 });
    const job: AnyObject = {
      apiVersion: 'batch.volcano.sh/v1alpha1',
      kind: 'Job',
      metadata: { name: 'j' },
      status: { state: { phase: 'Running' } },
    };
    expect(Object.keys(await interpretObject([], { operation: 'InterpretHealth', observed: job }, run))).toEqual(['healthy']);
    const own = customization({ replicaResource: 'function GetReplicas(o) return 7 end' });
    const overridden = { ...own, spec: { ...own.spec, target: { apiVersion: 'apps/v1', kind: 'Deployment' } } };
    expect(await interpretObject([overridden], { operation: 'InterpretReplica', desired: deployment }, run)).toEqual({ replica: 7 });
  });
});
