// Group F, watches: 101 to 109.

import { sleep, systemClock } from '../../../kube/index.ts';
import { apart, kubectl, raw } from '../check.ts';
import { equal, eventually, expect, matches } from '../expect.ts';
import { type Frame, type Json, ok, status } from '../http.ts';
import { reflector } from '../reflector.ts';
import { fill, forget } from './f-lists.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const TABLE = { headers: { Accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' } };
const PARTIAL = { headers: { Accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json' } };
const named = (type: string, name: string) => (f: Frame) => f.type === type && f.object.metadata?.name === name;

export const watchChecks = [
  apart('F101', 'a watch from a compacted version: 410, and one relist', async t => {
    const { resourceVersion } = ok(await t.http.send('GET', MAPS), 200).metadata;
    await fill(t.http, MAPS, 3);
    await forget(t);
    const watching = await t.http.watch(`${MAPS}?watch=1&resourceVersion=${resourceVersion}`);
    const { object } = await watching.until('ERROR', f => f.type === 'ERROR');
    equal([watching.status, object.code, object.reason], [200, 410, 'Expired'], 'the error');
    matches(object.message, /^too old resource version: \d+ \(\d+\)$/, 'message');
    expect(await watching.ended, 'the stream did not end cleanly');
    const copy = reflector(t.http, MAPS, { from: resourceVersion });
    const there = ok(await t.http.send('GET', MAPS), 200).items.length;
    await eventually('the copy is whole', () => copy.names().length === there);
    await sleep(systemClock, 500);
    equal(copy.lists(), 1, 'relists');
    copy.stop();
  }),
  apart('F102', 'an idle watch is told the version; from there nothing is repeated', async t => {
    await fill(t.http, MAPS, 2);
    const { resourceVersion } = ok(await t.http.send('GET', MAPS), 200).metadata;
    const watching = await t.http.watch(`${MAPS}?watch=1&allowWatchBookmarks=true&resourceVersion=${resourceVersion}`);
    ok(await t.http.send('POST', '/api/v1/namespaces/default/secrets', { body: { metadata: { name: 's' } } }), 201);
    t.advance(120_000);
    const { object } = await watching.until('BOOKMARK', f => f.type === 'BOOKMARK');
    equal([object.kind, object.apiVersion], ['ConfigMap', 'v1'], 'kind of the bookmark');
    expect(Number(object.metadata.resourceVersion) > Number(resourceVersion), 'the version is not newer', object);
    watching.close();
    const again = await t.http.watch(`${MAPS}?watch=1&resourceVersion=${object.metadata.resourceVersion}`);
    ok(await t.http.send('POST', MAPS, { body: { metadata: { name: 'next' } } }), 201);
    await again.until('next', named('ADDED', 'next'));
    equal(again.story(), ['ADDED next'], 'events');
    again.close();
  }),
  raw('F103', 'initial events, their end, then what happens (as client-go 0.35)', async t => {
    await fill(t.http, t.core('configmaps'), 5);
    const query = 'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const watching = await t.watch(t.core('configmaps', '', query));
    const end = await watching.until(
      'the end of what was there',
      f => f.object.metadata.annotations?.['k8s.io/initial-events-end'] === 'true',
    );
    equal(end.type, 'BOOKMARK', 'type');
    equal(watching.story().length, 5, 'ADDED before it');
    await t.configMap('live');
    await watching.until('a live event', named('ADDED', 'live'));
    watching.close();
    status(await t.send('GET', t.core('configmaps', '', 'watch=true&sendInitialEvents=true&allowWatchBookmarks=true')), 422, 'Invalid');
    status(await t.send('GET', t.core('configmaps', '', 'watch=true&resourceVersionMatch=NotOlderThan')), 422, 'Invalid');
    status(await t.send('GET', t.core('configmaps', '', 'watch=true&sendInitialEvents=true&resourceVersionMatch=Exact')), 422, 'Invalid');
    const table = await t.watch(t.core('configmaps', '', query), TABLE);
    await table.until(
      'the end as a Table',
      f => f.object.kind === 'Table' && f.object.rows[0]?.object?.metadata?.annotations?.['k8s.io/initial-events-end'] === 'true',
    );
    table.close();
  }),
  kubectl('F103', 'wait and rollout status read initial events', async t => {
    await t.k`run p --image=x`;
    const pod = await t.json`get pod p`;
    const waiting = t.starts`wait --for=condition=Ready pod/p --timeout=20s`;
    const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
    await t.put(t.core('pods', 'p/status'), { ...pod, status });
    equal(await waiting.ended, 0, `exit status (${waiting.out()})`);
  }),
  raw('F104', 'timeoutSeconds ends a watch cleanly; it goes on from the last version', async t => {
    const { resourceVersion } = (await t.get(t.core('configmaps'))).metadata;
    const began = performance.now();
    const watching = await t.watch(
      t.core('configmaps', '', `watch=1&resourceVersion=${resourceVersion}&timeoutSeconds=2&allowWatchBookmarks=true`),
    );
    const made = await t.configMap('a');
    expect(await watching.ended, 'the stream was cut');
    const seconds = (performance.now() - began) / 1000;
    expect(seconds > 1.5 && seconds < 5, 'it did not end after 2 s', seconds);
    equal(watching.story(), ['ADDED a'], 'events');
    const again = await t.watch(t.core('configmaps', '', `watch=1&resourceVersion=${made.metadata.resourceVersion}&timeoutSeconds=1`));
    await again.ended;
    equal(again.story(), [], 'nothing is repeated');
  }),
  apart('F104', 'a bookmark comes before the end of a watch', async t => {
    const watching = await t.http.watch(
      `${MAPS}?watch=1&timeoutSeconds=30&allowWatchBookmarks=true&resourceVersion=${ok(await t.http.send('GET', MAPS), 200).metadata.resourceVersion}`,
    );
    t.advance(29_000);
    await watching.until('BOOKMARK', f => f.type === 'BOOKMARK');
    t.advance(2000);
    expect(await watching.ended, 'the stream was cut');
  }),
  raw('F107', 'labels come and go', async t => {
    const { resourceVersion } = (await t.get(t.core('configmaps'))).metadata;
    const watching = await t.watch(t.core('configmaps', '', `watch=1&labelSelector=a%3Db&resourceVersion=${resourceVersion}`));
    const label = (value: string | null) =>
      t.patch(t.core('configmaps', 'm'), 'merge-patch+json', JSON.stringify({ metadata: { labels: { a: value } } }));
    await t.configMap('m');
    ok(await label('b'));
    const out = ok(await label('c'));
    ok(await label('b'));
    await watching.until('the second time', f => f.type === 'ADDED' && f !== watching.frames[0]);
    equal(watching.story(), ['ADDED m', 'DELETED m', 'ADDED m'], 'events');
    const gone: Json = watching.frames[1]?.object;
    equal([gone.metadata.labels, gone.metadata.resourceVersion], [{ a: 'b' }, out.metadata.resourceVersion], 'the object of DELETED');
    watching.close();
  }),
  raw('F108', 'watches of Tables and of metadata', async t => {
    const { resourceVersion } = (await t.get(t.core('configmaps'))).metadata;
    const tables = await t.watch(t.core('configmaps', '', `watch=1&resourceVersion=${resourceVersion}`), TABLE);
    const partial = await t.watch(t.core('configmaps', '', `watch=1&resourceVersion=${resourceVersion}`), PARTIAL);
    await t.configMap('a');
    await t.configMap('b');
    await tables.until('the second row', f => f.object.rows?.[0]?.cells[0] === 'b');
    const [first, second] = tables.frames;
    equal(
      [first?.object.kind, first?.object.columnDefinitions.length > 0, second?.object.columnDefinitions ?? null],
      ['Table', true, null],
      'columns',
    );
    const { object } = await partial.until('b', f => f.object.metadata.name === 'b');
    equal([object.kind, object.apiVersion, object.data], ['PartialObjectMetadata', 'meta.k8s.io/v1', undefined], 'metadata only');
    tables.close();
    partial.close();
  }),
  raw('F109', 'versions only rise', async t => {
    const { resourceVersion } = (await t.get(t.core('configmaps'))).metadata;
    const watching = await t.watch(t.core('configmaps', '', `watch=1&resourceVersion=${resourceVersion}`));
    await fill(t.http, t.core('configmaps'), 100);
    await eventually('100 events', () => watching.frames.length === 100);
    const versions = watching.frames.map(f => Number(f.object.metadata.resourceVersion));
    expect(
      versions.every((v, i) => i === 0 || v > (versions[i - 1] ?? 0)),
      'they do not rise',
      versions,
    );
    const list = await t.get(t.core('configmaps'));
    expect(
      list.items.every((i: Json) => Number(i.metadata.resourceVersion) <= Number(list.metadata.resourceVersion)),
      'an item is newer than its list',
    );
    watching.close();
  }),
];
