// Group F, lists: 98 to 100.
import { apart, kubectl, raw } from '../check.ts';
import { equal, expect } from '../expect.ts';
import { type Http, type Json, ok, status } from '../http.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';

/** Makes config maps `m-0000` …, many at a time. */
export async function fill(http: Http, path: string, count: number, more: object = {}): Promise<void> {
  const names = Array.from({ length: count }, (_, i) => `m-${String(i).padStart(4, '0')}`);
  const worker = async (): Promise<void> => {
    for (let name = names.shift(); name; name = names.shift())
      ok(await http.send('POST', path, { body: { metadata: { name }, ...more } }), 201);
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}

export const listChecks = [
  kubectl('F98', 'get in chunks', async t => {
    await fill(t.http, t.core('configmaps'), 700);
    const names = (await t.k`get cm --chunk-size=100 -o name`).trim().split('\n');
    equal([names.length, new Set(names).size], [700, 700], 'names');
    equal((await t.k`get cm --chunk-size=100 --no-headers`).trim().split('\n').length, 700, 'lines of the table');
  }),
  raw('F98', 'pages of 5,000 objects are one snapshot under 500 writes a second', async t => {
    await fill(t.http, t.core('configmaps'), 5000);
    let writing = true;
    const writer = async (n: number): Promise<void> => {
      for (let i = 0; writing; i++) {
        const name = `m-${String((i * 8 + n) % 5000).padStart(4, '0')}`;
        if (i % 3 === 0) await t.send('DELETE', t.core('configmaps', name));
        else await t.send('POST', t.core('configmaps'), { body: { metadata: { name: `new-${n}-${i}` } } });
      }
    };
    const writers = Array.from({ length: 8 }, (_, n) => writer(n));
    const before = await t.get(t.core('configmaps'));
    const at = before.metadata.resourceVersion;
    const first = await t.get(t.core('configmaps', '', `limit=500&resourceVersion=${at}&resourceVersionMatch=Exact`));
    const rest = await pagesFrom(t.http, t.core('configmaps'), first);
    writing = false;
    await Promise.all(writers);
    const wanted = before.items.map((i: Json) => i.metadata.name);
    equal(rest.names.length, wanted.length, 'how many');
    equal(rest.names, wanted, 'names');
    equal([...new Set(rest.versions)], [at], 'resourceVersions of the pages');
  }),
  apart('F99', 'a page after compaction: 410 with a token to go on with', async t => {
    await fill(t.http, MAPS, 30);
    const first = ok(await t.http.send('GET', `${MAPS}?limit=10`), 200);
    ok(await t.http.send('POST', MAPS, { body: { metadata: { name: 'z' } } }), 201);
    await forget(t);
    const gone = status(await t.http.send('GET', `${MAPS}?limit=10&continue=${first.metadata.continue}`), 410, 'Expired');
    expect(gone.metadata.continue, 'no token in the refusal', gone);
    const rest = ok(await t.http.send('GET', `${MAPS}?continue=${gone.metadata.continue}`), 200);
    // 20 of the first list and the one made after it.
    equal(rest.items.length, 21, 'the rest, inconsistent');
  }),
  apart('F100', 'exact and future versions', async t => {
    const old = ok(await t.http.send('GET', MAPS), 200).metadata.resourceVersion;
    await fill(t.http, MAPS, 5);
    equal(ok(await t.http.send('GET', `${MAPS}?resourceVersion=${old}&resourceVersionMatch=Exact`), 200).items.length, 0, 'the old state');
    await forget(t);
    status(await t.http.send('GET', `${MAPS}?resourceVersion=${old}&resourceVersionMatch=Exact`), 410, 'Expired');
    const began = performance.now();
    const late = await t.http.send('GET', `${MAPS}?resourceVersion=1000000&resourceVersionMatch=NotOlderThan`);
    expect(performance.now() - began < 4000, 'it waited longer than 4 s');
    equal(status(late, 504, 'Timeout').details.causes[0].reason, 'ResourceVersionTooLarge', 'cause');
    equal(late.headers['retry-after'], '1', 'Retry-After');
  }),
];

async function pagesFrom(http: Http, path: string, first: Json): Promise<{ names: string[]; versions: string[] }> {
  const names: string[] = first.items.map((i: Json) => i.metadata.name);
  const versions: string[] = [first.metadata.resourceVersion];
  for (let token = first.metadata.continue; token; ) {
    const page = ok(await http.send('GET', `${path}?limit=500&continue=${token}`), 200);
    names.push(...page.items.map((i: Json) => i.metadata.name as string));
    versions.push(page.metadata.resourceVersion);
    token = page.metadata.continue;
  }
  return { names, versions };
}

/** Compacts the log and lets the history of watches run out. */
export async function forget(t: { readonly server: Forgetful; advance(ms: number): void; readonly http: Http }): Promise<void> {
  const { cache } = t.server.core.plane;
  t.advance(11 * 60_000);
  ok(await t.http.send('POST', MAPS, { body: { metadata: { generateName: 'later-' } } }), 201);
  await cache.store.compact(cache.store.revision - 1);
}

interface Forgetful {
  readonly core: {
    readonly plane: { readonly cache: { readonly store: { readonly revision: number; compact(revision: number): Promise<void> } } };
  };
}
