import { describe, expect, it } from 'vitest';
import type { Client } from './client.ts';
import { simulatedClock } from './clock.ts';
import { informer } from './informer.ts';
import type { AnyObject } from './object.ts';
import { resource } from './resource.ts';
import { expired, noSuchResource, notFound } from './status-error.ts';

const configMaps = resource({ group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', scope: 'Namespaced' });
const object = (name: string, resourceVersion: string, text = ''): AnyObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'a', name, uid: name, resourceVersion },
  data: { text },
});

/** A server that lists what it is told to list, answers about `there` by name, and ends each watch when asked to. */
function server() {
  const state = { listed: [object('x', '1'), object('y', '2')], there: new Map<string, AnyObject>(), revision: '2', knows: true };
  let forget: () => void = () => undefined;
  const client = {
    list: async () => ({ resourceVersion: state.revision, items: state.listed }),
    get: async (_: unknown, { name }: { name: string }) => {
      if (!state.knows) throw noSuchResource();
      const found = state.there.get(name);
      if (!found) throw notFound({ ...configMaps, name });
      return found;
    },
    watch: async function* () {
      await new Promise<void>(resolve => {
        forget = resolve;
      });
      yield* [];
      throw expired('too old');
    },
  } as unknown as Client;
  const clock = simulatedClock();
  const copy = informer({ client, clock, resource: configMaps });
  const deleted: string[] = [];
  copy.subscribe(({ type, object: { metadata } }) => {
    if (type === 'deleted') deleted.push(metadata.name ?? '');
  });
  void copy.run(new AbortController().signal);
  const relist = async (): Promise<void> => {
    forget();
    await clock.advance(60_000);
  };
  return { state, copy, deleted, clock, relist };
}

describe('an informer whose server lists less than before', () => {
  it('keeps an object that the server still has when asked for it by name', async () => {
    const { state, copy, deleted, clock, relist } = server();
    await clock.advance(1);
    state.listed = [];
    for (const o of [object('x', '1'), object('y', '2')]) state.there.set(o.metadata.name ?? '', o);
    await relist();
    expect(copy.list()).toHaveLength(2);
    expect(deleted).toEqual([]);
  });

  it('drops an object that the server says is not there, and no other', async () => {
    const { state, copy, deleted, clock, relist } = server();
    await clock.advance(1);
    state.listed = [];
    state.there.set('y', object('y', '2'));
    await relist();
    expect(deleted).toEqual(['x']);
    expect(copy.list().map(o => o.metadata.name)).toEqual(['y']);
  });

  it('keeps everything while the server does not know the kind', async () => {
    const { state, copy, deleted, clock, relist } = server();
    await clock.advance(1);
    Object.assign(state, { listed: [], knows: false });
    await relist();
    expect(copy.list()).toHaveLength(2);
    expect(deleted).toEqual([]);
  });

  it('takes another state under a known version after the server went back in time', async () => {
    const { state, copy, clock, relist } = server();
    await clock.advance(1);
    Object.assign(state, { listed: [object('x', '1', 'other'), object('y', '2')], revision: '1' });
    await relist();
    expect(copy.get('a/x')).toMatchObject({ data: { text: 'other' } });
  });
});
