import { describe, expect, it } from 'vitest';
import { simulatedClock } from '../kube/index.ts';
import { type AgedEstimates, recentAnswers } from './recent.ts';
import type { Estimator } from './types.ts';

const signal = new AbortController().signal;
const named = (...names: string[]) => names.map(name => ({ metadata: { name } }));

function counting(): { estimator: Estimator; asked: string[] } {
  const asked: string[] = [];
  const answer = async ({ clusters }: { clusters: readonly { metadata: { name?: string } }[] }) => {
    if (clusters.some(c => c.metadata.name === 'down')) throw new Error('no connection');
    const names = clusters.map(c => c.metadata.name ?? '');
    asked.push(names.join(','));
    return new Map(names.map(name => [name, asked.length]));
  };
  return { estimator: { name: 'e', maxReplicas: answer, maxComponentSets: answer }, asked };
}

describe('recent answers', () => {
  it('serve the same question for a second, and ask only for clusters that are new', async () => {
    const clock = simulatedClock();
    const { estimator, asked } = counting();
    const recent = recentAnswers(estimator, clock);
    const ask = (cpu: string, ...names: string[]) =>
      recent.maxReplicas({ clusters: named(...names), requirements: { resourceRequest: { cpu } } }, signal);
    await ask('1', 'm1');
    await clock.advance(400);
    const second = await ask('1', 'm1', 'm2');
    expect(Object.fromEntries(second)).toEqual({ m1: 1, m2: 2 });
    expect((second as AgedEstimates).oldestMs).toBe(400);
    await ask('2', 'm1');
    await clock.advance(700);
    await ask('1', 'm1');
    expect(asked).toEqual(['m1', 'm2', 'm1', 'm1']);
  });

  it('do not keep errors, sets for replicas, nor what counts promised workloads', async () => {
    const { estimator, asked } = counting();
    const recent = recentAnswers(estimator, simulatedClock());
    await expect(recent.maxReplicas({ clusters: named('m1', 'down') }, signal)).rejects.toThrow('no connection');
    await recent.maxReplicas({ clusters: named('m1') }, signal);
    await recent.maxComponentSets({ clusters: named('m1'), components: [], namespace: 'ns' }, signal);
    const assumed = new Map([['m1', [{ namespace: 'ns' }]]]);
    for (let i = 0; i < 2; i++) await recent.maxReplicas({ clusters: named('m1'), assumed }, signal);
    expect(asked).toHaveLength(4);
  });
});
