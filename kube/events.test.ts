import { describe, expect, it } from 'vitest';
import type { Client } from './client.ts';
import { simulatedClock } from './clock.ts';
import { eventRecorder } from './events.ts';
import type { AnyObject } from './object.ts';
import { notFound } from './status-error.ts';

const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'ns', name: 'p', uid: 'u' } };

function recorderOver(fail = false) {
  const clock = simulatedClock();
  const stored = new Map<string, AnyObject>();
  const client = {
    create: async (_r: unknown, object: AnyObject) => {
      if (fail) throw new Error('the server is down');
      stored.set(object.metadata.name ?? '', object);
      return object;
    },
    patch: async (_r: unknown, { name }: { name: string }, { body }: { body: object }) => {
      const present = stored.get(name);
      if (!present) throw notFound({ group: '', plural: 'events', name });
      stored.set(name, { ...present, ...body });
      return present;
    },
  } as unknown as Client;
  return { clock, stored, recorder: eventRecorder({ client, clock, component: 'test' }) };
}

describe('the event recorder', () => {
  it('writes an Event into the namespace of its object, and counts repeats', async () => {
    const { stored, recorder } = recorderOver();
    for (let i = 0; i < 3; i++) recorder.event(pod, 'Normal', 'Done', 'it is done');
    await recorder.drained();
    expect([...stored.values()]).toHaveLength(1);
    expect([...stored.values()][0]).toMatchObject({
      metadata: { namespace: 'ns' },
      count: 3,
      message: 'it is done',
      source: { component: 'test' },
    });
  });

  it('puts Events about cluster-wide objects into the default namespace', async () => {
    const { stored, recorder } = recorderOver();
    recorder.event({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } }, 'Warning', 'Bad', 'x');
    await recorder.drained();
    expect([...stored.values()][0]?.metadata.namespace).toBe('default');
  });

  it('combines many different messages with one reason', async () => {
    const { stored, recorder } = recorderOver();
    for (let i = 0; i < 15; i++) recorder.event(pod, 'Normal', 'Changed', `change ${i}`);
    await recorder.drained();
    expect([...stored.values()].some(e => String(e['message']).startsWith('(combined from similar events): '))).toBe(true);
  });

  it('stops an object that says too much, and lets it speak again five minutes later', async () => {
    const { clock, stored, recorder } = recorderOver();
    for (let i = 0; i < 40; i++) recorder.event(pod, 'Normal', `Reason${i}`, 'x');
    await recorder.drained();
    expect(stored.size).toBe(25);
    await clock.advance(300_000);
    recorder.event(pod, 'Normal', 'Later', 'x');
    await recorder.drained();
    expect(stored.size).toBe(26);
  });

  it('writes a new Event where the old one has expired', async () => {
    const { stored, recorder } = recorderOver();
    recorder.event(pod, 'Normal', 'Done', 'x');
    await recorder.drained();
    stored.clear();
    recorder.event(pod, 'Normal', 'Done', 'x');
    await recorder.drained();
    expect([...stored.values()]).toMatchObject([{ count: 1 }]);
  });

  it('never fails its caller', async () => {
    const { recorder } = recorderOver(true);
    recorder.event(pod, 'Normal', 'Done', 'x');
    await expect(recorder.drained()).resolves.toBeUndefined();
  });
});
