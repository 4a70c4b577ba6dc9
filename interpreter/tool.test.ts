import { afterAll, describe, expect, it } from 'vitest';
import type { ResourceInterpreterCustomization } from '../crds/index.ts';
import { type AnyObject, systemClock } from '../kube/index.ts';
import { LuaPool } from './lua/pool.ts';
import { checkCustomizations, executeCustomizations } from './tool.ts';

const pool = new LuaPool(systemClock);
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
    expect(await executeCustomizations(rules, { operation: 'InterpretReplica', desired: object }, pool)).toEqual({ replica: 2 });
    await expect(executeCustomizations(rules, { operation: 'InterpretHealth', observed: object }, pool)).rejects.toThrow(
      'no customization has a rule',
    );
    await expect(executeCustomizations(rules, { operation: 'InterpretReplica', observed: object }, pool)).rejects.toThrow(
      'needs the desired object',
    );
  });
});
