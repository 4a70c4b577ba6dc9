// Group F, writes as watchers see them, and many of everything: 105, 106, 110 to 112.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { raw } from '../check.ts';
import { equal, eventually, expect } from '../expect.ts';
import { type Json, ok } from '../http.ts';
import { reflector } from '../reflector.ts';
import { freePort, startServer } from '../server.ts';
import type { RawSession } from '../session.ts';
import { manyWatches } from './many-watches.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';

export const writeChecks = [
  raw('F105', 'a restart: informers go on, with one list at most, and end up with what is stored', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'flotilla-restart-'));
    const port = await freePort();
    let server = await startServer({ dir, port });
    const copy = reflector(server.http, MAPS);
    try {
      for (let i = 0; i < 20; i++) ok(await server.http.send('POST', MAPS, { body: { metadata: { name: `before-${i}` } } }), 201);
      await eventually('20 and the root CA are copied', () => copy.names().filter(n => n.startsWith('before')).length === 20);
      await server.close();
      server = await startServer({ dir, port });
      for (let i = 0; i < 20; i += 2) ok(await server.http.send('DELETE', `${MAPS}/before-${i}`), 200);
      ok(await server.http.send('POST', MAPS, { body: { metadata: { name: 'after' } } }), 201);
      const stored = ok(await server.http.send('GET', MAPS), 200)
        .items.map((i: Json) => i.metadata.name)
        .sort();
      await eventually('the copy is what is stored', () => JSON.stringify(copy.names()) === JSON.stringify(stored), {
        last: () => copy.names(),
      });
      expect(copy.lists() <= 2, 'it listed more than once again', copy.lists());
      expect(
        copy.versions.every((v, i) => i === 0 || v >= (copy.versions[i - 1] ?? 0)),
        'versions went back',
        copy.versions,
      );
    } finally {
      copy.stop();
      await server.close();
      rmSync(dir, { recursive: true, force: true });
    }
  }),
  raw('F106', '1,000 watches under 100 writes a second; a stuck reader is cut off', async t => {
    const { p99Ms, missed, stuckCut } = await manyWatches(t, { watches: 1000, writes: 300, perSecond: 100 });
    equal(missed, 0, 'events that did not arrive');
    expect(p99Ms < 1000, 'p99 of the latency is above 1 s', p99Ms);
    expect(stuckCut, 'the stuck reader was not cut off');
  }),
  raw('F110', '20 writers of one object: one wins each round', async t => {
    await t.configMap('a', { n: '0' });
    for (let round = 0; round < 5; round++) {
      const seen = await t.get(t.core('configmaps', 'a'));
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, i) => t.send('PUT', t.core('configmaps', 'a'), { body: { ...seen, data: { n: `${round}-${i}` } } })),
      );
      equal(answers.map(a => a.status).sort(), [200, ...Array(19).fill(409)], `round ${round}`);
    }
    await Promise.all(Array.from({ length: 20 }, () => increment(t)));
    equal((await t.get(t.core('configmaps', 'a'))).data.count, '20', 'with retries');
  }),
  raw('F111', 'what changes nothing is no event', async t => {
    const made = await t.configMap('a');
    const watching = await t.watch(t.core('configmaps', '', `watch=1&resourceVersion=${made.metadata.resourceVersion}`));
    equal((await t.put(t.core('configmaps', 'a'), made)).metadata.resourceVersion, made.metadata.resourceVersion, 'after PUT');
    for (const type of ['merge-patch+json', 'strategic-merge-patch+json'] as const) {
      const { metadata } = ok(await t.patch(t.core('configmaps', 'a'), type, '{"data":{"k":"v"}}'));
      equal(metadata.resourceVersion, made.metadata.resourceVersion, `after ${type}`);
    }
    await t.configMap('end');
    await watching.until('the end', f => f.object.metadata.name === 'end');
    equal(watching.story(), ['ADDED end'], 'events');
    watching.close();
  }),
  raw('F111', 'applying the same twice is no event', async t => {
    const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { k: 'v' } });
    const apply = async (): Promise<Json> => ok(await t.patch(t.core('configmaps', 'a', 'fieldManager=m'), 'apply-patch+yaml', body));
    const first = await apply();
    equal((await apply()).metadata.resourceVersion, first.metadata.resourceVersion, 'resourceVersion');
  }),
  raw('F112', 'a dry run is no event', async t => {
    const made = await t.configMap('a');
    const watching = await t.watch(t.core('configmaps', '', `watch=1&resourceVersion=${made.metadata.resourceVersion}`));
    ok(await t.send('POST', t.core('configmaps', '', 'dryRun=All'), { body: { metadata: { name: 'b' } } }), 201);
    ok(await t.send('PUT', t.core('configmaps', 'a', 'dryRun=All'), { body: { ...made, data: { k: 'w' } } }), 200);
    ok(await t.send('DELETE', t.core('configmaps', 'a', 'dryRun=All')), 200);
    ok(await t.send('DELETE', t.core('configmaps', '', 'dryRun=All')), 200);
    await t.configMap('end');
    await watching.until('the end', f => f.object.metadata.name === 'end');
    equal(watching.story(), ['ADDED end'], 'events');
    watching.close();
  }),
];

/** RetryOnConflict: read, add one, write; again on 409. */
async function increment(t: RawSession): Promise<void> {
  for (;;) {
    const seen = await t.get(t.core('configmaps', 'a'));
    const count = String(Number(seen.data.count ?? 0) + 1);
    const answer = await t.send('PUT', t.core('configmaps', 'a'), { body: { ...seen, data: { ...seen.data, count } } });
    if (answer.status === 200) return;
    expect(answer.status === 409, 'neither taken nor a conflict', answer.text);
  }
}
