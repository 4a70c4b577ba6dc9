import { afterAll, describe, expect, it } from 'vitest';
import type { ResourceInterpreterCustomization } from '../crds/index.ts';
import { type AnyObject, simulatedClock, systemClock } from '../kube/index.ts';
import { chainOf, interpreterChain } from './chain.ts';
import type { InterpreterLayer } from './interpreter.ts';

const deployment: AnyObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default', generation: 1 },
  spec: { replicas: 3, template: { spec: { containers: [{ name: 'c', resources: { requests: { cpu: '0.5' } } }] } } },
};

function customization(name: string, luaScript: string): ResourceInterpreterCustomization {
  return {
    apiVersion: 'config.karmada.io/v1alpha1',
    kind: 'ResourceInterpreterCustomization',
    metadata: { name },
    spec: { target: { apiVersion: 'apps/v1', kind: 'Deployment' }, customizations: { replicaResource: { luaScript } } },
  };
}

describe('the chain of interpreters', () => {
  let live: readonly ResourceInterpreterCustomization[] = [];
  const chain = interpreterChain({ clock: systemClock, customizations: () => live });
  afterAll(() => chain.close());

  it('answers natively for built-in kinds', async () => {
    expect(await chain.replicas(deployment)).toEqual({ replicas: 3, requirements: { resourceRequest: { cpu: '500m' } } });
    expect(chain.enabled(deployment, 'InterpretHealth')).toBe(true);
    expect(chain.enabled(deployment, 'InterpretComponent')).toBe(false);
  });

  it('prefers a customization as soon as there is one, and forgets it when it is gone', async () => {
    live = [customization('b', 'function GetReplicas(o) return 2 end'), customization('a', 'function GetReplicas(o) return 1 end')];
    expect((await chain.replicas(deployment)).replicas).toBe(1);
    live = [];
    expect((await chain.replicas(deployment)).replicas).toBe(3);
  });

  it('does not fall through when the first layer with an entry fails', async () => {
    live = [customization('a', 'function GetReplicas(o) error("no") end')];
    await expect(chain.replicas(deployment)).rejects.toThrow('no');
    live = [];
  });

  it('rejects an operation nobody answers', async () => {
    await expect(chain.components(deployment)).rejects.toThrow('InterpretComponent');
  });

  it('asks its layers in order', async () => {
    const layer = (name: string): InterpreterLayer => ({ name, interpreterFor: () => ({ reflect: async () => name }) });
    expect(await chainOf([layer('first'), layer('second')]).reflect(deployment)).toBe('first');
  });

  it('reports the whole status of kinds it does not know', async () => {
    const quiet = interpreterChain({ clock: simulatedClock() });
    const object: AnyObject = { apiVersion: 'example.com/v1', kind: 'Foo', metadata: {}, status: { phase: 'Ready' } };
    expect(await quiet.reflect(object)).toEqual({ phase: 'Ready' });
  });
});
